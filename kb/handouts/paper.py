"""Turn a page into a PDF that can be read aloud, searched and copied from.

WeasyPrint does it, where it is installed: it is a large package that needs libraries
of the system, so it is an extra (see README, “Hand-outs and PDF”). Nothing is fetched:
the page brings its drawings with it and the stylesheet is ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from django.contrib.staticfiles import finders

TURN = Lock()  # a PDF takes a processor for a second or two: one at a time
PATIENCE = 5  # seconds


class Busy(Exception):  # noqa: N818 — it is an answer, not an error
    """Others are having theirs made; the answer is 503."""


def is_possible() -> bool:
    """Whether PDFs can be made here."""
    return find_spec("weasyprint") is not None and has_pango()


@cache
def has_pango() -> bool:
    """Whether the system has the library that WeasyPrint lays out text with."""
    return find_library("pango-1.0") is not None


@contextmanager
def turn() -> Iterator[None]:
    """Wait for others that are having something drawn, but not for long."""
    if not TURN.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        TURN.release()


def pdf(html: str, styles: str, more: str = "") -> bytes:
    """A page as a tagged PDF (PDF/UA-1). styles is one of our stylesheets.

    more is CSS besides, such as the size of the paper.
    """
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    class NoFetcher(URLFetcher):
        def fetch(self, url, headers=None):
            raise ValueError(f"Nothing is fetched for a PDF: {url}")

    own = Path(finders.find(styles)).read_text()
    with turn():
        page = HTML(string=html, base_url="page:", url_fetcher=NoFetcher())
        sheets = [CSS(string=css, url_fetcher=NoFetcher()) for css in (own, more)]
        return page.write_pdf(stylesheets=sheets, pdf_variant="pdf/ua-1", pdf_tags=True)
