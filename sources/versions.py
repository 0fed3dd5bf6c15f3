"""How a version becomes a record again, with its nested rows and what it points at.

A cluster by itself looks up each field of each row anew, which took four times as long.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db import models
from django.utils import timezone

from sources.pointing import child_relations, is_too_large, load
from sources.prepared import MANY


def record_of(model: type[models.Model], data: dict) -> models.Model:
    """The record that a version tells of, in the form that serializable_data() has.

    Whether what it points at is there is not asked for each row: nothing is deleted
    that a version points at, and the database holds a release to that.
    """
    record, lists = row_of(model, data), {}
    for field in model._meta.many_to_many:
        keys = data.get(field.name)
        if are_keys(keys):
            lists[field.name] = keys
        elif keys == []:
            setattr(record, field.name, [])
        elif field.name in data:  # what the database is to say is wrong
            others = field.related_model._default_manager
            setattr(record, field.name, [*others.filter(pk__in=keys)])
    load(record, lists)
    return record


def are_keys(found: object) -> bool:
    """Whether these are some keys, as a version has them, and none that is made up."""
    is_some = isinstance(found, list) and 0 < len(found) <= MANY
    return is_some and all(type(key) is int and not is_too_large(key) for key in found)


def row_of(model: type[models.Model], data: dict) -> models.Model:
    """A row with the rows that are nested in it."""
    told, key = columns(model), data["pk"]
    values = [
        column.read(data[column.key]) if column.key in data else column.default()
        for column in told
    ]
    row = model.from_db(None, [column.name for column in told], values)
    row._state.adding = key is None
    for relation in child_relations(model):
        name = relation.get_accessor_name()
        if name in data:
            below = relation.related_model
            setattr(row, name, [row_of(below, child) for child in data[name]])
    return row


class Column(NamedTuple):
    """Where a version has the value of a field, and how it is read."""

    name: str
    key: str
    read: Callable[[object], object]
    default: Callable[[], object]  # where the version has none


@cache
def columns(model: type[models.Model]) -> tuple[Column, ...]:
    """Those of a row, in the order of its table."""
    return tuple(
        Column(
            field.attname,
            "pk" if field.primary_key else field.name,
            reading(field),
            field.get_default,
        )
        for field in model._meta.concrete_fields
    )


def reading(field: models.Field) -> Callable[[object], object]:
    """What makes the value of a field of what a version has."""
    if field.primary_key:  # it is what it is
        return lambda value: value
    if field.is_relation:
        key = field.target_field
        return lambda value: None if value is None else key.to_python(value)
    if isinstance(field, models.DateTimeField):
        return lambda value: local(field.to_python(value))
    return field.to_python


def local(moment: datetime | None) -> datetime | None:
    """A moment in the time zone of the site."""
    if moment is None:
        return None
    if timezone.is_aware(moment):
        return timezone.localtime(moment)
    return timezone.make_aware(moment)
