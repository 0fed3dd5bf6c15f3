"""Where the files of the edition lie, and whether they may still be given away.

A file on the shelf holds exactly what may be given away now. Once anything of that is
changed, withdrawn or no longer allowed, it is not given away any more, from that moment
on; `build_offline` takes it off the shelf and makes a new one.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

from kb.offline import contents, files, pages

NOTE = "edition.json"
MAKING = "making-"
TRIES = 3
KINDS = {
    "reading.zip": "application/zip",
    "reading.epub": "application/epub+zip",
    "reading.zim": "application/zim",
}


class Unsettled(Exception):  # noqa: N818 — nothing is wrong but the moment
    """What is public kept changing while the edition was made."""


@dataclass(frozen=True)
class File:
    """One file of the edition."""

    name: str
    size: int
    sha256: str

    @property
    def ending(self) -> str:
        """What kind of file people call it."""
        return self.name.rpartition(".")[2].upper()


@dataclass(frozen=True)
class Shelved:
    """The edition that lies on the shelf."""

    stamp: str
    built_on: date
    cases: int
    files: list[File]

    def is_current(self) -> bool:
        """Whether it holds exactly what may be given away now."""
        return self.stamp == contents.stamp()


def shelf() -> Path:
    """The folder of the files."""
    return Path(settings.OFFLINE_DIR)


def shelved() -> Shelved | None:
    """The edition on the shelf, current or not; none where there is no whole one."""
    try:
        told = json.loads((shelf() / NOTE).read_text())
        found = [File(**file) for file in told["files"]]
        day = date.fromisoformat(told["built_on"])
        return Shelved(told["stamp"], day, told["cases"], found)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def offered() -> Shelved | None:
    """The edition that may be given away now."""
    found = shelved()
    return found if found and found.is_current() else None


def opened(name: str) -> BinaryIO | None:
    """A file that may be given away now, to be read; nothing once it may not."""
    edition = offered()
    if not edition or name not in {file.name for file in edition.files}:
        return None
    try:
        return (shelf() / name).open("rb")
    except FileNotFoundError:  # it is being made anew at this moment
        return None


def clear() -> None:
    """Take everything off the shelf.

    What a run that was killed has left behind goes too.
    """
    for folder in shelf().glob(f"{MAKING}*"):
        shutil.rmtree(folder)
    for name in (NOTE, *KINDS):  # the note first: without it nothing is offered
        (shelf() / name).unlink(missing_ok=True)


def build() -> Shelved:
    """Make the edition anew and put it on the shelf, all of it or nothing."""
    shelf().mkdir(parents=True, exist_ok=True)
    clear()
    with tempfile.TemporaryDirectory(dir=shelf(), prefix=MAKING) as name:
        stamp, edition = settled()
        made = list(written(edition, Path(name)))
        for file in made:
            os.replace(Path(name) / file.name, shelf() / file.name)
        shelved = Shelved(stamp, edition.built_on, len(edition.words), made)
        note = Path(name) / NOTE
        note.write_text(json.dumps(asdict(shelved), default=str))
        os.replace(note, shelf() / NOTE)
    return shelved


def settled() -> tuple[str, pages.Edition]:
    """The pages of one moment, with what stands for it."""
    for _try in range(TRIES):
        stamp = contents.stamp()
        edition = pages.edition(timezone.localdate())
        if contents.stamp() == stamp:
            return stamp, edition
    raise Unsettled


def written(edition: pages.Edition, folder: Path) -> Iterator[File]:
    """Write each kind of file that can be written here."""
    writers = {"reading.zip": files.write_zip, "reading.epub": files.write_epub}
    if files.can_zim():
        writers["reading.zim"] = files.write_zim
    for name, write in writers.items():
        write(edition, folder / name)
        data = (folder / name).read_bytes()
        yield File(name, len(data), hashlib.sha256(data).hexdigest())
