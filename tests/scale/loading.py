"""Write made-up cases into the database, many rows at a time.

Every constraint of the tables stays in force. Triggers, which would note each row as a
change, are taken away meanwhile and come back as the database itself spells them.
"""

import gc
import os
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import batched
from multiprocessing import get_context

import numpy as np
from django.core.management import call_command, get_commands
from django.core.management.color import no_style
from django.db import connection, models, transaction

from cases import postings, search, words
from cases.entries import entry, held
from cases.models import (
    Case,
    Consent,
    Encounter,
    Organisation,
    Response,
    RiskAssessment,
    SearchEntry,
)
from sources.models import Record
from tests.scale.inventing import FIRST, Batch, World

Link = Case.organisations.through
COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    Organisation: ("id", "slug", "name", "country_id"),
    Case: (
        *("id", "slug", "code", "title", "origin"),
        *("place_precision", "country_id", "region_id"),
        *("naming", "pseudonym", "organisation_kind", "snapshot", "context"),
        *("time_precision", "period_from", "period_to"),
        *("quarter_from", "quarter_to", "period_basis"),
        *("telling", "evidence", "last_checked"),
        *("live", "withdrawn_at", "first_published_at"),
        *("visible_from", "visible_until"),
    ),
    Link: ("case_id", "organisation_id"),
    Encounter: (
        *("id", "case_id", "sort_order", "form_id", "form_basis"),
        *("actor", "actor_basis", "setting", "setting_basis", "text"),
    ),
    Response: (
        *("id", "encounter_id", "sort_order", "strategy_id", "strategy_basis"),
        *("text", "effect", "effect_basis", "side_effects", "side_effects_basis"),
        *("visibility", "visibility_basis", "risk_bearer", "risk_bearer_basis"),
    ),
    Consent: (
        *("case_id", "recorded_at", "given_by", "authority"),
        *("given_on", "expires_on", "scopes"),
    ),
    RiskAssessment: (
        *("case_id", "recorded_at", "harmed", "harmed_by", "likelihood", "severity"),
        *("legal_setting", "decision", "embargo_until", "review_due"),
    ),
}
ALIKE = {Organisation: {"live": True, "kind": "civil-society"}}  # in all rows


def load(world: World, tell: Callable[[int], None]) -> Counter:
    """Write all cases of a world; say how many are published, drafts, and so on.

    tell is called with the number of cases that are written so far.
    """
    fates = Counter()
    gathered = Words()
    with untriggered():
        with transaction.atomic():
            write(Organisation, world.organisation_rows)
        for batch in made(world):
            write_batch(batch)
            gathered.add(batch.words)
            fates += batch.fates
            tell(fates.total())
        gathered.write()
    search.renew("organisation", Organisation.objects.filter(pk__gte=FIRST))
    postings.settle()
    advance_numbers()
    search.count_anew()
    if "build_index" in get_commands():
        call_command("build_index", verbosity=0)
    return fates


def made(world: World) -> Iterator[Batch]:
    """All batches in order, made by a process for each core if there are several.

    Those processes are copies of this one and do not touch the database.
    """
    if len(world.starts()) == 1:
        yield whole(world, 0)
        return
    cores = os.cpu_count() or 1
    with get_context("fork").Pool(cores, begin, (world,)) as pool:
        ahead = deque()
        for start in world.starts():
            ahead.append(pool.apply_async(of_copy, (start,)))
            if len(ahead) > 2 * cores:  # no more in memory than the database can take
                yield ahead.popleft().get()
        while ahead:
            yield ahead.popleft().get()


def begin(world: World) -> None:
    """Let a copied process know the world, and remember each of its many words."""
    of_copy.world = world
    gc.disable()  # nothing here points back at what made it
    words.shape = cache(words.shape.__wrapped__)


def of_copy(start: int) -> Batch:
    """One batch, in a copied process."""
    return whole(of_copy.world, start)


def whole(world: World, start: int) -> Batch:
    """A batch with the rows of search, made by search itself."""
    batch = world.batch(start)
    entries = [entry_of(found, world) for found in batch.found]
    fields = [field.attname for field in own_fields(SearchEntry)]
    batch.entries = [tuple(getattr(e, name) for name in fields) for e in entries]
    batch.words = by_part(entries)
    batch.found = []
    return batch


class Numbers(dict):
    """A number for each token, in the order in which they come."""

    def __missing__(self, token: str) -> int:
        self[token] = len(self)
        return self[token]


@dataclass(frozen=True)
class Held:
    """Which cases hold each word: their keys one after another, some for each word."""

    tokens: list[str]
    counts: list[int]
    keys: array

    def __iter__(self) -> Iterator[tuple[str, array]]:
        at = 0
        for token, count in zip(self.tokens, self.counts, strict=True):
            yield token, self.keys[at : at + count]
            at += count


def by_part(entries: Iterable[SearchEntry]) -> dict[int, Held]:
    """Which cases hold each word, apart for each part of search; keys in order."""
    parts = defaultdict(lambda: (Numbers(), array("I"), array("I"), array("I")))
    for row in entries:
        numbers, words, keys, ends = parts[row.pk >> postings.PART_BITS]
        words.extend(map(numbers.__getitem__, held(row)))
        keys.append(row.pk)
        ends.append(len(words))
    return {part: sorted_by_word(*found) for part, found in parts.items()}


def sorted_by_word(numbers: Numbers, words: array, keys: array, ends: array) -> Held:
    """The same by word: words are those of each case in turn, up to its end."""
    words = np.array(words)
    keys = np.repeat(np.array(keys), np.diff(np.array(ends), prepend=0))
    keys = keys[np.argsort(words, kind="stable")].astype(np.uint32)
    return Held(list(numbers), np.bincount(words).tolist(), array("I", keys.tobytes()))


class Words:
    """Which cases hold which words: gathered part by part, as search keeps them."""

    def __init__(self):
        self.part, self.holders = 0, {}
        self.add(by_part(SearchEntry.objects.filter(kind="case").order_by("pk")))

    def add(self, parts: dict[int, Held]) -> None:
        """Take in the words of some cases, which follow those that came before."""
        for part, found in parts.items():
            if part != self.part:
                self.write()
                self.part = part
            for token, keys in found:
                if token in self.holders:
                    self.holders[token].extend(keys)
                else:
                    self.holders[token] = keys

    @transaction.atomic
    def write(self) -> None:
        """Write the part that was gathered."""
        rows = postings.packed(self.part, self.holders)
        with connection.cursor() as cursor:
            for some in batched(rows, postings.AT_ONCE, strict=False):
                postings.put(cursor, some)
        self.holders.clear()


@transaction.atomic
def write_batch(batch: Batch) -> None:
    """Write the rows of some cases, and what search knows of those that are public."""
    write(Case, batch.cases)
    write(Link, batch.links)
    write(Encounter, batch.encounters)
    write(Response, batch.responses)
    write(RiskAssessment, batch.risks)
    write(Consent, batch.consents)
    columns = tuple(field.column for field in own_fields(SearchEntry))
    write(SearchEntry, batch.entries, columns)


def own_fields(model: type[models.Model]) -> list[models.Field]:
    """The fields that a row is written with."""
    return [f for f in model._meta.concrete_fields if not f.generated]


def write(
    model: type[models.Model], rows: Iterable[tuple], columns: tuple[str, ...] = ()
) -> None:
    """Write rows in the given columns; the other columns get the field’s default."""
    columns = columns or COLUMNS[model]
    alike = ALIKE.get(model, {})
    others = {
        field.column: alike.get(field.name, field.get_default())
        for field in own_fields(model)
        if field.column not in columns and not field.primary_key
    }
    names = ", ".join(f'"{column}"' for column in (*columns, *others))
    table, rest = model._meta.db_table, tuple(others.values())
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join("?" * (len(columns) + len(others)))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
            raw = connection.connection
            raw.executemany(statement, (tuple(row) + rest for row in rows))
        else:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(tuple(row) + rest)


class Rows(list):
    """Rows at hand, asked for as if they were in the database."""

    def published(self) -> "Rows":
        return self

    all = published


class Known:
    """A record that is told of and not stored: search reads it like the stored one."""

    def __init__(self, model: type[Record] | None = None, **values):
        vars(self).update(values, model=model)

    @property
    def __class__(self):  # so that search takes it for what it stands for
        return self.model or Known

    def __str__(self):
        return self.title


@cache
def at_hand(term: Record | None) -> Known | None:
    """A term as search reads it, with its aliases: a cluster seeks them each time."""
    return term and Known(name=term.name, aliases=Rows(term.aliases.all()))


def entry_of(found: dict, world: World) -> SearchEntry:
    """The row that search keeps of a case, made by search itself."""

    def name_of(organisation: int) -> str:  # which is how search lists them
        return world.organisation_rows[organisation][2]

    case = Known(
        Case,
        **{name: found[name] for name in ("pk", "code", "title", "country", "region")},
        **{name: found[name] for name in ("pseudonym", "snapshot", "context")},
        aliases=Rows(),
        organisations=Rows(
            Known(name=name_of(number), live=True, aliases=Rows())
            for number in sorted(found["organisations"], key=name_of)
        ),
        encounters=Rows(
            Known(
                text=text,
                form=at_hand(form),
                responses=Rows(
                    Known(text=answer, strategy=at_hand(term), side_effects=cost)
                    for answer, term, cost in responses
                ),
            )
            for text, form, responses in found["encounters"]
        ),
    )
    return entry("case", case)


@contextmanager
def untriggered() -> Iterator[None]:
    """Without the triggers of the tables that are written."""
    tables = [model._meta.db_table for model in (*COLUMNS, SearchEntry)]
    if connection.vendor == "postgresql":
        switch("DISABLE", tables)
        yield
        switch("ENABLE", tables)
        return
    triggers = [
        (name, sql)
        for name, table, sql in asked(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        )
        if table in tables
    ]
    for name, _sql in triggers:
        run(f"DROP TRIGGER {name}")
    yield
    for _name, sql in triggers:
        run(sql)


def switch(how: str, tables: list[str]) -> None:
    """Let PostgreSQL’s triggers of our own sleep or wake; those of its keys stay."""
    connection.check_constraints()  # what waits to be judged would be in the way
    for table in tables:
        run(f"ALTER TABLE {table} {how} TRIGGER USER")


def run(statement: str) -> None:
    """Let the database do something."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def asked(question: str) -> list[tuple]:
    """What the database answers."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def advance_numbers() -> None:
    """Let the next row get a number that none of these has."""
    written = list(COLUMNS)
    for statement in connection.ops.sequence_reset_sql(no_style(), written):
        run(statement)
