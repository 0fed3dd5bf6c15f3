"""A record with its nested rows: all of them, what they show, and how they are written.

They are written with a question for each kind, and only where they differ: a cluster by
itself reads and writes each row on its own, changed or not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from django.db import models
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations

from sources.models import STATE, Record
from sources.prepared import Prepared
from sources.statements import is_parent


def all_of(row: models.Model) -> Iterator[models.Model]:
    """A record, and every row that is nested in it."""
    yield row
    for relation in get_all_child_relations(row):
        for child in getattr(row, relation.get_accessor_name()).all():
            yield from all_of(child)


def fetch(record: Record) -> None:
    """Load what a text points at, whatever row of it does: a question for each kind."""
    places = defaultdict(list)
    for row in all_of(record):
        for field in leading_on(type(row)):
            if getattr(row, field.attname) is not None and not field.is_cached(row):
                places[field.related_model].append((row, field))
    for model, pointing in places.items():
        keys = dict.fromkeys(getattr(row, field.attname) for row, field in pointing)
        found = {other.pk: other for other in by_key(model)([*keys])}
        for row, field in pointing:
            if other := found.get(getattr(row, field.attname)):
                field.set_cached_value(row, other)


@cache
def leading_on(model: type[models.Model]) -> tuple[models.ForeignKey, ...]:
    """The fields of a record or nested row that its text points at others with."""
    return tuple(
        field
        for field in model._meta.concrete_fields
        if field.is_relation and not is_parent(field) and field.name not in STATE
    )


@cache
def by_key(model: type[models.Model]) -> Prepared:
    """The question for rows of a kind by their keys."""
    return Prepared(lambda keys: model._base_manager.filter(pk__in=keys))


def write(record: Record) -> None:
    """Make the tables say what a record and its nested rows say. It is stored already.

    Call it inside a transaction.
    """
    record.save(update_fields=[field.name for field in own_fields(type(record))])
    for field in get_all_child_m2m_relations(record):
        others = getattr(record, field.name)
        stored = {key for (key,) in listed(field)(record.pk)}
        if {other.pk for other in others.all()} != stored:
            others.commit()
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
        stored = nested(model, key.name)([parent.pk for parent in parents])
        bring_in_step(model, rows, {key: values for key, *values in stored})
        if rows and get_all_child_relations(model):
            write_nested(rows)


@cache
def listed(field: models.ManyToManyField) -> Prepared:
    """The question for the keys that a record lists."""
    through, ours = field.remote_field.through, field.m2m_field_name()
    theirs = field.m2m_reverse_field_name()
    return Prepared(
        lambda key: through._base_manager.filter(**{ours: key}).values_list(theirs)
    )


@cache
def nested(model: type[models.Model], parent: str) -> Prepared:
    """The question for the stored rows of some parents: the key, then own_fields()."""
    names = [field.attname for field in own_fields(model)]
    return Prepared(
        lambda keys: model._base_manager.filter(**{f"{parent}__in": keys}).values_list(
            "pk", *names
        )
    )


def bring_in_step(
    model: type[models.Model],
    rows: Iterable[models.Model],
    stored: Mapping[int, list],
) -> None:
    """Let go of stored rows that are not among these, add new ones, mend the rest.

    stored: by key, the values of own_fields(). A row in which something changed that
    only one row may have goes and comes back: two rows may have swapped it.
    """
    new, kept = [], {}
    for row in rows:
        changed = differing(row, stored[row.pk]) if row.pk in stored else None
        if changed is None or not unique_fields(model).isdisjoint(changed):
            new.append(row)
        else:
            kept[row.pk] = row, changed
    if gone := stored.keys() - kept.keys():
        model._base_manager.filter(pk__in=gone).delete()
    for row, changed in kept.values():
        if changed:
            row.save(update_fields=changed)
    if new:
        model._base_manager.bulk_create(new)


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
