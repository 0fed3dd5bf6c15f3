"""Questions that are put into SQL once: that takes longer than to ask them.

The ORM makes one anew each time: 0.1 to 0.5 ms, where the answer about one record, or
a few, takes 0.02. PostgreSQL is told it once for each connection and keeps its plan.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache, partial
from itertools import chain, count, islice
from math import inf
from typing import NamedTuple, Self
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from psycopg.adapt import Transformer

FEW = 5  # keys in a list: a statement for so many or fewer, one for 4 times as many
MANY = 20_480  # more would need places that a question’s own numbers may have
MOST_KNOWN = 1_000  # statements
MOST_KEPT = 200  # values of a statement that a server is to keep
SOME_NUMBER = 32_767  # fits into the smallest of columns
SOME_TIME = datetime(1, 1, 1, tzinfo=UTC)
type Value = int | str | datetime | list[int] | list[str] | None


NUMBERS = count(1)
PLANS: WeakKeyDictionary = WeakKeyDictionary()  # by connection
PLANS_LAST = 20  # seconds: a table may have grown since


@dataclass(frozen=True)
class Plan:
    """A statement that PostgreSQL keeps for a connection, by name."""

    name: str
    text: str  # with $1 … for what it is asked with, %s for what it says itself
    own: tuple  # the latter
    asked_with: tuple[int, ...] = ()  # which of the values given, in its order

    @cached_property
    def asking(self) -> str:
        """What asks for it, with places for the values."""
        marks = ", ".join(["%s"] * len(self.asked_with))
        return f"EXECUTE {self.name}{f'({marks})' if marks else ''}"

    @classmethod
    def of(cls, text: str, values: Iterable[tuple[int, object]]) -> Self:
        """The plan for a statement; of each value which of those given, or itself.

        A number is not taken for one that fits the column: it would be refused if not.
        """
        asked_with = (*dict.fromkeys(at for at, _own in values if at >= 0),)
        numbers = {at: n for n, at in enumerate(asked_with, start=1)}
        kinds = ("::bigint" if isinstance(own, int) else "" for _at, own in values)
        marks = (
            f"${numbers[at]}{kind}" if at in numbers else "%s"
            for (at, _own), kind in zip(values, kinds, strict=True)
        )
        own = tuple(own for at, own in values if at not in numbers)
        told = text.replace("%%", "%%%%") % (*marks,)
        verb = text.split()[0].strip("(").lower()  # who looks at the server sees it
        return cls(f"{verb}_{next(NUMBERS)}", told, own, asked_with)


@dataclass(frozen=True)
class Plans:
    """Those that a server knows for a connection, by name, and since when."""

    names: set[str] = field(default_factory=set)
    since: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, cursor: CursorWrapper) -> Self:
        """Those of the connection of a cursor; old ones are forgotten."""
        known = PLANS.get(cursor.connection)
        if known and time.monotonic() - known.since > PLANS_LAST:
            tell(cursor, "DEALLOCATE ALL")
            known = None
        if known is None:
            known = PLANS[cursor.connection] = cls()
        return known

    def add(self, plans: Iterable[Plan], cursor: CursorWrapper) -> None:
        """Let the server know some, unless it does, in one message."""
        new = {plan.name: plan for plan in plans if plan.name not in self.names}
        if new:
            texts = (f"PREPARE {name} AS {plan.text}" for name, plan in new.items())
            own = tuple(value for plan in new.values() for value in plan.own)
            try:
                tell(cursor, "; ".join(texts), own)
            except DatabaseError:  # it may know some of them: all are to be forgotten
                PLANS[cursor.connection] = Plans(since=-inf)
                raise
            self.names.update(new)


def tell(cursor: CursorWrapper, text: str, values: tuple = ()) -> None:
    """Say something to a server that is no question, and not counted as one."""
    with cursor.db.wrap_database_errors:
        cursor.cursor.execute(text, values)


def keeps_plans(line: BaseDatabaseWrapper) -> bool:
    """Whether the server at the end of a line keeps a statement for it.

    It would not know who asks behind a pooler, for which Django has a setting.
    """
    if line.vendor != "postgresql":
        return False
    return not line.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]


@dataclass(frozen=True)
class Statement:
    """A question as a database understands it, and how its answer is read."""

    text: str
    values: tuple[tuple[int, object], ...]  # which of those given; or -1, and the value
    plan: Plan | None
    converters: dict[int, tuple] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    model: type[Model] | None = None  # where records are asked for and not columns

    @classmethod
    def of(cls, line: BaseDatabaseWrapper, text: str, values: Iterable, *read) -> Self:
        """The statement as the server at the end of a line is to be told it."""
        told = tuple(values)
        is_kept = keeps_plans(line) and len(told) <= MOST_KEPT
        return cls(text, told, Plan.of(text, told) if is_kept else None, *read)

    def asked(self, given: list, line: BaseDatabaseWrapper) -> "Asked":
        """The question with the values given."""
        read = partial(self.read, line)
        if self.plan:
            told = [given[at] for at in self.plan.asked_with]
            return Asked(self.plan.asking, told, read, self.plan)
        told = [given[at] if at >= 0 else own for at, own in self.values]
        return Asked(self.text, told, read)

    def read(self, line: BaseDatabaseWrapper, rows: list[tuple]) -> list:
        """What the ORM would make of these rows."""
        if self.converters:
            rows = [self.converted(row, line) for row in rows]
        if self.model is None:
            return rows
        return [self.model.from_db(line.alias, self.columns, row) for row in rows]

    def converted(self, row: tuple, line: BaseDatabaseWrapper) -> tuple:
        """A row of values as Python has them."""
        told = list(row)
        for at, (converters, column) in self.converters.items():
            for convert in converters:
                told[at] = convert(told[at], column, line)
        return tuple(told)


class Asked(NamedTuple):
    """A question as it goes to a database, and what makes an answer of its rows."""

    text: str
    values: list
    read: Callable[[list[tuple]], list]
    plan: Plan | None = None  # that must be known before


class Prepared:
    """A question as the ORM puts it, for values to be filled in.

    It is made by a function of these values: whole numbers, texts, moments, lists of
    keys (of which there is one at least), or nothing. Its answer is records of one
    table, or rows of columns. What it asks of the clock must be a value: it is put into
    SQL at another time.
    """

    def __init__(self, question: Callable[..., QuerySet]):
        self.question = question
        self.statements: dict[tuple, Statement] = {}

    def __call__(self, *values: Value) -> list:
        """The answer for these values, from the server that is read from."""
        [answer] = together((self, *values))
        return answer

    def put(self, line: BaseDatabaseWrapper, *values: Value) -> Asked:
        """The question with these values."""
        given = [filled(v) if isinstance(v, list) else v for v in values]
        known = line.vendor, keeps_plans(line), *map(shape, given)
        if known not in self.statements:
            self.statements[known] = self.made(line, given)
        return self.statements[known].asked([*flat(given, line)], line)

    def made(self, line: BaseDatabaseWrapper, given: list[Value]) -> Statement:
        """The statement for values of these kinds."""
        query = self.question(*places(given)).query
        compiler = query.get_compiler(connection=line)
        text, values = compiler.as_sql()
        at = {place: n for n, place in enumerate(flat(places(given), line))}
        columns = [column for column, *_sql in compiler.select]
        is_plain = query.values_select or query.annotation_select
        return Statement.of(
            line,
            text,
            ((at.get(value, -1), value) for value in values),
            compiler.get_converters(columns),
            [] if is_plain else [column.target.attname for column in columns],
            None if is_plain else query.model,
        )


def together(*questions: tuple) -> list[list]:
    """The answers to several questions, each with its values, that need no other’s.

    PostgreSQL gets them in one message: it waits longer for the next than it takes to
    answer one.
    """
    line = connections[router.db_for_read(Model)]
    return sent(line, [question.put(line, *values) for question, *values in questions])


def in_groups(*groups: list[tuple]) -> list[list[list]]:
    """The answers to groups of questions, group by group, asked together."""
    answers = iter(together(*chain.from_iterable(groups)))
    return [[*islice(answers, len(group))] for group in groups]


def sent(line: BaseDatabaseWrapper, asked: list[Asked]) -> list[list]:
    """The answers to some statements, in their order."""
    if not asked:
        return []
    if line.vendor == "sqlite" and not is_watched(line):
        return past_cursors(line, asked)
    answers = []
    with line.cursor() as cursor:
        if line.vendor == "postgresql":
            plans = [one.plan for one in asked if one.plan]
            Plans.of(cursor).add(plans, cursor)
            cursor.execute(message(asked, cursor))
            result = cursor.cursor  # all of it is here: no more can go wrong there
            for one in asked:
                rows = result.fetchall() if result.rownumber is not None else []
                answers.append(one.read(rows))
                result.nextset()
            return answers
        for one in asked:
            cursor.execute(one.text, one.values)
            answers.append(one.read(cursor.fetchall() if cursor.description else []))
        return answers


def is_watched(line: BaseDatabaseWrapper) -> bool:
    """Whether somebody counts what a database is asked: only its cursors tell them."""
    return bool(line.queries_logged or line.execute_wrappers)


def past_cursors(line: BaseDatabaseWrapper, asked: list[Asked]) -> list[list]:
    """The answers of SQLite: cursors take as long over most of them as it does."""
    line.ensure_connection()
    line.validate_no_broken_transaction()
    with line.wrap_database_errors:
        return [
            one.read(line.connection.execute(marked(one.text), one.values).fetchall())
            for one in asked
        ]


@lru_cache(MOST_KNOWN)
def marked(text: str) -> str:
    """A statement with its places as SQLite has them."""
    return text.replace("%%", "\0").replace("%s", "?").replace("\0", "%")


def message(asked: list[Asked], cursor: CursorWrapper) -> str:
    """Some statements in one, with their values as psycopg writes them.

    Given the values, it would look through all of it for places to put them in.
    """
    literal = Transformer(cursor.cursor).as_literal
    with cursor.db.wrap_database_errors:
        told = (one.text.encode() % (*map(literal, one.values),) for one in asked)
        return b"; ".join(told).decode()


def filled(keys: list) -> list:
    """A list of keys in full length: the last one again and again."""
    length = FEW
    while length < len(keys):
        length *= 4
    if length > MANY:
        raise ValueError(f"{len(keys)} keys are too many for one question")
    return [*keys, *keys[-1:] * (length - len(keys))]


def shape(value: Value) -> type | tuple | None:
    """What statements for two values must have in common."""
    if isinstance(value, list):
        return len(value), type(value[0])
    return None if value is None else type(value)


def places(given: list[Value]) -> list[Value]:
    """What stands for each value in a question, and for nothing that it says itself."""
    made, at = [], 0
    for value in given:
        at += len(value) if isinstance(value, list) else 1
        match value:
            case list():
                numbers = range(SOME_NUMBER - at, SOME_NUMBER - at + len(value))
                is_text = isinstance(value[0], str)
                made.append([f"\0{n}" if is_text else n for n in numbers])
            case int():
                made.append(SOME_NUMBER - at)
            case str():
                made.append(f"\0{SOME_NUMBER - at}")
            case datetime():
                made.append(SOME_TIME + timedelta(at))
            case _:
                made.append(None)
    return made


def flat(values: list[Value], line: BaseDatabaseWrapper) -> Iterator[int | str]:
    """Values one by one, as a database spells them, but for nothing."""
    for value in values:
        if isinstance(value, list):
            yield from value
        elif isinstance(value, datetime):
            yield line.ops.adapt_datetimefield_value(value)
        elif value is not None:
            yield value
