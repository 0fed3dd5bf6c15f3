#!/bin/sh
# Runs Lighthouse (mobile) on four pages of a server that `make run` started, and prints
# the four scores of each. By hand, since it needs Node and npm: scripts/lighthouse.sh [address]
set -eu
cd "$(dirname "$0")/.."
site=${1:-http://127.0.0.1:8000}
CHROME_PATH=$(scripts/find_chromium.sh)
export CHROME_PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-save --prefix "$work" lighthouse@12.8.2 >/dev/null

# A browser that was slow to start is no verdict: three tries a page.
measure() {
    for _try in 1 2 3; do
        "$@" 2>"$work/error" && return
    done
    cat "$work/error" >&2
    return 1
}

for page in / /cases/ /cases/armenia-society-without-violence/ /matrix/; do
    measure "$work/node_modules/.bin/lighthouse" "$site$page" --quiet --output=json \
        --output-path="$work/report.json" \
        --chrome-flags="--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
    PAGE=$page node -e '
        const { categories } = JSON.parse(require("fs").readFileSync(process.argv[1]));
        const scores = Object.values(categories).map((c) => `${c.id} ${Math.round(c.score * 100)}`);
        console.log(process.env.PAGE, scores.join(", "));
    ' "$work/report.json"
done
