#!/bin/sh
# Runs a command with the settings of a development machine and .venv's programs:
#     scripts/dev_env.sh ./manage.py shell
# What is set already stays. The database is var/kb.sqlite3 unless DATABASE_URL names one.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

mkdir -p "$root/var"
if [ -z "${SECRET_KEY:-}" ]; then
    key=$root/var/secret_key
    if [ ! -s "$key" ]; then
        (
            umask 077
            "$root/.venv/bin/python" -c \
                'import secrets; print(secrets.token_urlsafe(64))' >"$key.$$"
        )
        mv "$key.$$" "$key"
    fi
    SECRET_KEY=$(cat "$key")
fi
export SECRET_KEY
export ALLOWED_HOSTS="${ALLOWED_HOSTS:-127.0.0.1,localhost}"
export INSECURE_HTTP="${INSECURE_HTTP:-1}"
export PATH="$root/.venv/bin:$PATH"

exec "$@"
