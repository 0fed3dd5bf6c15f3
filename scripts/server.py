"""Settings of gunicorn, for `make run` and for production: behind a proxy, and silent.

It logs errors of its own and nothing else: no address, no page, no search.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 4
loglevel = "error"  # a warning would quote the request
limit_request_line = 8190
# A proxy says who asked over HTTPS; where there is none, nobody is believed.
forwarded_allow_ips = "127.0.0.1" if os.environ.get("BEHIND_PROXY") == "1" else ""
control_socket_disable = True


def on_starting(server):
    """Serve nothing before the sweep: the database may be an old copy."""
    swept = subprocess.run([sys.executable, ROOT / "manage.py", "sweep", "-v0"])
    if swept.returncode:
        sys.exit("Not serving: manage.py sweep failed.")


def when_ready(server):
    print(f"Serving http://{bind} — stop with Ctrl-C", flush=True)
