"""Which version of the knowledge base a citation names."""

from dataclasses import dataclass
from datetime import date

from kb.exports.versions import current


@dataclass(frozen=True)
class Edition:
    """The knowledge base as it is now: what the version is called, and its day."""

    name: str = ""
    day: date | None = None


def edition() -> Edition:
    """The newest version of the dataset; nameless before the first."""
    newest = current()
    return Edition(str(newest), newest.made_at.date()) if newest else Edition()
