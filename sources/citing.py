"""Number the citations of a page, so that each statement points at its source."""

from collections.abc import Iterable
from dataclasses import dataclass

from sources.models import Citation, Source


@dataclass(frozen=True)
class Reference:
    """One entry of a page’s list of sources."""

    number: int
    first: int  # the number under which the page first names this source
    source: Source
    locator: str
    basis: str


def number(citations: Iterable[Citation]) -> list[Reference]:
    """Give each citation its number on the page, and list what the numbers mean.

    Citations of the same place read in the same way share a number.
    """
    references: dict[tuple, Reference] = {}
    firsts: dict[int, int] = {}
    for citation in citations:
        if not citation.source_id:
            continue
        key = citation.source_id, citation.locator, citation.basis
        reference = references.setdefault(
            key,
            Reference(
                len(references) + 1,
                firsts.setdefault(citation.source_id, len(references) + 1),
                citation.source,
                citation.locator,
                citation.get_basis_display(),
            ),
        )
        citation.number = reference.number
    return list(references.values())
