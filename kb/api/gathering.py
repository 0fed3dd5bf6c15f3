"""What a query reads for one row: its columns, its lists, and rows that belong to it.

The database gathers lists and rows of other tables into the row that they belong to,
so that a page is one question however much stands in it.
"""

from collections.abc import Iterator
from functools import cache
from itertools import accumulate

from django.db.models import (
    F,
    Func,
    IntegerField,
    JSONField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONArray

from curation.tables import tidy
from kb.exports.choosing import Chosen
from kb.exports.columns import Column, Kind, Part, Table
from kb.exports.rows import Row, expression, in_json, members, spelled
from kb.exports.tables import TABLES


class Gathered(Func):
    """All that a subquery finds, as one list."""

    output_field = JSONField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, function="JSONB_AGG", **context)


def gathered(rows: QuerySet, order: list, *values: Combinable) -> Subquery:
    """A list of values for each of some rows, after what they are sorted by."""
    places = (F(by) if isinstance(by, str) else by for by in order)
    return Subquery(rows.order_by().values(made=Gathered(JSONArray(*places, *values))))


def in_order(found: list[list] | None, most: int) -> Iterator[list]:
    """What was gathered, sorted, without what it was sorted by."""
    for values in sorted(found or [], key=lambda row: [*map(sortable, row)]):
        yield values[-most:]


def sortable(value: object) -> tuple:
    """Nothing comes before anything."""
    return (0,) if value is None else (1, value)


# Columns


def single(part: Part, column: Column) -> Combinable:
    """What is read for a column of one value."""
    source = part.own.get(column.name, column.source)
    if column.kind == Kind.INTEGER and not source:
        return Cast(Value(None), IntegerField())  # beside numbers of other parts
    return expression(source)


def value(part: Part, column: Column, chosen: Chosen) -> Combinable:
    """What is read for a column."""
    if column.kind != Kind.LIST:
        return single(part, column)
    rows, order = members(part, column, chosen)
    return gathered(rows.filter(pk=OuterRef("pk")), order, F(column.source))


def told(column: Column, found: object) -> object:
    """A value as JSON files hold it."""
    if column.kind == Kind.LIST:
        found = [tidy(one) for (one,) in in_order(found, 1)]
    return in_json(column, spelled(column, found))


# Rows of other tables that belong to a row


def includable(table: Table) -> list[str]:
    """The tables whose rows belong to rows of this one."""
    return [name for name in TABLES if belonging(name, table.name)]


@cache
def belonging(inner: str, outer: str) -> list[tuple[Part, str]]:
    """The parts of a table whose rows belong to one of another, each with the path."""
    parts = TABLES[outer].parts
    if len(parts) > 1 or inner == outer:
        return []
    return [
        (part, path)
        for part in TABLES[inner].parts
        for path in paths(part)
        if leads(part, path, parts[0].model)
    ]


def paths(part: Part) -> Iterator[str]:
    """The paths from a row to all that it belongs to, the nearest first."""
    steps = (part.case or part.record or "").split("__")
    yield from filter(None, accumulate(steps, "{}__{}".format))


def leads(part: Part, path: str, model: type[Model]) -> bool:
    """Whether a path leads to a model."""
    at = part.model
    for step in path.split("__"):
        at = at._meta.get_field(step).related_model
    return at is model


def within(inner: Table, part: Part, path: str) -> Subquery:
    """The rows of a part that belong to a row: no table to include has lists."""
    rows = part.model._default_manager.filter(**{path: OuterRef("pk")})
    values = (single(part, column) for column in inner.columns)
    return gathered(rows, [*part.order, "pk"], *values)


def rows_within(inner: Table, found: list | None) -> Iterator[Row]:
    """Rows that were gathered, as programs read them."""
    for values in in_order(found, len(inner.columns)):
        yield {
            column.name: told(column, value)
            for column, value in zip(inner.columns, values, strict=True)
        }
