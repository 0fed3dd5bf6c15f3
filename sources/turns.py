"""One writes at a time: what the public sees, what may become public, and the log."""

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from sources.sending import Asked

LOCK = 7_203_114  # PostgreSQL’s name for it


class Turn:
    """To wait until no other transaction is writing what the public sees, or the log.

    Take it before any row is locked, or two writers may wait for each other. SQLite
    has one writer at a time anyway.
    """

    def put(self, line: BaseDatabaseWrapper) -> Asked:
        """The first of some questions that are asked together."""
        if line.vendor == "postgresql":
            return Asked(f"SELECT pg_advisory_xact_lock({LOCK})", [], list)
        return Asked("SELECT 1", [], list)


TURN = Turn()


def take_turn() -> None:
    """Wait for one’s turn, where there is nothing to ask with it."""
    if connection.vendor == "postgresql":
        asked = TURN.put(connection)
        with connection.cursor() as cursor:
            cursor.execute(asked.text, asked.values)
