#!/bin/sh
# Runs the tests on SQLite, and all but the browser’s on PostgreSQL at the same time.
# Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."

CHROMIUM=$(scripts/find_chromium.sh)
export CHROMIUM
scripts/find_w3m.sh

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

lane env KB_EXPECT_DB=postgresql python scripts/with_postgres.py \
    pytest -m "not browser and not once" "$@" >"$told" 2>&1 &
other=$!

failed=
echo "On SQLite, and in a browser; PostgreSQL is told of when both are done"
lane env DATABASE_URL=sqlite://:memory: KB_EXPECT_DB=sqlite pytest "$@" || failed=1
wait "$other" || failed=1
echo "On PostgreSQL"
cat "$told"
[ -z "$failed" ]
