"""How statements are sent: past cursors, and to PostgreSQL several in one message.

A cursor takes as long over most statements as the database does, and a server waits
longer for the next than it takes to answer one.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import count
from math import inf
from typing import NamedTuple, Self
from weakref import WeakKeyDictionary

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import errors, generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, TransactionStatus

MOST_KNOWN = 1_000  # statements
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
    def of(cls, line: BaseDatabaseWrapper) -> Self:
        """Those of the connection that a line has now; old ones are forgotten."""
        known = PLANS.get(line.connection)
        if known and time.monotonic() - known.since > PLANS_LAST:
            tell(line, "DEALLOCATE ALL")
            known = None
        if known is None:
            known = PLANS[line.connection] = cls()
        return known

    def add(self, plans: Iterable[Plan], line: BaseDatabaseWrapper) -> None:
        """Let the server know some, unless it does, in one message."""
        new = {plan.name: plan for plan in plans if plan.name not in self.names}
        if new:
            texts = (f"PREPARE {name} AS {plan.text}" for name, plan in new.items())
            own = tuple(value for plan in new.values() for value in plan.own)
            try:
                tell(line, "; ".join(texts), own)
            except DatabaseError:  # it may know some of them: all are to be forgotten
                PLANS[line.connection] = Plans(since=-inf)
                raise
            self.names.update(new)


def tell(line: BaseDatabaseWrapper, text: str, values: tuple = ()) -> None:
    """Say something to a server that is no question, and not counted as one."""
    for answer in line.execute_wrappers:
        if isinstance(answer, Answer):
            answer.await_all()
    with line.cursor() as cursor, line.wrap_database_errors:
        cursor.cursor.execute(text, values)


def keeps_plans(line: BaseDatabaseWrapper) -> bool:
    """Whether the server at the end of a line keeps a statement for it.

    It would not know who asks behind a pooler, for which Django has a setting.
    """
    if line.vendor != "postgresql":
        return False
    return not line.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]


class Asked(NamedTuple):
    """A question as it goes to a database, and what makes an answer of its rows."""

    text: str
    values: list
    read: Callable[[list[tuple]], list]
    plan: Plan | None = None  # that must be known before


def sent(
    line: BaseDatabaseWrapper,
    asked: list[Asked],
    meanwhile: Callable[[], None] | None = None,
) -> list[list]:
    """The answers to some statements, in their order.

    meanwhile: what else is to be done; PostgreSQL looks for them at the same time. A
    cursor that executes something then waits for them. It must not copy, nor begin a
    transaction where there is none.
    """
    is_apart = bool(asked) and line.vendor == "postgresql" and not needs_cursor(line)
    if meanwhile and not is_apart:
        meanwhile()
    if not asked:
        return []
    line.close_if_health_check_failed()  # the first statement of a request may be this
    line.ensure_connection()
    line.validate_thread_sharing()
    line.validate_no_broken_transaction()
    if plans := [one.plan for one in asked if one.plan]:
        Plans.of(line).add(plans, line)
    if is_apart:
        told = of_postgresql(line, asked, meanwhile)
    else:
        told = (by_cursor if needs_cursor(line) else of_sqlite)(line, asked)
    return [one.read(rows) for one, rows in zip(asked, told, strict=True)]


def needs_cursor(line: BaseDatabaseWrapper) -> bool:
    """Whether a line is to be asked as Django asks.

    Only cursors tell those who watch, and begin transactions of a kind that is set.
    """
    return is_watched(line) or "isolation_level" in line.settings_dict["OPTIONS"]


def is_watched(line: BaseDatabaseWrapper) -> bool:
    """Whether somebody counts what a database is asked: only its cursors tell them."""
    return bool(line.queries_logged or line.execute_wrappers)


def by_cursor(line: BaseDatabaseWrapper, asked: list[Asked]) -> list[list[tuple]]:
    """The rows that answer each statement, as Django asks."""
    answers = []
    with line.cursor() as cursor:
        if line.vendor == "postgresql":
            cursor.execute(message(asked, line, Transformer(line.connection)).decode())
            result = cursor.cursor  # all of it is here: no more can go wrong there
            for _one in asked:
                has_rows = result.rownumber is not None
                answers.append(result.fetchall() if has_rows else [])
                result.nextset()
            return answers
        for one in asked:
            cursor.execute(one.text, one.values)
            answers.append(cursor.fetchall() if cursor.description else [])
    return answers


def of_sqlite(line: BaseDatabaseWrapper, asked: list[Asked]) -> list[list[tuple]]:
    """The same, of SQLite itself."""
    with line.wrap_database_errors:
        return [
            line.connection.execute(marked(one.text), one.values).fetchall()
            for one in asked
        ]


@lru_cache(MOST_KNOWN)
def marked(text: str) -> str:
    """A statement with its places as SQLite has them."""
    return text.replace("%%", "\0").replace("%s", "?").replace("\0", "%")


def of_postgresql(
    line: BaseDatabaseWrapper,
    asked: list[Asked],
    meanwhile: Callable[[], None] | None = None,
) -> list[list[tuple]]:
    """The same, of PostgreSQL itself. A transaction begins with the same message."""
    server, known = line.connection.pgconn, Transformer(line.connection)
    is_out = server.transaction_status == TransactionStatus.IDLE
    begin = [b"BEGIN"] if is_out and not line.connection.autocommit else []
    told = b"; ".join([*begin, message(asked, line, known)])
    answer = Answer(line)
    with line.wrap_database_errors:
        server.send_query(told)
        try:
            if meanwhile:
                with line.execute_wrapper(answer):
                    meanwhile()
        finally:
            answer.await_all()
    answers = []
    for result in answer.results[len(begin) :]:
        known.set_pgresult(result)
        answers.append(known.load_rows(0, result.ntuples, tuple))
    return answers


@dataclass
class Answer:
    """What PostgreSQL answers to a message that it was sent; cursors wait for it."""

    line: BaseDatabaseWrapper
    results: list = field(default_factory=list)
    is_awaited: bool = False

    def await_all(self) -> None:
        """Have all of it, unless waiting for it was broken off.

        Raises the error that ended it, each time.
        """
        connection = self.line.connection
        with self.line.wrap_database_errors:
            if not self.is_awaited:
                self.is_awaited = True
                self.results += connection.wait(generators.execute(connection.pgconn))
            if self.results and self.results[-1].status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(self.results[-1])

    def __call__(self, execute: Callable, *statement: object) -> object:
        """Ask something else, after it."""
        self.await_all()
        return execute(*statement)


def message(asked: list[Asked], line: BaseDatabaseWrapper, known: Transformer) -> bytes:
    """Some statements in one, with their values as psycopg writes them.

    Given the values, it would look through all of it for places to put them in.
    """
    with line.wrap_database_errors:
        told = (
            one.text.encode() % (*map(known.as_literal, one.values),) for one in asked
        )
        return b"; ".join(told)
