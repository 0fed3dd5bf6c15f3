"""Which version of the knowledge base a citation names."""

from dataclasses import dataclass
from datetime import date

from cases.models import Case
from sources.models import Change


@dataclass(frozen=True)
class Edition:
    """The knowledge base as it is now: what the version is called, and its day."""

    name: str = ""
    day: date | None = None


def edition() -> Edition:
    """The newest version: the day on which something public changed last."""
    changes = Change.objects.order_by("-pk").values_list("at", flat=True)
    cases = Case.objects.published().order_by("-pk")
    dates = changes.first(), cases.values_list("last_published_at", flat=True).first()
    days = [moment.date() for moment in dates if moment]
    return Edition(max(days).isoformat(), max(days)) if days else Edition()
