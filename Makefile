# Everything a person does here by hand: make help

PORT ?= 8000
ARGS ?=
SIZE ?=

.PHONY: help run test bench lint format requirements clean

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

run: ## Serve the knowledge base on this machine (PORT=8000)
	@scripts/make_venv.sh
	@PORT=$(PORT) scripts/dev_env.sh python scripts/prepare.py
	@PORT=$(PORT) scripts/dev_env.sh python scripts/server.py

test: ## Run the tests on SQLite and on PostgreSQL (ARGS="-k words")
	@scripts/make_venv.sh dev
	@scripts/dev_env.sh scripts/test.sh $(ARGS)

bench: ## Measure how fast it is, on made-up cases (SIZE=1m for a million)
	@scripts/make_venv.sh dev
	@scripts/dev_env.sh python scripts/bench.py $(SIZE)

lint: ## Check style, imports, migrations and settings
	@scripts/make_venv.sh dev
	@scripts/dev_env.sh scripts/lint.sh

format: ## Put code and templates into their style
	@scripts/make_venv.sh dev
	@scripts/dev_env.sh scripts/format.sh

requirements: ## Pin what pyproject.toml asks for (ARGS=--upgrade for newer ones)
	@scripts/make_venv.sh dev
	@scripts/dev_env.sh scripts/pin_requirements.sh $(ARGS)

clean: ## Remove .venv and var, with the database in it
	rm -rf .venv .venv-unfinished var
