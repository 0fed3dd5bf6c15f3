#!/bin/sh
# Runs the tests on SQLite, on PostgreSQL and in a browser, all three at the same time.
# Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."

CHROMIUM=$(scripts/find_chromium.sh)
export CHROMIUM
scripts/find_w3m.sh

told=$(mktemp -d)
trap 'rm -rf "$told"' EXIT
# A program in the background does not hear Ctrl-C: end all that was started here.
trap 'trap - TERM; kill 0' INT TERM

# 5 is "no tests": no fault where only some were asked for, of which this lane has none.
lane() {
    status=0
    "$@" || status=$?
    if [ "$status" = 5 ] && [ "$asked" != 0 ]; then return 0; fi
    return "$status"
}
on_sqlite() { lane env DATABASE_URL=sqlite://:memory: KB_EXPECT_DB=sqlite pytest "$@"; }
on_postgresql() {
    lane env KB_EXPECT_DB=postgresql python scripts/with_postgres.py pytest "$@"
}
asked=$#
failed=

on_postgresql -m "not browser and not once" "$@" >"$told/postgresql" 2>&1 &
postgresql=$!
on_sqlite -m browser "$@" >"$told/browser" 2>&1 &
browser=$!
echo "On SQLite; the others are told of when all are done"
on_sqlite -m "not browser" "$@" || failed=1
wait "$browser" || failed=1
wait "$postgresql" || failed=1
echo "In a browser"
cat "$told/browser"
echo "On PostgreSQL"
cat "$told/postgresql"
[ -z "$failed" ]
