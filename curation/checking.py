"""What in a draft’s public text could point at a person, or at too few.

Each finding is either mended in the text or explained by somebody; what was explained
once stays explained as long as the very same words stand there.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import contents
from cases.contents import NOTHING, Version
from cases.models import (
    Case,
    Country,
    Encounter,
    Organisation,
    Region,
    ResistanceForm,
)
from cases.words import INSIDE
from curation.models import Explanation
from curation.querysets import said_of
from sources.models import Citation, Record, Source
from sources.pointing import children
from sources.prepared import Prepared, together
from strategies.models import Strategy

FEW = 2  # cells with this many cases or fewer make one easy to find
MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    "|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
LETTER = r"[^\W\d_]"
# What belongs to the word that it stands in: vowel signs of many scripts.
SIGNS = f"[{re.escape(INSIDE)}]"
WORD = f"{LETTER}+(?:{SIGNS}+{LETTER}*)*"
REASONS = {
    "e-mail": _("An e-mail address"),
    "phone": _("A phone number"),
    "coordinates": _("Coordinates"),
    "date": _("An exact date"),
    "handle": _("A name on a social network"),
    "title": _("A person’s title"),
    "name": _("What may be a person’s name"),
    "rare": _("Few cases are alike"),
}
SPELLINGS = {
    # No more letters than an address may have: a long word would be tried from each.
    "e-mail": r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+",
    "phone": r"(?<!\w)\+?\d(?:[\s().-]{0,2}\d){5,}(?!\w)",
    "coordinates": r"-?\d{1,3}\.\d{3,}\s*[,;/ ]\s*-?\d{1,3}\.\d{3,}|\d{1,3}\s*°",
    "date": (
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{MONTHS})\b"
        rf"|\b(?:{MONTHS})\s+\d{{1,2}}(?!\d)|\b\d{{4}}[-/]\d{{2}}[-/]\d{{2}}\b"
        r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
    ),
    "handle": r"(?<![\w@])@\w{2,}",
    "title": rf"\b(?:Mr|Mrs|Ms|Mx|Dr|Prof|Sheikh|Imam|Judge)\b\.?\s+{WORD}",
}
PATTERNS = {reason: re.compile(text) for reason, text in SPELLINGS.items()}
# What a text must hold for that, and most do not.
NEEDED = dict.fromkeys(("e-mail", "handle"), re.compile("@"))
NEEDED |= dict.fromkeys(("phone", "coordinates", "date"), re.compile(r"\d"))
WORDS = re.compile(f"{WORD}(?:[-’']{WORD})*")
LINKS = frozenset(
    (
        *("al", "bin", "bint", "da", "de", "del", "der", "di", "dos"),
        *("el", "ibn", "la", "le", "van", "von"),
    )
)
# Words that begin a sentence and no name.
OPENERS = frozenset(
    (
        *("a", "after", "all", "also", "an", "and", "any", "as"),
        *("at", "because", "before", "both", "but", "by", "during", "each"),
        *("even", "for", "from", "he", "her", "his", "how", "if"),
        *("in", "it", "its", "last", "later", "many", "men", "most"),
        *("no", "not", "of", "on", "one", "or", "other", "our"),
        *("she", "since", "so", "some", "such", "that", "the", "their"),
        *("then", "there", "these", "they", "this", "those", "to", "two"),
        *("under", "until", "we", "what", "when", "where", "which", "while"),
        *("who", "with", "women"),
    )
)


EXPLAINED = said_of(Explanation, "finding", "why")


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
    shared, names = combinations(record), NAMES.kept
    changes, said, *alike = together(
        names.asked(),
        (EXPLAINED, record._meta.model_name, record.pk),
        *(question for _words, question in shared),
    )
    pointing = all_pointers(texts(record))
    return judged(pointing, NAMES.now(names, changes), said, rare(shared, alike))


def judged(
    pointing: Iterable[tuple],
    known: str,
    explained: list[tuple],
    few_alike: Iterable[tuple],
) -> list[Finding]:
    """The same for who has asked for the names that may be told, and what was said.

    pointing: what all_pointers() found. few_alike: the combinations that rare() found.
    """
    said, found = dict(explained), {}
    told = (one for one in pointing if not is_known(*one[:2], known))
    for reason, words, field in chain(told, few_alike):
        key = key_of(reason, words)
        what, why = REASONS[reason], said.get(key, "")
        found.setdefault(key, Finding(key, what, words, field, why))
    return list(found.values())


def key_of(reason: str, words: str) -> str:
    """The same for the same words found for the same reason."""
    return hashlib.sha256(f"{reason}\n{words}".encode()).hexdigest()


def all_pointers(texts: Iterable[tuple]) -> Iterator[tuple]:
    """A reason, the words, and the field they stand in, of what texts() gives.

    Names among them that may be told, too: see is_known().
    """
    for field, text in texts:
        for reason, words in pointers(text):
            yield reason, words, field


def texts(record: models.Model) -> Iterator[tuple[str | Promise, str]]:
    """The words that a record and its nested rows put on a page, field by field."""
    for field in record._meta.fields:
        is_text = isinstance(field, models.CharField | models.TextField)
        if not is_text or field.choices or isinstance(field, models.SlugField):
            continue
        if text := getattr(record, field.name):
            yield field.verbose_name, str(text)
    for row in children(record):
        if isinstance(row, Citation) and not hasattr(row, "text"):
            yield row._meta.get_field("locator").verbose_name, row.locator
        else:
            yield from texts(row)


def pointers(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text that could point at somebody, each with the reason."""
    for reason, pattern in PATTERNS.items():
        if NEEDED.get(reason, pattern).search(text):
            for match in pattern.finditer(text):
                yield reason, match.group()
    for run in runs(text):
        yield "name", text[run[0].start() : run[-1].end()]


def is_known(reason: str, words: str, known: str) -> bool:
    """Whether words may be a name, but one that the base names already."""
    return reason == "name" and is_named(words.casefold(), known)


def is_named(words: str, known: str) -> bool:
    """Whether words stand in a text, and are no part of longer ones there.

    A pattern would have to be made for each name: that takes longer than to look.
    """
    at = known.find(words)
    while at >= 0:
        end = at + len(words)
        around = known[at - 1 : at] + known[end : end + 1]
        if not any(letter.isalnum() or letter == "_" for letter in around):
            return True
        at = known.find(words, at + 1)
    return False


def runs(text: str) -> Iterator[list[re.Match]]:
    """Neighbouring words that could be one name."""
    run: list[re.Match] = []
    for word in [*WORDS.finditer(text), None]:
        if word and not run and "a" <= text[word.start()] <= "z":
            continue  # no name does, and most words do
        follows = word and run and text[run[-1].end() : word.start()] == " "
        if word and is_linked(word.group(), run) and (follows or not run):
            run.append(word)
            continue
        yield from kept(text, run)
        run = [word] if word and is_linked(word.group(), []) else []


def is_linked(word: str, run: list[re.Match]) -> bool:
    """Whether a word may be part of a name, or link two parts of one."""
    if word.upper() == word.lower():  # a script without capitals
        return True
    if run and word in LINKS:
        return True
    return word[0].isupper() and word[1:] != word[1:].upper()


def kept(text: str, run: list[re.Match]) -> Iterator[list[re.Match]]:
    """A run without what only begins a sentence or ends in a link; or nothing."""
    while run and run[-1].group() in LINKS:
        run = run[:-1]
    if run and begins_sentence(text, run[0]) and run[0].group().lower() in OPENERS:
        run = run[1:]
    if run and not (len(run) == 1 and begins_sentence(text, run[0])):
        yield run


def begins_sentence(text: str, word: re.Match) -> bool:
    """Whether a word has its capital from where it stands."""
    before = text[: word.start()]
    told = before.rstrip()
    return not told or told[-1] in '.!?:“"(' or "\n" in before[len(told) :]


def public_names() -> models.QuerySet:
    """The question for every name that is public already and is no person’s.

    The names of each kind come as one text: there are thousands of them.
    """
    first, *rest = (
        records.order_by()
        .values(alike=models.Value(1))  # one group of all
        .annotate(names=models.StringAgg(name, models.Value("\n")))
        .values_list("names")
        for records, name in (
            (Organisation.objects.published(), "name"),
            (Country.objects.all(), "name"),
            (Region.objects.all(), "name"),
            (ResistanceForm.objects.published(), "name"),
            (Strategy.objects.published(), "name"),
            (Source.objects.published(), "title"),
            (Source.objects.published(), "publisher"),
        )
    )
    return first.union(*rest, all=True).order_by()


PUBLIC_NAMES = Prepared(public_names)


@dataclass(frozen=True)
class Names:
    """Every name that may be told, as one text to look in."""

    text: str | None = None  # nothing where they were not read yet
    version: Version = NOTHING  # a change of the content since which none changed

    def asked(self) -> tuple:
        """The question for what has changed since."""
        if self.text is None:
            return (contents.NEWEST,)
        return contents.SINCE, self.version


class KnownNames:
    """The names that this process has read, which seldom change.

    There are thousands of them: to read them took a sixth of a release, at 100,000
    cases.
    """

    def __init__(self):
        self.kept = Names()

    def now(self, kept: Names, changes: list[tuple] | None) -> str:
        """Every name that may be told now: those kept, or read anew.

        changes: the answer to what they asked. Whatever is no case may be a name.
        """
        is_known = kept.text is not None and changes is not None
        if not is_known or any(case is None for _number, _mark, case in changes):
            newest, names = together((contents.NEWEST,), (PUBLIC_NAMES,))
            text = "\n".join(name for (name,) in names if name).casefold()
            kept = Names(text, *newest)
        elif changes:
            kept = Names(kept.text, Version(*changes[-1][:2]))
        self.kept = kept
        return kept.text


NAMES = KnownNames()


def alike(
    key: int, country: str, year: int | None, form: int, kind: str | None, now: datetime
) -> models.QuerySet:
    """The question for public cases but one that met a form in that place and year.

    kind: of an organisation that they tell of, if that is asked.
    """
    of_case = {"case": models.OuterRef("pk")}
    telling = Encounter.objects.filter(**of_case, form=form)
    found = Case.objects.published(now).exclude(pk=key).order_by()
    found = found.filter(models.Exists(telling), country=country, period_from=year)
    if kind:
        links = Case.organisations.through.objects
        naming = links.filter(**of_case, organisation__kind=kind)
        found = found.filter(models.Exists(naming))
    return found.values_list("pk")[:FEW]


ALIKE = Prepared(alike)


def combinations(record: Record) -> list[tuple[str, tuple]]:
    """What a case could be known by, with the question for others that share it."""
    if not isinstance(record, Case):
        return []
    kinds = {o.kind: o.get_kind_display() for o in record.organisations.all()}
    if record.organisation_kind:
        kinds[record.organisation_kind] = record.get_organisation_kind_display()
    now, found = timezone.now(), []
    for encounter in record.encounters.all():
        place, form = record.country_id, encounter.form_id
        if not form or not place:
            continue
        for kind, label in (kinds or {None: _("no organisation")}).items():
            when = record.period_from or _("no year")
            words = f"{record.country} · {when} · {label} · {encounter.form}"
            year = record.period_from
            found.append((words, (ALIKE, record.pk, place, year, form, kind, now)))
    return found


def rare(shared: list[tuple], alike: list[list[tuple]]) -> Iterator[tuple]:
    """Combinations that no more than two public cases share, this one counted.

    alike: for each of the combinations, the cases that share it.
    """
    for (words, _question), found in zip(shared, alike, strict=True):
        if len(found) + 1 <= FEW:
            yield "rare", words, _("combination")
