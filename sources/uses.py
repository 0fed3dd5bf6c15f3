"""What stands on a record: the rows that point at it, and whose they are."""

from collections.abc import Iterator

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from modelcluster.models import get_all_child_relations
from wagtail.models import Revision

from sources.models import Record
from sources.pointing import is_parent


def references(record: Record) -> Iterator[tuple[models.Field, models.Model]]:
    """Each field and row that points at a record, other than its own nested rows."""
    for relation in record._meta.related_objects:
        field = relation.field
        if is_parent(field) or field.name == "merged_into":
            continue
        model = field.model
        if model._meta.auto_created:
            continue
        for row in model._base_manager.filter(**{field.name: record}):
            yield field, row


def owner(row: models.Model) -> models.Model:
    """The record that a nested row is part of; the row itself where it is no part."""
    while not isinstance(row, Record):
        parent = next((f for f in row._meta.fields if is_parent(f)), None)
        if parent is None:
            return row
        row = getattr(row, parent.name)
    return row


def uses(record: Record) -> list[models.Model]:
    """What stands on a record, drafts included, each once."""
    return list(dict.fromkeys(owner(row) for _field, row in references(record)))


def public_uses(record: Record) -> list[Record]:
    """The public records that show this one, organisations of cases left out.

    A case hides an organisation that is not public, so it does not stand on it.
    """
    return [
        user
        for user in uses(record)
        if isinstance(user, Record) and user.live and not is_hidden_by(user, record)
    ]


def is_hidden_by(user: Record, record: Record) -> bool:
    """Whether a page simply leaves the record out when it is not public."""
    kind = record._meta.model_name
    return kind in ("lesson", "case") or (
        kind == "organisation" and user._meta.model_name == "case"
    )


def versions_with(record: Record) -> list[Record]:
    """The records of which some version, a draft or an old one, points at a record."""
    found: dict[tuple, None] = {}
    for kind in (model for model in apps.get_models() if issubclass(model, Record)):
        versions = Revision.objects.filter(
            base_content_type=ContentType.objects.get_for_model(kind)
        )
        for version in versions.order_by("pk").iterator():
            if refers(kind, version.content, record):
                found[kind, version.object_id] = None
    users = (row for kind, pk in found for row in kind.objects.filter(pk=pk))
    return [user for user in users if user != record]


def refers(model: type[models.Model], content: dict, record: Record) -> bool:
    """Whether the content of a version points at a record, at whatever depth."""
    ours = [f for f in model._meta.fields if f.related_model is type(record)]
    lists = [f for f in model._meta.many_to_many if f.related_model is type(record)]
    return (
        any(
            content.get(field.name) == record.pk
            for field in ours
            if not is_parent(field) and field.name != "merged_into"
        )
        or any(record.pk in content.get(field.name, []) for field in lists)
        or any(
            refers(relation.related_model, row, record)
            for relation in get_all_child_relations(model)
            for row in content.get(relation.get_accessor_name(), [])
        )
    )
