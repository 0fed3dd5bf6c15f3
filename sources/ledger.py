"""The list of what was withdrawn, kept beside the database and not in it.

A database that is restored from an old copy has forgotten what was withdrawn since:
this file has not, and `sweep` applies it. One line a withdrawal, only ever added to.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from sources.models import Record


@dataclass(frozen=True)
class Line:
    """A record that was withdrawn, or that was released again after that."""

    kind: str
    key: str
    at: datetime
    gone: bool


def path() -> Path:
    """Where the ledger is kept."""
    return Path(settings.WITHDRAWAL_LEDGER)


def write(record: Record, *, gone: bool) -> None:
    """Add a line, and have it on the disk before anything else is done."""
    line = {
        "kind": record._meta.model_name,
        "key": record.key,
        "at": timezone.now().isoformat(),
        "gone": gone,
    }
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("a", encoding="utf-8") as file:
        # A line of its own, even where the one before it was cut short.
        file.write(f"\n{json.dumps(line)}\n")
        file.flush()
        os.fsync(file.fileno())


def standing() -> dict[tuple[str, str], Line]:
    """The last line about each record. A line that was cut short is passed over."""
    found = {}
    try:
        text = path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    for row in filter(None, text.splitlines()):
        try:
            data = json.loads(row)
        except ValueError:
            continue
        line = Line(
            data["kind"],
            data["key"],
            datetime.fromisoformat(data["at"]),
            data["gone"],
        )
        found[line.kind, line.key] = line
    return found


def gone() -> set[tuple[str, str]]:
    """Kind and key of all that is withdrawn, whatever the database says."""
    return {key for key, line in standing().items() if line.gone}
