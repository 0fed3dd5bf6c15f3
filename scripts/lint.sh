#!/bin/sh
# Checks everything that needs no test: style, imports, migrations, Django's own checks.
# All of it runs, so that one call tells every complaint.
set -eu
cd "$(dirname "$0")/.."

export DATABASE_URL=sqlite://:memory:
failed=

check() {
    echo "— $*"
    "$@" || failed=1
}

production() {
    env -u INSECURE_HTTP ALLOWED_HOSTS=example.org \
        SECURITY_CONTACT=mailto:security@example.org MAIL_URL=smtp://mail.example.org \
        SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" "$@"
}

check scripts/format.sh check
check ruff check .
check lint-imports --no-logo
check python manage.py makemigrations --check --dry-run
check python manage.py check --fail-level WARNING
check production python manage.py check --deploy --fail-level WARNING

if [ -n "$failed" ]; then exit 1; fi
