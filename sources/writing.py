"""Rows written by their keys, several in one message.

The ORM takes 0.3 to 0.5 ms to say what a database writes in 0.05, and PostgreSQL waits
for the next. It remains the way to write what is not written on every release.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from django.db import DatabaseError, connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

from sources.prepared import Statement
from sources.sending import Asked, sent


@dataclass(frozen=True)
class Row:
    """A row as it is to be stored: a new one, or one that is there already.

    Its columns get their values from it: not for those that a database fills by itself,
    but for the key, which the row is told.
    """

    of: models.Model
    changing: tuple[str, ...] = ()  # the fields to store of one that is there
    or_new: bool = False  # it may not be there yet

    def put(self, line: BaseDatabaseWrapper) -> Asked:
        """The statement that stores it."""
        is_new = self.or_new or not self.changing
        fields = stored_fields(type(self.of), self.changing, is_new, self.of.pk is None)
        values = [
            field.get_db_prep_save(field.pre_save(self.of, add=is_new), line)
            for field in fields
        ]
        text = storing(type(self.of), fields, self.changing, is_new)
        read = partial(self.stored, line.alias)
        return statement(text, line.alias).asked(values, line)._replace(read=read)

    def stored(self, alias: str, keys: list[tuple]) -> list:
        """Let the row know that it is stored, and the key that the database gave it."""
        if not keys and self.changing and not self.or_new:
            raise DatabaseError(f"{self.of!r} is not there to be changed")
        if keys:
            [(self.of.pk,)] = keys
        self.of._state.adding, self.of._state.db = False, alias
        return []


@dataclass(frozen=True)
class Gone:
    """A row that is to go, and that no other row points at."""

    model: type[models.Model]
    key: int

    def put(self, line: BaseDatabaseWrapper) -> Asked:
        """The statement that lets it go."""
        table, key = names_of(self.model)
        text = f"DELETE FROM {table} WHERE {key} = %s"  # noqa: S608
        return statement(text, line.alias).asked([self.key], line)


def write(*rows: Row | Gone, meanwhile: Callable[[], None] | None = None) -> None:
    """Store rows, or let them go, in this order. Call it inside a transaction.

    meanwhile: what else is to be done; PostgreSQL stores them at the same time.
    """
    line = connections[router.db_for_write(models.Model)]
    sent(line, [row.put(line) for row in rows], meanwhile)


@cache
def stored_fields(
    model: type[models.Model], changing: tuple[str, ...], is_new: bool, is_keyless: bool
) -> tuple[models.Field, ...]:
    """The fields whose values a statement is given, in its order."""
    key = model._meta.pk
    if not is_new:
        return *map(model._meta.get_field, changing), key
    own = (field for field in model._meta.concrete_fields if not field.generated)
    return tuple(field for field in own if field is not key or not is_keyless)


@cache
def statement(text: str, using: str) -> Statement:
    """What is said to a database each time that it is to store such a row."""
    values = ((at, None) for at in range(text.count("%s")))
    return Statement.of(connections[using], text, values)


@cache
def storing(
    model: type[models.Model],
    fields: tuple[models.Field, ...],
    changing: tuple[str, ...],
    is_new: bool,
) -> str:
    """The SQL that stores one row of a table."""
    table, key = names_of(model)
    columns = [f'"{model._meta.get_field(name).column}"' for name in changing]
    if not is_new:
        told = ", ".join(f"{column} = %s" for column in columns)
        return f"UPDATE {table} SET {told} WHERE {key} = %s RETURNING {key}"  # noqa: S608
    names = ", ".join(f'"{field.column}"' for field in fields)
    text = f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608
    if changing:
        told = ", ".join(f"{column} = excluded.{column}" for column in columns)
        text += f" ON CONFLICT ({key}) DO UPDATE SET {told}"
    return text if model._meta.pk in fields else f"{text} RETURNING {key}"


def names_of(model: type[models.Model]) -> tuple[str, str]:
    """How SQL calls a table, and the column of its key."""
    return f'"{model._meta.db_table}"', f'"{model._meta.pk.column}"'
