"""The rows of a table for the cases chosen, some cases at a time.

A row is a dict by the columns’ names; a value is a text, a number, a day or a list, and
what a source leaves open is spelled as its column says.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import batched

from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from cases.models import Case
from cases.querysets import IsAmong
from curation.tables import tidy
from kb.exports.choosing import AT_ONCE, Chosen
from kb.exports.columns import Column, Kind, Part, Source, Table
from sources.models import Record

type Row = dict[str, object]


def rows(table: Table, chosen: Chosen) -> Iterator[Row]:
    """The rows of a table for the cases chosen, in the order of the list."""
    for part in table.parts:
        for keys, found in chosen.rows(part):
            yield from told(table, part, keys, found, chosen)


def told(
    table: Table, part: Part, keys: list[int], found: QuerySet, chosen: Chosen
) -> Iterator[Row]:
    """Some rows of a part of a table, in the order of the keys of their cases."""
    for some in batched(in_order(table, part, keys, found), AT_ONCE, strict=False):
        yield from read(table, part, some, chosen)


def in_order(table: Table, part: Part, keys: list[int], found: QuerySet) -> list[tuple]:
    """(key of the case, key, values of the columns that are no lists) of each row."""
    sources = {
        f"told_{column.name}": expression(part.own.get(column.name, column.source))
        for column in single(table)
    }
    case = "pk" if not part.case else f"{part.case}__pk"
    query = found.annotate(**sources).order_by(*part.order, "pk")
    told = list(query.values_list(case, "pk", *sources))
    if keys:
        places = {key: n for n, key in enumerate(keys)}
        told.sort(key=lambda row: places[row[0]])
    return told


def read(
    table: Table, part: Part, told: Iterable[tuple], chosen: Chosen
) -> Iterator[Row]:
    """Rows with their lists, each value as its column spells it."""
    keys = [key for _case, key, *_values in told]
    lists = {
        column.name: several(part, column, keys, chosen)
        for column in table.columns
        if column.kind == Kind.LIST
    }
    names = [column.name for column in single(table)]
    for _case, key, *values in told:
        found = dict(zip(names, values, strict=True))
        found |= {name: of_key.get(key, []) for name, of_key in lists.items()}
        yield {c.name: spelled(c, found[c.name]) for c in table.columns}


def single(table: Table) -> list[Column]:
    """The columns that hold one value a row."""
    return [column for column in table.columns if column.kind != Kind.LIST]


def expression(source: Source) -> Combinable:
    """What a query reads for a source; nothing for none."""
    if isinstance(source, str):
        return F(source) if source else Value("")
    return source


def several(
    part: Part, column: Column, keys: list[int], chosen: Chosen
) -> dict[int, list[str]]:
    """The values of a list by the key of the row: those of public records only."""
    query, order = members(part, column, chosen)
    found = defaultdict(list)
    query = query.filter(pk__in=keys).order_by("pk", *order, column.source)
    for key, value in query.values_list("pk", column.source):
        found[key].append(tidy(value))
    return found


def members(part: Part, column: Column, chosen: Chosen) -> tuple[QuerySet, list[str]]:
    """The rows that have values of a list which may be told, and the order of those."""
    relation, _name = column.source.split("__")
    other = part.model._meta.get_field(relation).related_model
    may = Q(**{f"{relation}__isnull": False})
    if issubclass(other, Record):
        may &= other.is_public(f"{relation}__")
    if other is Case and chosen.back:
        may &= ~Q(IsAmong(relation, chosen.back))
    is_ordered = any(field.name == "sort_order" for field in other._meta.fields)
    order = [f"{relation}__sort_order", f"{relation}__pk"] if is_ordered else []
    return part.model._default_manager.filter(may), order


def spelled(column: Column, value: object) -> object:
    """A value as files hold it."""
    if column.kind == Kind.LIST:
        return value or ([column.silent] if column.silent else [])
    if value in (None, ""):
        return column.silent
    return tidy(value) if isinstance(value, str) else value


def in_json(column: Column, value: object) -> object:
    """A value as JSON has it: where no number is, there is nothing, and no text."""
    return None if column.kind == Kind.INTEGER and value == "" else value
