"""Questions that are put into SQL once: that takes longer than to ask them.

The ORM makes one anew each time: 0.1 to 0.5 ms, where the answer about one record, or
a few, takes 0.02. PostgreSQL is told it once for each connection and keeps its plan.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, islice
from typing import Self

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet

from sources.sending import Asked, Plan, keeps_plans, sent

FEW = 5  # keys in a list: a statement for so many or fewer, one for 4 times as many
MANY = 20_480  # more would need places that a question’s own numbers may have
MOST_KEPT = 200  # values of a statement that a server is to keep
SOME_NUMBER = 32_767  # fits into the smallest of columns
SOME_TIME = datetime(1, 1, 1, tzinfo=UTC)
type Value = int | str | datetime | list[int] | list[str] | None


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

    def ahead(self, asked: Iterable[tuple[Value, ...]]) -> Iterator[list]:
        """The answers for values after values: each is given while the next is sought.

        A thread waits for the database, which takes a processor of its own meanwhile.
        Whoever uses these answers must ask nothing else until they are all given.
        """
        line = connections[router.db_for_read(Model)]
        line.inc_thread_sharing()
        try:
            with ThreadPoolExecutor(max_workers=1) as thread:
                sought = None
                for values in asked:
                    later = thread.submit(sent, line, [self.put(line, *values)])
                    if sought:
                        yield from sought.result()
                    sought = later
                if sought:
                    yield from sought.result()
        finally:
            line.dec_thread_sharing()

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


def together(
    *questions: tuple, meanwhile: Callable[[], None] | None = None
) -> list[list]:
    """The answers to several questions, each with its values, that need no other’s.

    meanwhile: what else is to be done; PostgreSQL looks for them at the same time.
    """
    line = connections[router.db_for_read(Model)]
    asked = [question.put(line, *values) for question, *values in questions]
    return sent(line, asked, meanwhile)


def in_groups(
    *groups: list[tuple], meanwhile: Callable[[], None] | None = None
) -> list[list[list]]:
    """The answers to groups of questions, group by group, asked together."""
    asked = chain.from_iterable(groups)
    answers = iter(together(*asked, meanwhile=meanwhile))
    return [[*islice(answers, len(group))] for group in groups]


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
