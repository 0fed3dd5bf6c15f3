"""Say who may keep a page, and keep the pages of filters ourselves.

A list or a matrix stays right until what may be seen changes; so it is kept with the
view that it was made from (cases/index.py), compressed once, and goes with it. What
anybody else may keep is short, since a withdrawn case is to be gone within a minute:
the times below and REPLICA_MAX_LAG together are not more than that.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from threading import Lock

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import (
    patch_vary_headers,
    set_response_etag,
)
from django.utils.translation import get_language, override
from isal import igzip

from cases import facets
from kb.pages.leaving import MARKER

PAGES = ("cases:list", "cases:matrix")
SIGNED_IN = settings.SESSION_COOKIE_NAME
MOST_BYTES = 8_000_000  # of compressed pages in one process
SECONDS = {"s-maxage": 20, "stale-while-revalidate": 10, "stale-if-error": 20}
PUBLIC = f"public, max-age=0, {', '.join(f'{n}={s}' for n, s in SECONDS.items())}"


class PublicCaching:
    """Public pages may be stored and must be checked; ETags make the check cheap."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 200 and "Cache-Control" not in response:
            response["Cache-Control"] = PUBLIC
            # Django names what is asked for with GET only.
            if request.method == "HEAD" and not response.streaming:
                name_unless_named(response)
        return response


def name_unless_named(response: HttpResponse) -> None:
    """Give an answer the ETag that Django would give it."""
    if "ETag" not in response:
        set_response_etag(response)


@dataclass(frozen=True)
class Page:
    """A whole answer, compressed, with a name that no other page has."""

    body: bytes
    name: str
    headers: dict[str, str]

    @classmethod
    def of(cls, response: HttpResponse) -> "Page":
        # The same page is the same bytes in each process of a machine: no time of day
        # inside. Machines of another kind may compress otherwise, under another name.
        # The next level takes half as long again, for a thirtieth less.
        body = igzip.compress(response.content, compresslevel=2, mtime=0)
        name = hashlib.sha256(body).hexdigest()[:24]
        patch_vary_headers(response, ["Accept-Encoding"])
        return cls(body, name, dict(response.items()))

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        return len(self.body) + sum(map(len, chain(*self.headers.items())))

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The page as this browser can read it."""
        body, name, more = self.body, f"{self.name}-gzip", {"Content-Encoding": "gzip"}
        if "gzip" not in request.META.get("HTTP_ACCEPT_ENCODING", ""):
            body, name, more = igzip.decompress(body), self.name, {}
        more |= {"ETag": f'"{name}"', "Content-Length": str(len(body))}
        return HttpResponse(body, headers=self.headers | more)


class Shelf:
    """Pages by what was asked; those that nobody asks for go first."""

    def __init__(self):
        self.pages: OrderedDict[tuple, Page] = OrderedDict()
        self.size = 0
        self.lock = Lock()  # the threads of a process share it

    def get(self, key: tuple) -> Page | None:
        with self.lock:
            if page := self.pages.get(key):
                self.pages.move_to_end(key)
            return page

    def put(self, key: tuple, page: Page) -> None:
        with self.lock:
            if old := self.pages.pop(key, None):
                self.size -= old.size
            self.pages[key] = page
            self.size += page.size
            while self.size > MOST_BYTES:
                _key, gone = self.pages.popitem(last=False)
                self.size -= gone.size


class KeptPages:
    """Answers with a kept page where nothing that it shows has changed since.

    It stands before all that makes a page, and keeps what came of it. Who is signed in,
    or leaving, goes on to where that is looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.paths = frozenset(map(reverse, PAGES))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path not in self.paths or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        if not request.COOKIES.keys().isdisjoint((SIGNED_IN, MARKER)):
            return self.get_response(request)
        try:
            request.seen = facets.view()  # the page is made from it, not from another
        except Error:  # it is told of where pages for errors are made
            return self.get_response(request)
        shelf = request.seen.kept.setdefault("pages", Shelf())
        asked = "&".join(sorted(request.META.get("QUERY_STRING", "").split("&")))
        language = get_language()
        key = language, request.path, asked
        page = shelf.get(key)
        if page is None:
            with override(language):  # to ask each time which it is takes longer
                response = self.get_response(request)
            if response.status_code != 200 or response.cookies:
                return response
            page = Page.of(response)
            shelf.put(key, page)
        return page.answer(request)
