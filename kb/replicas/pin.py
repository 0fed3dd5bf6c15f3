"""Which server this request reads from: one, from beginning to end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.models import Model

PRIMARY = DEFAULT_DB_ALIAS
NOWHERE = ""  # no server answers, and nobody shall wait for one

server: ContextVar[str] = ContextVar("server", default=PRIMARY)


@contextmanager
def pinned(alias: str) -> Iterator[None]:
    """Read from this server until the block ends."""
    token = server.set(alias)
    try:
        yield
    finally:
        server.reset(token)


def within(alias: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts of a streamed answer, each made while the server is pinned."""
    parts = iter(parts)
    while True:
        with pinned(alias):
            part = next(parts, None)
        if part is None:
            return
        yield part


class Router:
    """Reads go to the server that is pinned, all else to the primary."""

    def db_for_read(self, model: type[Model], **hints) -> str:
        """The pinned server; inside a write the primary, which alone has seen it."""
        answering()
        writes = connections[PRIMARY].in_atomic_block
        return PRIMARY if writes else server.get()

    def db_for_write(self, model: type[Model], **hints) -> str:
        answering()
        return PRIMARY

    def allow_relation(self, *records: Model, **hints) -> bool:
        """They are all copies of one database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool:
        return db == PRIMARY


def answering() -> None:
    """Fail at once where waiting for a server would be in vain."""
    if server.get() == NOWHERE:
        raise OperationalError("no server of the database answers")
