"""Bring the database and the static files up to date, for `make run`.

One process for all of it, since starting Django is most of the work.
"""

import hashlib
import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# With more, making the offline edition would keep whoever starts the site waiting.
MOST_CASES = 200
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.finders import get_finders  # noqa: E402
from django.core.management import CommandError, call_command  # noqa: E402


def refuse_taken_port(port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(f"Port {port}: {error.strerror}. Try: make run PORT={port + 1}")


def static_state() -> str:
    """Tell the static files we have now from those of any other time."""
    state = hashlib.sha256(repr((settings.STATIC_ROOT, settings.STORAGES)).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = Path(storage.path(path)).stat()
            state.update(f"{path} {file.st_size} {file.st_mtime_ns}\n".encode())
    return state.hexdigest()


def collect_static() -> None:
    collected = ROOT / "var/static-state"
    state = static_state()
    there = Path(settings.STATIC_ROOT).exists() and collected.exists()
    if there and collected.read_text() == state:
        return
    collected.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    collected.write_text(state)


def make_edition() -> None:
    """Let the pages that are read without a network be there from the start."""
    from cases.models import Case

    if Case.objects.published().count() <= MOST_CASES:
        call_command("build_offline", if_stale=True, verbosity=0)


def main() -> None:
    port = os.environ.get("PORT", "8000")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        sys.exit(
            f"Port {port}: give a number from 1 to 65535, as in make run PORT=8001"
        )
    refuse_taken_port(int(port))
    django.setup()
    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_kb")
        if settings.DEMO:
            call_command("make_demo")
        collect_static()
        make_edition()
    except CommandError as error:
        sys.exit(f"CommandError: {error}")


if __name__ == "__main__":
    main()
