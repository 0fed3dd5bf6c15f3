"""What a database server may do while tests ask it."""

from django.db.backends.base.base import BaseDatabaseWrapper


def hang_up(line: BaseDatabaseWrapper) -> None:
    """Have PostgreSQL end a line, which does not know of it yet."""
    pid = line.connection.info.backend_pid
    with line.copy().cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        other.db.close()
