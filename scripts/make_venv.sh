#!/bin/sh
# Makes .venv and installs requirements.txt into it; with the word "dev",
# requirements-dev.txt. Does nothing where that was done before.
set -eu
cd "$(dirname "$0")/.."

list=requirements${1:+-$1}.txt
installed=.venv/installed-$list # a copy of the list, made when all of it was in
unfinished=.venv-unfinished     # there while .venv cannot be trusted

is_new_enough() {
    "$@" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

works() {
    is_new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1
}

# A name on PATH may be a shim with nothing behind it, so look behind the shims too.
pythons() {
    for name in python3.13 python3.12 python3.14 python3 python; do
        command -v "$name" || :
    done
    for path in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3; do
        if [ -x "$path" ]; then echo "$path"; fi
    done
}

uv_venv() {
    uv venv --no-project --no-config --clear --seed "$@" .venv
}

# Debian's python3 has no ensurepip without python3-venv; virtualenv and uv need none.
make_with() {
    "$1" -m venv --clear .venv ||
        "$1" -m virtualenv --clear .venv ||
        virtualenv --clear --python "$1" .venv ||
        uv_venv --python "$1"
}

make_venv() {
    found=
    for python in $(pythons); do
        is_new_enough "$python" || continue
        found=$python
        make_with "$python" >/dev/null 2>&1 || continue
        if works; then return; fi
    done
    if command -v uv >/dev/null; then
        # One that uv has already, else one that it fetches.
        uv_venv --python '>=3.12' --no-python-downloads >/dev/null 2>&1 ||
            uv_venv --python 3.13 >&2 || :
        if works; then return; fi
    fi
    if [ -n "$found" ]; then
        echo "$found cannot make a virtual environment: install its venv module" \
            "(on Debian and Ubuntu: apt install python3-venv) or uv, then try again." >&2
    else
        echo "No Python 3.12 or newer was found: install Python 3.13, or uv," \
            "which fetches its own, then try again." >&2
    fi
    exit 1
}

export PIP_DISABLE_PIP_VERSION_CHECK=1
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}" # behind a private certificate authority

if [ ! -e "$unfinished" ] && works; then
    if cmp -s "$list" "$installed"; then exit; fi
    : >"$unfinished"
else
    echo "Making .venv" >&2
    : >"$unfinished"
    make_venv
fi

echo "Installing $list" >&2
.venv/bin/python -m pip install -qq --require-hashes -r "$list"
cp "$list" "$installed"
# The longer list holds the shorter one, pin for pin.
if [ "$list" = requirements-dev.txt ]; then
    cp requirements.txt .venv/installed-requirements.txt
fi
rm "$unfinished"
