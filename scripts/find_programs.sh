#!/bin/sh
# Makes sure that what the tests need beside Chromium is there, or says what to install:
# a text browser, fonts for every script, what WeasyPrint draws with, Java, in which the
# checker of EPUB books runs, a spreadsheet program, and what checks and serves ZIM.
set -eu

# Each package that is not there, by its name in Debian.
missing() {
    command -v w3m >/dev/null 2>&1 || echo w3m
    command -v soffice >/dev/null 2>&1 || echo libreoffice-calc-nogui
    command -v zimcheck >/dev/null 2>&1 || echo zim-tools
    command -v kiwix-serve >/dev/null 2>&1 || echo kiwix-tools
    command -v java >/dev/null 2>&1 && java -version >/dev/null 2>&1 || echo default-jre-headless
    command -v fc-list >/dev/null 2>&1 || echo fontconfig
    for language in ar hy my ne; do
        [ -n "$(fc-list ":lang=$language" family 2>/dev/null)" ] || { echo fonts-noto-core; break; }
    done
    .venv/bin/python -c "import weasyprint" >/dev/null 2>&1 || echo libpangoft2-1.0-0
}

cd "$(dirname "$0")/.."
packages=$(missing)
[ -n "$packages" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing" $packages >&2
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages; } >/dev/null 2>&1 || true
fi
packages=$(missing)
if [ -n "$packages" ]; then
    echo "The tests need more programs. Their packages in Debian are:" $packages >&2
    exit 1
fi
