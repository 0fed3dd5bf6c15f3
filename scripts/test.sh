#!/bin/sh
# Runs the tests on SQLite, and all but the browser’s on PostgreSQL at the same time;
# those in a browser are shared out so that both are done together.
# Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."

CHROMIUM=$(scripts/find_chromium.sh)
export CHROMIUM
scripts/find_programs.sh

told=$(mktemp)
trap 'rm -f "$told"' EXIT
# A program in the background does not hear Ctrl-C: end all that was started here.
trap 'trap - TERM; kill 0' INT TERM

# 5 is "no tests": no fault where only some were asked for.
lane() {
    status=0
    "$@" || status=$?
    if [ "$status" != 5 ] || [ "$asked" = 0 ]; then return "$status"; fi
}
asked=$#

on_postgresql() {
    lane env KB_EXPECT_DB=postgresql python scripts/with_postgres.py pytest "$@"
}
on_sqlite() { lane env DATABASE_URL=sqlite://:memory: KB_EXPECT_DB=sqlite pytest "$@"; }
second() {
    failed=
    echo "On PostgreSQL"
    on_postgresql -m "not browser and not once" "$@" || failed=1
    echo "In a browser, what is left"
    on_sqlite -m "browser and not first" "$@" || failed=1
    [ -z "$failed" ]
}

second "$@" >"$told" 2>&1 &
other=$!

failed=
echo "On SQLite, and partly in a browser; the rest is told of when all is done"
on_sqlite -m "not browser or first" "$@" || failed=1
wait "$other" || failed=1
cat "$told"
[ -z "$failed" ]
