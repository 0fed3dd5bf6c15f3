"""What search is to know of a record: its title, its names and its texts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import batched
from operator import attrgetter

from django.db import models
from django.db.models import QuerySet

from cases import postings
from cases.models import (
    Case,
    ContextNote,
    Lesson,
    Organisation,
    ResistanceForm,
    SearchEntry,
)
from cases.words import sequence, tokens
from sources.models import Record, Source
from sources.pointing import leading_on, load
from sources.prepared import Prepared
from strategies.models import Strategy, StrategyFamily

# What search knows, in the order in which other hits are listed. A kind’s place is part
# of the numbers of its records: a new kind comes last.
KINDS: dict[str, type[Record]] = {
    "case": Case,
    "form": ResistanceForm,
    "family": StrategyFamily,
    "strategy": Strategy,
    "organisation": Organisation,
    "lesson": Lesson,
    "note": ContextNote,
    "source": Source,
}
KIND_NUMBERS = {kind: place for place, kind in enumerate(KINDS)}
LANGUAGE = "en"  # all that is published today
AT_ONCE = 500  # records in memory at a time


def entries_for(kind: str, keys: Iterable[int]) -> Iterator[SearchEntry]:
    """The entries of records by their keys, a few in memory at a time."""
    for some in batched(keys, AT_ONCE, strict=False):
        loaded = with_texts(kind, KINDS[kind].objects.filter(pk__in=some))
        for record in loaded.order_by("pk"):
            yield entry(kind, record)


def with_texts(kind: str, records: QuerySet) -> QuerySet:
    """Load all that the texts of these records are made of."""
    match kind:
        case "case":
            return records.select_related("country", "region").prefetch_related(
                "aliases",
                "organisations__aliases",
                "encounters__form__aliases",
                "encounters__responses__strategy__aliases",
            )
        case "form":
            return records.prefetch_related("aliases", "signs")
        case "strategy":
            return records.prefetch_related("aliases")
        case "organisation":
            return records.select_related("country").prefetch_related("aliases")
        case _:
            return records


def named_in(record: Record) -> dict[type[Record], dict[int, Record]]:
    """The terms and organisations that a case’s texts name: by kind, by key."""
    terms = defaultdict(dict)
    if isinstance(record, Case):
        shown = (
            field.get_cached_value(row, None)  # not what is not there any more
            for row in load(record)
            for field in leading_on(type(row))
            if field.name in ("form", "strategy")
        )
        for term in filter(None, [*shown, *record.organisations.all()]):
            terms[type(term)][term.pk] = term
    return terms


def other_words(terms: dict) -> Iterator[tuple]:
    """The questions for other words for these, kind by kind."""
    return ((aliases(model), [*some]) for model, some in terms.items())


def call_also(terms: dict, answers: list[list[models.Model]]) -> None:
    """Let these have the other words that were found for them."""
    for found, some in zip(answers, terms.values(), strict=True):
        for key, term in some.items():
            term.aliases = [alias for alias in found if alias.parent_id == key]


@cache
def aliases(model: type[Record]) -> Prepared:
    """The question for other words for records of a kind."""
    rows = model._meta.get_field("aliases").related_model.objects
    return Prepared(lambda keys: rows.filter(parent__in=keys))


def entry(kind: str, record: Record) -> SearchEntry:
    """The row that stands for a record, with all that its texts name."""
    text = " ".join(sentence(part) for part in texts(record) if part)
    names = " | ".join(aliases_of(record))
    return entry_of(kind, record.pk, title=str(record), text=text, names=names)


def entry_of(
    kind: str,
    key: int,
    *,
    title: str,
    text: str,
    names: str = "",
    language: str = LANGUAGE,
) -> SearchEntry:
    """The row that holds these texts; no phrase goes from the title into the text."""
    return SearchEntry(
        id=postings.number(KIND_NUMBERS[kind], key),
        kind=kind,
        record_id=key,
        language=language,
        title=title,
        names=names,
        text=text,
        sequence="|".join(sequence(part, language) for part in (title, text)),
    )


def held(entry: SearchEntry) -> set[str]:
    """The tokens that an entry holds."""
    return tokens(f"{entry.title} | {entry.names}", entry.text, entry.language)


def texts(record: Record) -> list[str]:
    """What a reader may look for in a record, its other names first."""
    names = aliases_of(record)
    match record:
        case Case():
            return [*names, *of_case(record)]
        case ResistanceForm():
            signs = (sign.text for sign in record.signs.all())
            return [*names, record.definition, record.note, *signs]
        case Strategy():
            return [*names, record.definition, record.caution]
        case StrategyFamily():
            return [record.definition]
        case Organisation():
            return [*names, record.country.name]
        case Source():
            return [record.publisher, record.note]
        case _:
            return [record.text]


def of_case(case: Case) -> list[str]:
    """A case’s texts, and the names of all that it is about."""
    about = [case.code, *place(case), case.pseudonym, case.snapshot, case.context]
    # In an order that is the same in memory and in every database.
    for organisation in sorted(case.organisations.all(), key=attrgetter("name")):
        if not organisation.live:
            continue
        about += [organisation.name, *aliases_of(organisation)]
    for encounter in case.encounters.all():
        about += [encounter.text, *names_of(encounter.form)]
        for response in encounter.responses.all():
            about += [response.text, *names_of(response.strategy)]
            about.append(response.side_effects)
    return about


def place(case: Case) -> list[str]:
    """The names of where it happened, as closely as may be told."""
    if case.country:
        return [case.country.name, *case.country.aliases]
    return [case.region.name] if case.region else []


def names_of(term: Record | None) -> Iterable[str]:
    """The name of a term and its aliases, so that other words for it find its cases."""
    return [term.name, *aliases_of(term)] if term else []


def aliases_of(record: Record) -> list[str]:
    """Other words for a record."""
    if not hasattr(record, "aliases"):
        return []
    return [alias.name for alias in record.aliases.all()]


def sentence(text: str) -> str:
    """A piece of text with an end, so that pieces do not run into each other."""
    return text if text.endswith((".", "!", "?", "”")) else f"{text}."
