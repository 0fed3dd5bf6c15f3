#!/bin/sh
# Makes sure that the text browser of the tests is there, or says how to install it.
set -eu

if command -v w3m >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends w3m; } >&2
fi
if ! command -v w3m >/dev/null 2>&1; then
    echo "The tests need the text browser w3m: install the package “w3m”." >&2
    exit 1
fi
