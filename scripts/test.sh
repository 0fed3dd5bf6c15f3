#!/bin/sh
# Runs the tests on SQLite, then all but the browser's on PostgreSQL.
# Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."

CHROMIUM=$(scripts/find_chromium.sh)
export CHROMIUM
scripts/find_w3m.sh

echo "On SQLite"
DATABASE_URL=sqlite://:memory: KB_EXPECT_DB=sqlite pytest "$@"

echo "On PostgreSQL"
status=0
KB_EXPECT_DB=postgresql python scripts/with_postgres.py \
    pytest -m "not browser" "$@" || status=$?
# 5 is "no tests": no fault where only browser tests were asked for.
if [ "$status" = 5 ] && [ $# -gt 0 ]; then status=0; fi
exit "$status"
