"""A record with its nested rows: all of them, and how they are written.

They are written with a question for each kind, and only where they differ: a cluster by
itself reads and writes each row on its own, changed or not.
"""

from collections.abc import Iterable, Iterator

from django.db import models
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations

from sources.models import Record


def all_of(row: models.Model) -> Iterator[models.Model]:
    """A record, and every row that is nested in it."""
    yield row
    for relation in get_all_child_relations(row):
        for child in getattr(row, relation.get_accessor_name()).all():
            yield from all_of(child)


def write(record: Record) -> None:
    """Make the tables say what a record and its nested rows say. It is stored already.

    Call it inside a transaction.
    """
    record.save(update_fields=[field.name for field in own_fields(record)])
    for field in get_all_child_m2m_relations(record):
        getattr(record, field.name).commit()
    write_nested([record])


def write_nested(parents: list[models.Model]) -> None:
    """The same for what is nested in these rows, which are all of one kind."""
    for relation in get_all_child_relations(parents[0]):
        model, key = relation.related_model, relation.field
        rows = []
        for parent in parents:
            for row in getattr(parent, relation.get_accessor_name()).all():
                setattr(row, key.name, parent)  # it may have got its number just now
                rows.append(row)
        stored = model._base_manager.filter(**{f"{key.name}__in": parents})
        bring_in_step(model, rows, stored)
        if rows and get_all_child_relations(model):
            write_nested(rows)


def bring_in_step(
    model: type[models.Model], rows: Iterable[models.Model], stored: models.QuerySet
) -> None:
    """Let go of stored rows that are not among these, add new ones, mend the rest.

    A row in which something changed that only one row may have goes and comes back:
    two rows may have swapped it.
    """
    old, new, kept = {row.pk: row for row in stored}, [], {}
    for row in rows:
        changed = differing(row, old[row.pk]) if row.pk in old else None
        if changed is None or not unique_fields(model).isdisjoint(changed):
            new.append(row)
        else:
            kept[row.pk] = row, changed
    if gone := old.keys() - kept.keys():
        model._base_manager.filter(pk__in=gone).delete()
    for row, changed in kept.values():
        if changed:
            row.save(update_fields=changed)
    model._base_manager.bulk_create(new)


def unique_fields(model: type[models.Model]) -> set[str]:
    """The fields of which rows of a kind may not have the same, alone or together."""
    rules = model._meta.constraints
    unique = (r for r in rules if isinstance(r, models.UniqueConstraint))
    return {name for rule in unique for name in rule.fields}


def differing(row: models.Model, other: models.Model) -> list[str]:
    """The fields in which two rows differ."""
    return [
        field.name
        for field in own_fields(row)
        if getattr(row, field.attname) != getattr(other, field.attname)
    ]


def own_fields(row: models.Model) -> list[models.Field]:
    """The fields that a row is written with, but for its key."""
    fields = row._meta.concrete_fields
    return [field for field in fields if not (field.primary_key or field.generated)]
