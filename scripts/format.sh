#!/bin/sh
# Puts Python and templates into their style; with the word "check", only tells
# what is not.
set -eu
cd "$(dirname "$0")/.."

templates() {
    find . \( -path ./.venv -o -path ./var \) -prune -o \
        -path '*/templates/*' -type f -exec djade "$@" {} +
}

if [ "${1:-}" = check ]; then
    ruff format --check .
    templates --check
else
    ruff check --fix-only --quiet .
    ruff format .
    templates || : # it answers 1 when it wrote something
fi
