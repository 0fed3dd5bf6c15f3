"""Full-text search over every published record.

One row a record in SearchEntry holds the tokens; an index of the database’s own (FTS5
in SQLite, GIN over a tsvector in PostgreSQL) finds rows by token. Both were made in the
migration and follow the table by themselves.
"""

from collections.abc import Iterable

from django.apps import apps
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from pyroaring import BitMap

from cases import contents
from cases.models import (
    Case,
    ContextNote,
    Lesson,
    Organisation,
    ResistanceForm,
    SearchEntry,
)
from cases.words import meant_by, stem, tokens
from sources.models import Record, Source
from strategies.models import Strategy, StrategyFamily

SHORTEST_PREFIX = 3

# What search knows, in the order in which other hits are listed.
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

# Where a case names a record, so that the words for that find the case too.
NAMED_BY_CASES = {
    "form": "encounters__form",
    "strategy": "encounters__responses__strategy",
    "organisation": "organisations",
}


def entries(query: str) -> QuerySet[SearchEntry]:
    """The rows that hold every word of the query; its last word may be a beginning."""
    words = meant_by(query)
    if not words:
        return SearchEntry.objects.none()
    if connection.vendor == "sqlite":
        sql = "SELECT rowid FROM cases_searchindex WHERE cases_searchindex MATCH %s"
        # Only letters and digits reach the query, and it is a parameter all the same.
        return SearchEntry.objects.filter(pk__in=RawSQL(sql, [fts5(words)]))  # noqa: S611
    sql = (
        "SELECT id FROM cases_searchentry WHERE"
        " array_to_tsvector(string_to_array(tokens, ' ')) @@ %s::tsquery"
    )
    return SearchEntry.objects.filter(pk__in=RawSQL(sql, [tsquery(words)]))  # noqa: S611


def fts5(words: list[str]) -> str:
    """The query as FTS5 spells it. Words hold letters and digits only."""
    return " AND ".join(
        f'("{word}" OR "{stem(word)}"{f' OR "{word}"*' if prefix else ""})'
        for word, prefix in with_prefix(words)
    )


def tsquery(words: list[str]) -> str:
    """The query as PostgreSQL spells it."""
    return " & ".join(
        f"('{word}' | '{stem(word)}'{f" | '{word}':*" if prefix else ''})"
        for word, prefix in with_prefix(words)
    )


def with_prefix(words: list[str]) -> Iterable[tuple[str, bool]]:
    """Each word, and whether it may be the beginning of another."""
    last = words[-1]
    return [(word, word == last and len(word) >= SHORTEST_PREFIX) for word in words]


def cases_with_words(query: str) -> QuerySet:
    """The keys of cases that the query finds, drafts and all: start from published."""
    return entries(query).filter(kind="case").values("record_id")


def keys_of_cases(query: str) -> BitMap:
    """The same as a set of keys."""
    return BitMap(cases_with_words(query).values_list("record_id", flat=True))


def texts_of_cases(keys: list[int]) -> dict[int, str]:
    """What search knows of these cases, by key."""
    rows = SearchEntry.objects.filter(kind="case", record_id__in=keys)
    return dict(rows.values_list("record_id", "text"))


def others(query: str, most: int) -> list[tuple[Record, SearchEntry]]:
    """Published records that are not cases, best first: title hits, then the rest."""
    found = entries(query).exclude(kind="case")
    by_kind: dict[str, dict[int, SearchEntry]] = {}
    for entry in found.order_by("pk")[: most * 10]:
        by_kind.setdefault(entry.kind, {})[entry.record_id] = entry
    hits = [
        (record, kind_entries[record.pk])
        for kind, model in KINDS.items()
        if (kind_entries := by_kind.get(kind))
        for record in model.objects.published().filter(pk__in=kind_entries)
    ]
    wanted = {stem(word) for word in meant_by(query)}

    def in_title(hit: tuple[Record, SearchEntry]) -> bool:
        return not wanted <= set(tokens(hit[1].title).split())

    return sorted(hits, key=in_title)[:most]


def texts(record: Record) -> list[str]:
    """What a reader may look for in a record, its titles and other names first."""
    names = aliases_of(record) if hasattr(record, "aliases") else []
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
    for organisation in case.organisations.published():
        about += [organisation.name, *names_of(organisation)]
    for encounter in case.encounters.all():
        about += [encounter.text, *(names_of(encounter.form))]
        for response in encounter.responses.all():
            about += [response.text, *names_of(response.strategy)]
            about.append(response.side_effects)
    return about


def place(case: Case) -> list[str]:
    """The names of where it happened, as closely as may be told."""
    if case.country:
        return [case.country.name, *case.country.aliases]
    return [case.region.name] if case.region else []


def names_of(term: Record | None) -> list[str]:
    """The name of a term and its aliases, so that other words for it find its cases."""
    if term is None:
        return []
    return [term.name, *aliases_of(term)]


def aliases_of(record: Record) -> list[str]:
    """Other words for a record."""
    return [alias.name for alias in record.aliases.all()]


def follow(record: Record) -> None:
    """Make the index say what is public of one record, and of all that name it."""
    kind = next(kind for kind, model in KINDS.items() if isinstance(record, model))
    renew(kind, type(record).objects.filter(pk=record.pk))
    if path := NAMED_BY_CASES.get(kind):
        renew("case", Case.objects.filter(**{path: record}).distinct())


def renew(kind: str, records: QuerySet) -> None:
    """Write the entries of these records anew, for those that are public."""
    keys = list(records.values_list("pk", flat=True))
    SearchEntry.objects.filter(kind=kind, record_id__in=keys).delete()
    public = KINDS[kind].objects.published().filter(pk__in=keys)
    SearchEntry.objects.bulk_create(entry(kind, record) for record in public)


def catch_up() -> int:
    """Take in cases whose time has come, drop those whose time is over; count both."""
    published = Case.objects.published().order_by().values("pk")
    known = SearchEntry.objects.filter(kind="case")
    dropped, _rows = known.exclude(record_id__in=published).delete()
    new = Case.objects.published().exclude(pk__in=known.values("record_id"))
    made = SearchEntry.objects.bulk_create(entry("case", case) for case in new)
    if dropped or made:
        contents.touch()
    return dropped + len(made)


def refresh() -> None:
    """Make the index say what is published now. Call it where that changes."""
    contents.touch()
    SearchEntry.objects.all().delete()
    SearchEntry.objects.bulk_create(
        entry(kind, record)
        for kind, model in KINDS.items()
        for record in model.objects.published().order_by("pk")
    )


def count_anew() -> None:
    """Let PostgreSQL look at how much there is, where a lot has just been written.

    Until it does, it takes the tables for empty, and a search of eight cases took three
    seconds. SQLite plans without counting.
    """
    if connection.vendor == "postgresql":
        tables = [model._meta.db_table for model in apps.get_models()]
        names = ", ".join(map(connection.ops.quote_name, tables))
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {names}")


def sentence(text: str) -> str:
    """A piece of text with an end, so that pieces do not run into each other."""
    return text if text.endswith((".", "!", "?", "”")) else f"{text}."


def entry(kind: str, record: Record) -> SearchEntry:
    """The row that stands for a record."""
    text = " ".join(sentence(part) for part in texts(record) if part)
    title = str(record)
    return SearchEntry(
        kind=kind,
        record_id=record.pk,
        title=title,
        text=text,
        tokens=tokens(f"{title} {text}"),
    )
