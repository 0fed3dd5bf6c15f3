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
    """Let go of stored rows that are not among these, add new ones, mend the rest."""
    old, new = {row.pk: row for row in stored}, []
    kept = {row.pk for row in rows}
    if gone := old.keys() - kept:
        model._base_manager.filter(pk__in=gone).delete()
    for row in rows:
        if row.pk not in old:
            new.append(row)
        elif changed := differing(row, old[row.pk]):
            row.save(update_fields=changed)
    model._base_manager.bulk_create(new)


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
