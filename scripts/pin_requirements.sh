#!/bin/sh
# Writes requirements*.txt: every package that pyproject.toml asks for, and what those
# need, with the hashes of all their files. Arguments go to uv.
set -eu
cd "$(dirname "$0")/.."

# Only the public registry's own files, so that the hashes fit on any machine.
unset UV_FIND_LINKS UV_INDEX UV_EXTRA_INDEX_URL
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"

compile() {
    uv pip compile --quiet --no-config --universal --python-version 3.12 \
        --generate-hashes --no-emit-index-url \
        --custom-compile-command "make requirements" "$@"
}

compile "$@" pyproject.toml --output-file requirements.txt >/dev/null
compile "$@" pyproject.toml --all-extras --constraints requirements.txt \
    --output-file requirements-extras.txt >/dev/null
compile "$@" pyproject.toml --all-extras --group dev --constraints requirements.txt \
    --output-file requirements-dev.txt >/dev/null
# Apart from the others: nothing of it may get into their environment.
compile "$@" --group pyproject.toml:bench \
    --output-file requirements-bench.txt >/dev/null
