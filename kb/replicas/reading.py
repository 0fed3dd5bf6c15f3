"""Public pages are read from a replica; what the desk does goes to the primary."""

from collections.abc import Callable
from math import ceil

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from kb.desk.places import is_desk
from kb.replicas.pin import NOWHERE, PRIMARY, pinned, within
from kb.replicas.watch import watch

WROTE = "wrote"


class ReadFromReplicas:
    """Pins each request to one server, and begins it anew at the next if that fails.

    Only what was asked with GET or HEAD outside the desk is read from replicas, and
    begun anew. Without replicas there is nothing to do.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        if not settings.REPLICAS:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.watch = watch()
        path = settings.REPLICA_IS_CURRENT
        self.holds_all = import_string(path) if path else lambda alias: True

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.watch.start()
        is_safe = request.method in ("GET", "HEAD")
        if not is_safe or is_desk(request):
            return self.write(request, changes=not is_safe)
        for alias in self.places(request):
            if self.is_current(alias) and (response := self.read(request, alias)):
                return response
        # What only a lost primary had is not waited for: it may never come back.
        for alias in self.watch.usable():
            if response := self.read(request, alias):
                return response
        return self.nowhere(request)

    def places(self, request: HttpRequest) -> list[str]:
        """The servers to try, best first."""
        replicas = self.watch.usable()
        primary = [PRIMARY] if self.watch.is_writable() else []
        age = seconds_until_everywhere()
        wrote = request.get_signed_cookie(WROTE, default="", max_age=age)
        return primary + replicas if wrote else replicas + primary

    def read(self, request: HttpRequest, alias: str) -> HttpResponse | None:
        """The answer as one server has it; none if another one has to be asked."""
        with pinned(alias), self.watch.reading(alias):
            response = self.get_response(request)
        if failed(alias, response):
            was_lost = lost(alias)
            connections[alias].close()
            return response if alias == PRIMARY and not was_lost else None
        if response.streaming:
            response.streaming_content = within(alias, response.streaming_content)
        return response

    def is_current(self, alias: str) -> bool:
        """Whether a server holds all that this process has shown already."""
        try:
            with pinned(alias), self.watch.reading(alias):
                return alias == PRIMARY or self.holds_all(alias)
        except DatabaseError:
            connections[alias].close()
            return False

    def write(self, request: HttpRequest, *, changes: bool) -> HttpResponse:
        """The answer of the primary. Who changed something sees it at once."""
        if not self.watch.is_writable():
            return self.nowhere(request)
        response = self.get_response(request)
        if response.status_code == 500 and lost(PRIMARY):
            return self.nowhere(request)
        if changes and is_desk(request) and response.status_code < 400:
            remember(response)
        return response

    def nowhere(self, request: HttpRequest) -> HttpResponse:
        """The answer where no server is there; some pages need none."""
        with pinned(NOWHERE):
            return self.get_response(request)


def failed(alias: str, response: HttpResponse) -> bool:
    """Whether the database is why there is no page: another server may have it."""
    return response.status_code >= 500 and connections[alias].errors_occurred


def lost(alias: str) -> bool:
    """Whether the last that happened on the line to a server is that it broke."""
    line = connections[alias]
    gone = line.connection is None or line.connection.closed
    return line.errors_occurred and gone


def seconds_until_everywhere() -> int:
    """After how long every replica that is used has what was written."""
    return ceil(settings.REPLICA_MAX_LAG) + 1


def remember(response: HttpResponse) -> None:
    """Let this browser read from the primary until the replicas have followed.

    It says nothing else, lives for seconds, and is given by the desk alone.
    """
    response.set_signed_cookie(
        WROTE,
        "1",
        max_age=seconds_until_everywhere(),
        secure=not settings.INSECURE_HTTP,
        httponly=True,
        samesite="Strict",
    )
