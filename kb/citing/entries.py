"""How each page of the knowledge base is cited: what it is called, whom it credits.

The organisation whose experience it is and the paper that tells it are credited first;
the knowledge base is where they are told together (see kb/decisions/0002).
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pyroaring import BitMap

from cases.choices import Naming
from cases.facets import Axes
from cases.filters import CaseFilter
from cases.index import View
from cases.models import Case, Lesson, ResistanceForm
from kb.citing.edition import Edition, edition
from sources.formats import FORMATS
from sources.models import Record, Source
from sources.works import Shape, Work, work_of
from strategies.models import Strategy

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# A longer address makes a code that a telephone cannot read from paper.
LONGEST_SCANNED = 300
MOST_KEPT = 1_000  # addresses
PAGES = {
    Case: "case",
    ResistanceForm: "form",
    Strategy: "strategy",
    Lesson: "lesson",
    Source: "source",
}


@dataclass(frozen=True)
class Entry:
    """What is cited, the page that shows it, and where its files are."""

    work: Work
    path: str  # of the page
    page: str  # the name of the address of the files
    slugs: tuple[str, ...] = ()
    query: str = ""

    @property
    def link(self) -> str:
        """The permanent link to the page."""
        return permanent(self.path)

    def file(self, ending: str) -> str:
        """Where the file with this ending is."""
        return f"{start_of_files(self.page, self.slugs)}{ending}{self.query}"

    @property
    def files(self) -> list[tuple[str, str]]:
        """What reference managers read: the name of each file, and where it is."""
        return [(form.name, self.file(ending)) for ending, form in FORMATS.items()]

    @property
    def scan(self) -> str:
        """Where the code to scan is; empty where the link is too long for one."""
        return self.file("svg") if len(self.link) <= LONGEST_SCANNED else ""


def entry_of(record: Record, now: Edition) -> Entry:
    """How a record is cited."""
    path = record.get_absolute_url()
    work = work_of(record) if isinstance(record, Source) else own(record, now)
    return Entry(work, path, PAGES[type(record)], (record.slug,))


def own(record: Record, now: Edition) -> Work:
    """A record that the knowledge base tells in its own words, with what it is from."""
    paper, page = paper_of(record), PAGES[type(record)]
    is_case = isinstance(record, Case)
    return Work(
        key=f"kb-{record.key}" if is_case else f"kb-{page}-{record.slug}",
        shape=Shape.PAGE,
        title=str(record),
        address=permanent(record.get_absolute_url()),
        authors=credited(*(named(record) if is_case else ()), paper=paper),
        container=site(),
        issued=parts(record.last_published_at),
        code=record.code if is_case else "",
        version=now.name,
        kind=kind_of(record),
        language=get_language(),
        licence=LICENCE,
        drawn_from=paper,
    )


def entry_of_list(
    filters: CaseFilter, sentence: str, axes: Axes | None = None
) -> Entry:
    """How the cases that a filter finds are cited: as a list, or along two axes."""
    picked, base = replace(filters.selection, sort=""), base_of(filters.seen)
    query = picked.query(axes=axes.name) if axes else picked.query()
    name = "matrix" if axes else "list"
    path = f"{address_of(name)}{query}"
    resting = filters.found.keys & base.resting
    paper = base.brief if resting else None
    work = Work(
        key=f"kb-{name}-{hashlib.sha256(query.encode()).hexdigest()[:8]}",
        shape=Shape.DATASET,
        title=f"{axes.label}: {sentence}" if axes else sentence,
        address=permanent(path),
        authors=credited(paper=paper),
        container=site(),
        issued=parts(base.edition.day),
        version=base.edition.name,
        kind=_("Matrix of cases") if axes else _("List of cases"),
        language=get_language(),
        licence=LICENCE,
        drawn_from=paper,
        drawn_in_part=resting != filters.found.keys,
    )
    return Entry(work, path, name, query=query)


@dataclass(frozen=True)
class Base:
    """What all lists of one view rest on."""

    edition: Edition
    brief: Work | None
    resting: BitMap  # the keys of the cases that are told from the brief


def base_of(view: View) -> Base:
    """What lists rest on, asked for once a view, like the lists themselves."""
    key = "citing", get_language()
    if key not in view.kept:
        brief = Source.objects.published().briefs().first()
        cases = (
            Case.objects.published().resting_on(brief) if brief else Case.objects.none()
        )
        keys = cases.order_by().values_list("pk", flat=True)
        work = work_of(brief) if brief else None
        view.kept[key] = Base(edition(), work, BitMap(keys))
    return view.kept[key]


@cache
def address_of(name: str) -> str:
    """Where a list of cases is. The same each time, and to ask takes long."""
    return reverse(f"cases:{name}")


@lru_cache(MOST_KEPT)
def start_of_files(page: str, slugs: tuple[str, ...]) -> str:
    """What the addresses of all files of a page begin with."""
    return reverse(f"citing:{page}", args=[*slugs, "bib"]).removesuffix("bib")


def parts(day: date | None) -> tuple[int, ...]:
    """Year, month and day; nothing where the day is not known."""
    return (day.year, day.month, day.day) if day else ()


def credited(*organisations: str, paper: Work | None) -> tuple[str, ...]:
    """Whom to credit, each once: organisations, then who stands behind the paper."""
    return tuple(dict.fromkeys([*organisations, *(paper.authors if paper else ())]))


def named(case: Case) -> list[str]:
    """The organisations of a case, where they may be named."""
    if case.naming != Naming.NAMED:
        return []
    return [organisation.name for organisation in case.organisations.all()]


def paper_of(record: Record) -> Work | None:
    """The source that a record rests on before all others."""
    # While somebody writes it, a citation may have no source yet.
    cited = (c.source for c in record.citations.all() if c.source_id)
    first = next((source for source in cited if source.live), None)
    return work_of(first) if first else None


def kind_of(record: Record) -> str:
    """What a record is, in words."""
    if isinstance(record, Lesson):
        return record.get_kind_display()
    return {
        Case: _("Case"),
        ResistanceForm: _("Form of resistance"),
        Strategy: _("Response strategy"),
    }[type(record)]


def site() -> str:
    """What the knowledge base is called."""
    return _("Resistance and response: a knowledge base")


def permanent(path: str) -> str:
    """The full address of a path, the same by whichever name the site was reached."""
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"
