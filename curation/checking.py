"""What in a draft’s public text could point at a person, or at too few.

Each finding is either mended in the text or explained by somebody; what was explained
once stays explained as long as the very same words stand there.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from modelcluster.models import get_all_child_relations

from cases.models import Case, Country, Organisation, Region, ResistanceForm
from curation.models import Explanation
from sources.models import Citation, Record, Source
from strategies.models import Strategy

FEW = 2  # cells with this many cases or fewer make one easy to find
MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November"
    "|December"
)
WORD = r"[^\W\d_]"
PATTERNS = {
    "e-mail": (_("An e-mail address"), r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "phone": (_("A phone number"), r"(?<!\w)\+?\d(?:[\s().-]{0,2}\d){6,}(?!\w)"),
    "coordinates": (
        _("Coordinates"),
        r"-?\d{1,3}\.\d{3,}\s*[,;/ ]\s*-?\d{1,3}\.\d{3,}|\d{1,3}\s*°",
    ),
    "date": (
        _("An exact date"),
        (
            rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{MONTHS})\b"
            rf"|\b(?:{MONTHS})\s+\d{{1,2}}(?!\d)|\b\d{{4}}-\d{{2}}-\d{{2}}\b"
            r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
        ),
    ),
    "handle": (_("A name on a social network"), r"(?<![\w@])@\w{2,}"),
    "title": (
        _("A person’s title"),
        rf"\b(?:Mr|Mrs|Ms|Mx|Dr|Prof|Sheikh|Imam|Judge)\b\.?\s+{WORD}+",
    ),
}
NAME = re.compile(
    rf"\b[A-ZÀ-ÖØ-ÞĀ-Ž]{WORD}+(?:[-’']{WORD}+)?(?:\s+[A-ZÀ-ÖØ-ÞĀ-Ž]{WORD}+){{1,3}}\b"
)


@dataclass(frozen=True)
class Finding:
    """One thing in the public text that somebody has to look at."""

    key: str
    what: str | Promise
    found: str  # the words, as they stand in the text
    field: str | Promise  # where
    explanation: str = ""


def findings(record: Record) -> list[Finding]:
    """Everything to look at in a record’s text, with what was said of it before."""
    said = dict(Explanation.objects.of(record).values_list("finding", "why"))
    found = {}
    for what, words, field in search(record):
        key = key_of(what, words)
        found.setdefault(key, Finding(key, what, words, field, said.get(key, "")))
    return list(found.values())


def key_of(what: str | Promise, words: str) -> str:
    """The same for the same words found for the same reason."""
    return hashlib.sha256(f"{what}\n{words}".encode()).hexdigest()


def search(record: Record) -> Iterator[tuple]:
    """What, the words, and the field they stand in."""
    known = known_names()
    for field, text in texts(record):
        for what, pattern in PATTERNS.values():
            for match in re.finditer(pattern, text):
                yield what, match.group(), field
        for words in names(text, known):
            yield _("What may be a person’s name"), words, field
    if isinstance(record, Case):
        yield from rare(record)


def texts(record: models.Model) -> Iterator[tuple[str | Promise, str]]:
    """The words that a record and its nested rows put on a page, field by field."""
    for field in record._meta.fields:
        is_text = isinstance(field, models.CharField | models.TextField)
        if not is_text or field.choices or isinstance(field, models.SlugField):
            continue
        if text := getattr(record, field.name):
            yield field.verbose_name, str(text)
    for relation in get_all_child_relations(record):
        for row in getattr(record, relation.get_accessor_name()).all():
            if isinstance(row, Citation) and not hasattr(row, "text"):
                yield row._meta.get_field("locator").verbose_name, row.locator
            else:
                yield from texts(row)


def names(text: str, known: str) -> Iterator[str]:
    """Runs of capitalised words that are no name the base knows already."""
    for match in NAME.finditer(text):
        words = match.group()
        starts = match.start() == 0 or re.search(r"[.!?:]\s*$", text[: match.start()])
        if starts:  # the first word of a sentence is a capital anyway
            words = " ".join(words.split()[1:])
        if " " in words and words.casefold() not in known:
            yield words


def known_names() -> str:
    """Every name that is public already and is no person’s, as one text to look in."""
    lists: Iterable[Iterable[str]] = (
        Organisation.objects.published().values_list("name", flat=True),
        Country.objects.values_list("name", flat=True),
        Region.objects.values_list("name", flat=True),
        ResistanceForm.objects.published().values_list("name", flat=True),
        Strategy.objects.published().values_list("name", flat=True),
        Source.objects.published().values_list("title", flat=True),
        Source.objects.published().values_list("publisher", flat=True),
    )
    return "\n".join(name for names in lists for name in names).casefold()


def rare(case: Case) -> Iterator[tuple]:
    """Combinations that no more than two public cases share, this one counted."""
    kinds = {o.kind: o.get_kind_display() for o in case.organisations.all()}
    if case.organisation_kind:
        kinds[case.organisation_kind] = case.get_organisation_kind_display()
    for encounter in case.encounters.all():
        if not encounter.form_id or not case.country_id:
            continue
        alike = Case.objects.published().exclude(pk=case.pk)
        alike = alike.filter(
            country=case.country_id,
            period_from=case.period_from,
            encounters__form=encounter.form_id,
        )
        for kind, label in (kinds or {"": _("no organisation")}).items():
            same = alike.filter(organisations__kind=kind) if kind else alike
            if same.distinct().count() + 1 <= FEW:
                when = case.period_from or _("no year")
                words = f"{case.country} · {when} · {label} · {encounter.form}"
                yield _("Few cases are alike"), words, _("combination")


def unexplained(record: Record) -> list[Finding]:
    """The findings that nobody has explained yet."""
    return [finding for finding in findings(record) if not finding.explanation]
