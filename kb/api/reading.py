"""Rows of a table, a page at a time, in one question whatever its size.

Cases stand in the order of the list. All other rows stand in the order of the code or
short name of what they belong to, which a cursor holds, with how many of its rows were
told already: no key of the database leaves it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.db.models import F, QuerySet, Value, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.utils.functional import cached_property

from kb.api.asking import Asked, after, cursor
from kb.api.gathering import belonging, rows_within, told, value, within
from kb.exports.columns import Column, Part, Table
from kb.exports.rows import Row
from kb.exports.tables import TABLES

BEST_FIRST = "best-first"


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursor that goes on after them; empty after the last."""

    rows: list[Row]
    cursor: str = ""


@dataclass(frozen=True)
class Reader:
    """Reads one table. fields: the columns wanted, all if none are named."""

    table: Table
    asked: Asked
    fields: tuple[str, ...] = ()
    include: tuple[str, ...] = ()  # tables whose rows are put into that they belong to

    @cached_property
    def columns(self) -> list[Column]:
        """The columns wanted."""
        wanted = self.fields or self.table.names
        return [column for column in self.table.columns if column.name in wanted]

    def values(self, part: Part) -> dict[str, Combinable]:
        """What is read for a row, under names that no field has."""
        found = {f"told_{c.name}": value(part, c, self.asked) for c in self.columns}
        for name in self.include:
            for n, (inner, path) in enumerate(belonging(name, self.table.name)):
                found[f"with_{name}_{n}"] = within(TABLES[name], inner, path)
        return found

    def row(self, found: list) -> Row:
        """What was read, as programs read it."""
        found = iter(found)
        row = {column.name: told(column, next(found)) for column in self.columns}
        for name in self.include:
            row[name] = [
                inner
                for _part in belonging(name, self.table.name)
                for inner in rows_within(TABLES[name], next(found))
            ]
        return row

    def owner(self, part: Part) -> str:
        """The path from a part to the public name of what its rows belong to."""
        if part.case is None:
            return f"{part.record}__slug" if part.record else self.table.key[0]
        return f"{part.case}__code" if part.case else "code"

    def one(self, key: list[str]) -> Row | None:
        """The row that a key names."""
        (part,) = self.table.parts
        numbers = {
            f"key_{name}": value(part, self.table.column(name), self.asked)
            for name in self.table.key[1:]
        }
        rows = self.asked.of(part).filter(**{self.owner(part): key[0]})
        for found in read(rows, numbers | self.values(part)):
            if [str(number) for number in found[: len(numbers)]] == key[1:]:
                return self.row(found[len(numbers) :])
        return None

    def page(self, data: QueryDict, most: int) -> Page:
        """The rows that a cursor asks for."""
        if self.table.name == "cases":
            return self.page_of_cases(data, most)
        held = after(data, self.table.name, int, str, int) or [0, "", 0]
        found = self.rows_after(*held, most + 1)
        rows = [self.row(values) for _part, _owner, *values in found[:most]]
        if len(found) <= most:
            return Page(rows)
        last = found[most - 1][:2]
        told = sum(values[:2] == last for values in found[:most])
        told += held[2] if [*last] == held[:2] else 0
        return Page(rows, cursor(self.table.name, *last, told))

    def rows_after(self, first: int, owner: str, told: int, most: int) -> list[tuple]:
        """(part, owner, values) of rows, less those told of an owner in a part."""
        queries = []
        for n, part in [*enumerate(self.table.parts)][first:]:
            path = self.owner(part)
            rows = self.asked.of(part)
            if n == first:
                rows = rows.filter(**{f"{path}__gte": owner})
            order = [path, *part.order, "pk"]
            some = rows.order_by(*order)[: most + told].values("pk")
            rows = part.model._default_manager.filter(pk__in=some)
            place = {"at_part": Value(n), "at_owner": F(path)}
            place["at"] = Window(RowNumber(), order_by=order)
            queries.append(read(rows, place | self.values(part)))
        found, *others = queries
        if others:
            found = found.union(*others, all=True).order_by()
        found = sorted(found, key=lambda values: (values[0], values[2]))
        same = sum(values[:2] == (first, owner) for values in found)
        skipped = min(told, same)
        return [(n, owner, *rest) for n, owner, _at, *rest in found[skipped:]][:most]

    # Cases, in the order of the list

    def page_of_cases(self, data: QueryDict, most: int) -> Page:
        """The cases that a cursor asks for."""
        keys, start = self.keys_from(data)
        some = keys(start, start + most + 1)
        (part,) = self.table.parts
        found = self.asked.of(part).filter(pk__in=some[:most])
        told = read(found, {"at": F("pk")} | self.values(part))
        of_key = {key: values for key, *values in told}
        rows = [self.row(of_key[key]) for key in some[:most] if key in of_key]
        if len(some) <= most:
            return Page(rows)
        return Page(rows, self.cursor_after(some[most - 1], start + most))

    @cached_property
    def order(self) -> str:
        """What cases are sorted by."""
        selection = self.asked.selection
        return selection.sort or (BEST_FIRST if selection.words else "usual")

    def keys_from(self, data: QueryDict) -> tuple[Callable, int]:
        """What gives the keys at some places, and the place to begin at."""
        asked, index = self.asked, self.asked.seen.index
        held = after(data, f"cases~{self.order}", int, int)
        if self.order == BEST_FIRST:
            keys = asked.ranked
            start = place_after(held, keys, index.columns["code"]) if held else 0
            return lambda n, m: keys[n:m], start
        sort, start = asked.selection.sort, 0
        if held:
            keys = np.array(asked.keys, np.uint32)
            start = int((index.rank(keys, sort) <= held[0]).sum())
        return lambda n, m: index.first(asked.keys, sort, n, m), start

    def cursor_after(self, key: int, told: int) -> str:
        """The cursor that goes on after a case, so many of which were told."""
        index = self.asked.seen.index
        if self.order != BEST_FIRST:
            told = int(index.rank(np.array([key]), self.asked.selection.sort)[0])
        code = int(index.columns["code"][key])
        return cursor(f"cases~{self.order}", told, code)


def read(rows: QuerySet, values: dict[str, Combinable]) -> QuerySet:
    """A question for values, in no order."""
    return rows.order_by().annotate(**values).values_list(*values)


def place_after(held: list[int], keys: list[int], codes: np.ndarray) -> int:
    """Where to go on in cases of which so many were told, the last with this code.

    The best cases for some words may be others now: then it goes on after that case.
    """
    told, code = held
    if 0 < told <= len(keys) and codes[keys[told - 1]] == code:
        return told
    at = np.flatnonzero(codes[keys] == code)
    return int(at[0]) + 1 if len(at) else min(told, len(keys))
