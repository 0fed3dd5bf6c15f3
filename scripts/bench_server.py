"""The settings of the production server, without its sweep at the start.

The sweep would take back what was made to be out of date; a made-up database is no
old copy. And the reference may think longer.
"""

from pathlib import Path

exec(Path(__file__).with_name("server.py").read_text())  # noqa: S102 — our own file

timeout = 600
on_starting = lambda server: None  # noqa: E731
