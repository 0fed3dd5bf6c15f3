"""Write made-up cases into the database, many rows at a time.

Every constraint of the tables stays in force. Triggers, which would note each row as a
change, are taken away meanwhile and come back as the database itself spells them. So do
PostgreSQL’s foreign keys and plain indexes: to judge and to sort all rows at the end
takes far less than one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import batched
from pathlib import Path

from django.core.management import call_command, get_commands
from django.core.management.color import no_style
from django.db import connection, models, transaction

from cases import postings, search
from cases.models import (
    Case,
    Consent,
    Encounter,
    Organisation,
    Response,
    RiskAssessment,
    SearchEntry,
)
from tests.scale.batches import Held, by_part, made, own_fields
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
# What takes away and gives back, of PostgreSQL’s tables, keys of others and indexes.
LATER = (
    """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s',
            conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
    """,
    """
    SELECT format('DROP INDEX %%I', indexname), indexdef FROM pg_indexes
    WHERE tablename = ANY(%s) AND indexdef NOT LIKE 'CREATE UNIQUE%%'
    """,
)
ALIKE = {Organisation: {"live": True, "kind": "civil-society"}}  # in all rows


def load(
    world: World, tell: Callable[[int], None], shared: Path | None = None
) -> Counter:
    """Write all cases of a world; say how many are published, drafts, and so on.

    tell is called with the number of cases that are written so far. shared: a folder
    for batches, where one other database gets the same at the same time.
    """
    fates = Counter()
    gathered = Words()
    with untriggered():
        with transaction.atomic():
            write(Organisation, world.organisation_rows)
        for batch in made(world, shared):
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


@contextmanager
def untriggered() -> Iterator[None]:
    """Without the triggers of the tables that are written."""
    tables = [model._meta.db_table for model in (*COLUMNS, SearchEntry)]
    if connection.vendor == "postgresql":
        switch("DISABLE", tables)
        later = [statements for kind in LATER for statements in asked(kind, tables)]
        for without, _again in later:
            run(without)
        yield
        for _without, again in reversed(later):
            run(again)
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


def asked(question: str, *values: object) -> list[tuple]:
    """What the database answers."""
    with connection.cursor() as cursor:
        cursor.execute(question, values or None)
        return cursor.fetchall()


def advance_numbers() -> None:
    """Let the next row get a number that none of these has."""
    written = list(COLUMNS)
    for statement in connection.ops.sequence_reset_sql(no_style(), written):
        run(statement)
