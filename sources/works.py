"""What is cited, in the terms that all ways of citing share.

No person is named: works are credited to organisations (see kb/decisions/0003). What
is not known is left empty, and no format makes anything up in its place.
"""

import datetime
from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext as _

from sources.choices import SourceKind
from sources.models import Source

SINGLE = str.maketrans("“”", "‘’")


class Shape(Enum):
    """What kind of thing a work is, as each way of citing calls it.

    CSL, RIS, BibTeX, Zotero, schema.org, Dublin Core.
    """

    PAGE = "webpage", "ELEC", "misc", "webpage", "WebPage", "Text"
    DATASET = "dataset", "DATA", "misc", "dataset", "Dataset", "Dataset"
    REPORT = "report", "RPRT", "techreport", "report", "Report", "Text"
    NEWS = (
        *("article-newspaper", "NEWS", "misc"),
        *("newspaperArticle", "NewsArticle", "Text"),
    )
    OTHER = "document", "GEN", "misc", "document", "CreativeWork", "Text"

    def __init__(
        self, csl: str, ris: str, bibtex: str, zotero: str, schema: str, dublin: str
    ):
        self.csl, self.ris, self.bibtex = csl, ris, bibtex
        self.zotero, self.schema, self.dublin = zotero, schema, dublin


@dataclass(frozen=True)
class Work:
    """One thing that can be cited."""

    key: str  # letters, digits and hyphens: the name of the entry
    shape: Shape
    title: str
    address: str = ""
    authors: tuple[str, ...] = ()  # organisations, the first to credit first
    container: str = ""  # the site or paper that it is a part of
    publisher: str = ""
    issued: tuple[int, ...] = ()  # the year, perhaps with month and day
    code: str = ""
    version: str = ""
    kind: str = ""  # in words
    language: str = ""
    licence: str = ""  # the address of its text
    drawn_from: "Work | None" = None
    drawn_in_part: bool = False  # the rest is from elsewhere

    @property
    def is_untitled(self) -> bool:
        """Whether what stands for the title is a description of ours, in brackets."""
        return self.title.startswith("[") and self.title.endswith("]")

    @property
    def year(self) -> str:
        """The year, where it is known."""
        return str(self.issued[0]) if self.issued else ""

    @property
    def date(self) -> str:
        """As much of the day as is known, in figures: “2021” or “2026-01-31”."""
        return "-".join(f"{part:02}" for part in self.issued)

    @property
    def day(self) -> datetime.date | None:
        """The day, where it is known that closely."""
        return datetime.date(*self.issued) if len(self.issued) == 3 else None

    @property
    def credit(self) -> str:
        """Who stands behind it: an organisation, or the paper that it stands in."""
        return next(filter(None, [*self.authors, self.container, self.publisher]), "")

    @property
    def house(self) -> str:
        """Who publishes it, or else the paper or site that it stands in."""
        return next(filter(None, [self.publisher, self.container, *self.authors]), "")

    @property
    def basis(self) -> str:
        """The paper that it is drawn from, in words; empty where there is none."""
        if not self.drawn_from:
            return ""
        title = quoted(self.drawn_from.title)
        paper = ", ".join(filter(None, [self.drawn_from.credit, title]))
        if self.drawn_in_part:
            return _("Drawn in part from {paper}").format(paper=paper)
        return _("Drawn from {paper}").format(paper=paper)


def quoted(text: str) -> str:
    """Text in quotation marks; those inside it become single ones."""
    return _("“{text}”").format(text=text.translate(SINGLE))


# Who is responsible for a study is not recorded apart from the journal it stands in.
SHAPES = {
    SourceKind.BRIEF: Shape.REPORT,
    SourceKind.PAPER: Shape.REPORT,
    SourceKind.EVALUATION: Shape.REPORT,
    SourceKind.STUDY: Shape.OTHER,
    SourceKind.GUIDANCE: Shape.REPORT,
    SourceKind.PRESS: Shape.NEWS,
    SourceKind.STATEMENT: Shape.PAGE,
    SourceKind.ORGANISATION: Shape.PAGE,
    SourceKind.PAGE: Shape.PAGE,
}
UNKNOWN = "Not stated"  # what stands for a publisher that no source states


def work_of(source: Source) -> Work:
    """A source as it is cited itself."""
    shape = SHAPES[SourceKind(source.kind)]
    publisher = "" if source.publisher == UNKNOWN else source.publisher
    is_author = publisher and shape not in (Shape.NEWS, Shape.OTHER)
    return Work(
        key=f"kb-source-{source.slug}",
        shape=shape,
        title=source.title,
        address=source.url,
        authors=(publisher,) if is_author else (),
        container=publisher if shape is Shape.NEWS else "",
        publisher=publisher if shape is Shape.OTHER else "",
        issued=(source.year,) if source.year else (),
        kind=source.get_kind_display(),
        language=source.language,
    )
