"""Serve the knowledge base, for `make run` and for production behind a proxy.

    PORT=8000 python scripts/server.py

It sweeps before it serves anything, and does not start if that fails. It logs errors
of its own and nothing else: no address, no page, no search. Ctrl-C ends it.
"""

import os
import subprocess
import sys
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
THREADS = 4  # in each: a page that waits for the database holds up no other
HEADERS = 16_384  # bytes of a request before its body
STOPPING = 10  # seconds in which pages that were begun are sent


def sweep() -> None:
    """Take back what may not be seen: the database may be an old copy."""
    swept = subprocess.run(
        [sys.executable, ROOT / "manage.py", "sweep", "-v0", "--all"]
    )
    if swept.returncode:
        sys.exit("Not serving: manage.py sweep failed.")


def serve(application: str) -> None:
    """Answer on this machine alone, until told to end."""
    port = int(os.environ.get("PORT", "8000"))
    server = Granian(
        application,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=HEADERS),
        websockets=False,
        workers=WORKERS,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=STOPPING,
        working_dir=ROOT,
    )
    server.on_startup(
        lambda: print(f"Serving http://127.0.0.1:{port} — stop with Ctrl-C", flush=True)
    )
    server.serve()


if __name__ == "__main__":
    sweep()
    serve("kb.wsgi:application")
