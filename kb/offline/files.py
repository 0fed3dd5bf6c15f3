"""An edition as files: a folder of pages (ZIP), a book (EPUB 3), an archive (ZIM).

The same pages on the same day are the same bytes: files in them have no time of day.
"""

import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi

from kb.offline.pages import Edition, words_script, wrapped

TOP = "reading/"  # the one folder in the ZIP
BOOK = "book/"


def write_zip(edition: Edition, path: Path) -> None:
    """Plain pages that open from a stick."""
    with ZipFile(path, "w") as archive:
        for name, data in folder(edition):
            put(archive, TOP + name, data, edition.built_on)


def folder(edition: Edition) -> Iterator[tuple[str, str]]:
    """The files of a folder of pages: (name, text)."""
    for page in edition.pages:
        yield f"{page.name}.html", wrapped(page)
    yield "words.js", words_script(edition.words)
    yield "search.js", asset("search.js")
    yield "read.css", asset("read.css")


def write_epub(edition: Edition, path: Path) -> None:
    """A book for reading programs, which turn its pages and need no browser."""
    context = {
        "pages": edition.pages,
        "cases": [page for page in edition.pages if page.name in edition.words],
        "others": [page for page in edition.pages if page.name not in edition.words],
        "built_on": edition.built_on,
        "identifier": identifier(edition),
        "language": get_language(),
        "is_rtl": get_language_bidi(),
    }
    with ZipFile(path, "w") as archive:
        day = edition.built_on
        put(archive, "mimetype", "application/epub+zip", day, ZIP_STORED)
        container = render_to_string("offline/container.xml").strip()
        put(archive, "META-INF/container.xml", container, day)
        for name in ("content.opf", "nav.xhtml"):
            text = render_to_string(f"offline/{name}", context).strip()
            put(archive, BOOK + name, text, day)
        for page in edition.pages:
            put(archive, f"{BOOK}{page.name}.xhtml", wrapped(page, in_book=True), day)
        put(archive, f"{BOOK}read.css", asset("read.css"), day)


def identifier(edition: Edition) -> str:
    """A name that the book of this site and this day has, and no other."""
    told = f"{settings.WAGTAILADMIN_BASE_URL} {edition.built_on:%Y-%m-%d}"
    return uuid.uuid5(uuid.NAMESPACE_URL, told).urn


def can_zim() -> bool:
    """Whether the library that writes ZIM is here."""
    return find_spec("libzim") is not None


def write_zim(edition: Edition, path: Path) -> None:
    """An archive for Kiwix. Its library is under the GPL: a program apart calls it."""
    with tempfile.TemporaryDirectory() as name:
        for file, data in folder(edition):
            (Path(name) / file).write_text(data, encoding="utf-8")
        script = settings.BASE_DIR / "scripts/write_zim.py"
        told = [name, path, get_language(), f"{edition.built_on:%Y-%m-%d}"]
        subprocess.run(  # noqa: S603
            [sys.executable, script, *map(str, told)], check=True, capture_output=True
        )


def put(
    archive: ZipFile, name: str, data: str, day: date, how: int = ZIP_DEFLATED
) -> None:
    """Add a file that says nothing of who made it, and when but for the day."""
    info = ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    info.external_attr = 0o644 << 16
    info.compress_type = how
    archive.writestr(info, data)


def asset(name: str) -> str:
    """A file of our own that goes into each edition."""
    return Path(finders.find(f"offline/{name}")).read_text(encoding="utf-8")
