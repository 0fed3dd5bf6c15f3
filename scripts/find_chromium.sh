#!/bin/sh
# Prints the path of a Chromium that runs, and installs one where there is none.
set -eu
cd "$(dirname "$0")/.."

# A program that is there may still be a stub that only says how to get the real one.
runs() { [ -x "$1" ] && "$1" --version >/dev/null 2>&1; }

of_playwright() {
    .venv/bin/python -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)' 2>/dev/null
}

find_one() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        path=$(command -v "$name") && runs "$path" && echo "$path" && return
    done
    for path in \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    do
        runs "$path" && echo "$path" && return
    done
    path=$(of_playwright) && runs "$path" && echo "$path"
}

install_with_apt() {
    [ "$(id -u)" = 0 ] && command -v apt-get || return
    export DEBIAN_FRONTEND=noninteractive
    apt-get update && apt-get install -y --no-install-recommends chromium
}

if [ -n "${CHROMIUM:-}" ]; then
    if runs "$CHROMIUM"; then echo "$CHROMIUM"; exit; fi
    echo "CHROMIUM names $CHROMIUM, which does not run." >&2
    exit 1
fi
find_one && exit
echo "Installing Chromium" >&2
install_with_apt >/dev/null 2>&1 && find_one && exit
.venv/bin/playwright install chromium >&2 && find_one && exit
echo "The browser tests need Chromium: install it, or name it in CHROMIUM." >&2
exit 1
