"""How a record and its nested rows are written, by whoever releases it.

What is stored of the nested ones is asked with a question for each kind, and only those
that differ are written: a cluster by itself reads and writes each, changed or not.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from django.db import models
from modelcluster.models import get_all_child_m2m_relations

from sources.models import Record
from sources.pointing import child_relations, nested
from sources.prepared import Prepared, together
from sources.writing import Row


def row_of(record: Record) -> Row:
    """The row of a record itself, to be written. It is stored already."""
    return Row(record, tuple(field.name for field in own_fields(type(record))))


def asked(record: Record) -> list[tuple]:
    """What to ask of the rows that are nested in a record before they are written."""
    lists = get_all_child_m2m_relations(type(record))
    listings = ((listed(field), record.pk) for field in lists)
    return [*listings, *questions(record)]


def write_nested(record: Record, answers: list[list[tuple]]) -> None:
    """Make the tables say what a record’s nested rows and its lists say.

    answers: to what was asked. Call it inside a transaction.
    """
    lists = get_all_child_m2m_relations(type(record))
    for field, keys in zip(lists, answers, strict=False):
        others = getattr(record, field.name)
        if {other.pk for other in others.all()} != {key for (key,) in keys}:
            others.commit()
    write_below([record], record, by_kind(record, answers[len(lists) :]))


def write_below(parents: list[models.Model], record: Record, found: dict) -> None:
    """The same for what is nested in these rows of a record, which are of one kind.

    found: for each kind of nested row, what is stored of it, by key.
    """
    for relation in child_relations(type(parents[0])):
        model, key = relation.related_model, relation.field
        rows = []
        for parent in parents:
            for row in nested(parent, relation):
                setattr(row, key.name, parent)  # it may have got its number just now
                rows.append(row)
        has_lost = bring_in_step(model, rows, found[model])
        if not rows or not child_relations(model):
            continue
        if has_lost:  # and with it whatever was nested in it
            found = by_kind(record, together(*questions(record)))
        write_below(rows, record, found)


def questions(record: Record) -> Iterator[tuple]:
    """What to ask for all that is stored of the rows that are nested in a record."""
    return ((stored(*kind), record.pk) for kind in nested_in(type(record)))


def by_kind(record: Record, answers: list[list[tuple]]) -> dict:
    """The answers: for each kind of row, the values of own_fields() by key."""
    return {
        model: {key: values for key, *values in rows}
        for (model, _way), rows in zip(nested_in(type(record)), answers, strict=True)
    }


@cache
def nested_in(
    model: type[models.Model], path: str = ""
) -> tuple[tuple[type[models.Model], str], ...]:
    """Each kind of row that is nested in a record, with the way up from it."""
    found = []
    for relation in child_relations(model):
        way = f"{relation.field.name}{path}"
        below = nested_in(relation.related_model, f"__{way}")
        found += [(relation.related_model, way), *below]
    return (*found,)


@cache
def listed(field: models.ManyToManyField) -> Prepared:
    """The question for the keys that a record lists."""
    through, ours = field.remote_field.through, field.m2m_field_name()
    theirs = field.m2m_reverse_field_name()
    return Prepared(
        lambda key: through._base_manager.filter(**{ours: key}).values_list(theirs)
    )


@cache
def stored(model: type[models.Model], way: str) -> Prepared:
    """The question for a record’s rows of a kind: the key, then own_fields().

    way: from such a row to the record.
    """
    names = [field.attname for field in own_fields(model)]
    return Prepared(
        lambda key: model._base_manager.filter(**{way: key}).values_list("pk", *names)
    )


def bring_in_step(
    model: type[models.Model],
    rows: Iterable[models.Model],
    found: Mapping[int, list],
) -> bool:
    """Let go of stored rows that are not among these, add new ones, mend the rest.

    found: by key, the stored values of own_fields(). A row in which something changed
    that only one row may have goes and comes back: two rows may have swapped it. Says
    whether any row went.
    """
    new, kept = [], {}
    for row in rows:
        changed = differing(row, found[row.pk]) if row.pk in found else None
        if changed is None or not unique_fields(model).isdisjoint(changed):
            new.append(row)
        else:
            kept[row.pk] = row, changed
    if gone := found.keys() - kept.keys():
        model._base_manager.filter(pk__in=gone).delete()
    for row, changed in kept.values():
        if changed:
            row.save(update_fields=changed)
    if new:
        model._base_manager.bulk_create(new)
    return bool(gone)


@cache
def unique_fields(model: type[models.Model]) -> frozenset[str]:
    """The fields of which rows of a kind may not have the same, alone or together."""
    rules = model._meta.constraints
    unique = (r for r in rules if isinstance(r, models.UniqueConstraint))
    return frozenset(name for rule in unique for name in rule.fields)


def differing(row: models.Model, stored: list) -> list[str]:
    """The fields in which a row differs from what is stored of it."""
    fields = own_fields(type(row))
    return [
        field.name
        for field, value in zip(fields, stored, strict=True)
        if getattr(row, field.attname) != value
    ]


@cache
def own_fields(model: type[models.Model]) -> tuple[models.Field, ...]:
    """The fields that a row is written with, but for its key."""
    return tuple(
        field
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.generated)
    )
