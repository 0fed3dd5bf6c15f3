"""Settings of gunicorn for `make run`: this machine only, and quiet."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 4
loglevel = "warning"
control_socket_disable = True


def when_ready(server):
    print(f"Serving http://{bind} — stop with Ctrl-C", flush=True)
