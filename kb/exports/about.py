"""What each file states of itself: its contents, its date, how to use and cite it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from cases import facets
from cases.sentences import sentence
from kb.citing.entries import base_of
from kb.exports import versions
from kb.exports.choosing import Chosen
from kb.exports.columns import Table
from kb.exports.comparing import OWN
from kb.exports.kept import Kept
from kb.exports.models import DatasetVersion
from kb.exports.rows import Row, rows
from sources.choices import NOT_STATED

LICENCE = gettext_lazy("Creative Commons Attribution 4.0 (CC BY 4.0)")
LICENCE_ADDRESS = "https://creativecommons.org/licenses/by/4.0/"
SAMPLING = gettext_lazy(
    "The knowledge base starts from eight civil society organisations, all grantees of"
    " the UN Trust Fund to End Violence against Women, chosen by the authors of its"
    " paper. They are no sample of all organisations: a count says what was recorded,"
    " not how common something is."
)
FEWEST = 20  # cases under which a percentage says nothing
SMALL_NUMBERS = gettext_lazy(
    "Write numbers of cases, and no percentages of fewer than 20 cases."
)
SITE = gettext_lazy("Resistance and response")


@dataclass(frozen=True)
class About:
    """What a file states, besides its rows."""

    contents: str  # in words
    address: str  # a page that shows the same
    cases: int
    all_cases: int
    is_partial: bool
    version: DatasetVersion | None
    is_exact: bool  # whether it is that version, and not what came since
    standing: str  # how far the content had come
    credit: str  # whose experience it is and who told of it; may be nobody

    @property
    def tag(self) -> str:
        """What no other contents have: other files of the same tag are the same."""
        told = self.address, self.standing, self.at.isoformat(), get_language()
        return hashlib.sha256(repr(told).encode()).hexdigest()[:24]

    @property
    def at(self) -> datetime:
        """Of when the data is: of its version, or of today where it is newer."""
        if self.is_exact:
            return self.version.made_at
        return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def label(self) -> str:
        """The version in words."""
        if self.version is None:
            return _("no version yet")
        name = _("version {number}").format(number=self.version.number)
        if self.is_exact:
            return name
        return _("{version}, with changes since that get a number soon").format(
            version=name
        )

    @property
    def part(self) -> str:
        """Whether it is everything, in words."""
        counted = ngettext("{n} case", "{n} cases", self.cases).format(n=self.cases)
        if not self.is_partial:
            return _("Everything: {cases}").format(cases=counted)
        every = ngettext("{n} case", "{n} cases", self.all_cases)
        return _("A part: {cases} of all {all}").format(
            cases=counted, all=every.format(n=self.all_cases)
        )

    @property
    def lasting(self) -> str:
        """The page to cite: of the whole list, the version that goes on to say so."""
        is_whole = self.address == absolute(reverse("cases:list"))
        if self.version is None or not (is_whole and self.is_exact):
            return self.address
        return absolute(reverse("exports:version", args=[self.version.number]))

    @property
    def citation(self) -> str:
        """How to cite it, the organisations and the paper first."""
        told = _("{site}: {contents} [dataset, {version}, {date}]. {address}").format(
            site=SITE,
            contents=self.contents,
            version=self.label,
            date=date_format(self.at, "j F Y"),
            address=self.lasting,
        )
        if not self.credit:
            return told
        return _("{credit}; as recorded in {told}").format(
            credit=self.credit, told=told
        )

    def statements(self) -> Iterator[tuple[str, str | Promise, str | Promise | int]]:
        """(name, label, words) of all that is stated, for people and for programs."""
        yield "contents", _("What is in it"), self.contents
        yield "address", _("Link"), self.address
        yield "part", _("Part or all"), self.part
        yield "cases", _("Cases"), self.cases
        yield "date", _("Date"), self.at.date().isoformat()
        yield "version", _("Version"), self.label
        yield "licence", _("Licence"), f"{LICENCE}, {LICENCE_ADDRESS}"
        yield "citation", _("How to cite"), self.citation
        yield "sampling", _("How it was sampled"), SAMPLING
        yield "small_numbers", _("Small numbers"), SMALL_NUMBERS


@dataclass(frozen=True)
class Dataset:
    """Rows to write into files, and what is to be said of them."""

    about: About
    rows: Callable[[Table], Iterator[Row]]


def live(chosen: Chosen) -> Dataset:
    """What is public now of the cases chosen."""
    version, standing = versions.current(), versions.standing(chosen.seen)
    everything = Chosen(seen=chosen.seen, scope=chosen.scope)
    about = About(
        contents=contents(chosen),
        address=absolute(page(chosen)),
        cases=len(chosen),
        all_cases=len(everything),
        is_partial=not chosen.is_everything,
        version=version,
        is_exact=version is not None and version.standing == str(standing),
        standing=str(standing),
        credit=credit(chosen),
    )
    return Dataset(about, lambda table: rows(table, chosen))


def old(version: DatasetVersion) -> Dataset:
    """What was in a version and may still be seen."""
    kept, now = Kept(version), Chosen()
    cases = kept.count(OWN)
    about = About(
        contents=ngettext("{n} case", "{n} cases", cases).format(n=cases),
        address=absolute(reverse("exports:version", args=[version.number])),
        cases=cases,
        all_cases=cases,
        is_partial=False,
        version=version,
        is_exact=True,
        standing=str(versions.standing(now.seen)),
        credit=credit(now),
    )
    return Dataset(about, kept.rows)


def credit(chosen: Chosen) -> str:
    """Whom to credit for cases: those whom they name, then who stands behind the paper.

    Nobody for what neither is in: the same paper as that of “Cite this”.
    """
    base = base_of(chosen.seen)
    told = [*base.brief.authors] if base.brief and chosen.keys & base.resting else []
    if chosen.values("organisation") - {NOT_STATED}:
        told.insert(0, _("The organisations named in the data"))
    return _(" and ").join(told)


def contents(chosen: Chosen) -> str:
    """What is chosen, in words."""
    words = facets.vocabulary(chosen.seen)
    told = sentence(chosen.selection, len(chosen), words)
    return f"{told}: {', '.join(chosen.codes)}" if chosen.codes else told


def page(chosen: Chosen) -> str:
    """The page that shows what is chosen: the list, or the files of cases by code."""
    name = "exports:home" if chosen.codes else "cases:list"
    return f"{reverse(name)}{chosen.query()}"


def absolute(path: str) -> str:
    """The whole address of a page of this site."""
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"
