"""The versions of a record’s text: none of them is lost."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from modelcluster.models import get_all_child_relations
from wagtail.log_actions import LogContext
from wagtail.models import Revision

from sources.models import Record

KEPT = "kb.kept"  # how Wagtail’s log calls it


def content_of(record: Record) -> dict:
    """What the database holds of a record, in the form that a revision has."""
    whole = type(record)._base_manager.prefetch_related(*nested(type(record)))
    data = whole.get(pk=record.pk).serializable_data()
    return json.loads(json.dumps(data, cls=DjangoJSONEncoder))


def nested(model: type[models.Model], path: str = "") -> list[str]:
    """The relations to all rows that are part of a record, and to what it lists."""
    found = [f"{path}{field.name}" for field in model._meta.many_to_many]
    for relation in get_all_child_relations(model):
        name = relation.get_accessor_name()
        found += [
            f"{path}{name}",
            *nested(relation.related_model, f"{path}{name}__"),
        ]
    return found


def keep_first(record: Record) -> Revision | None:
    """Keep the text that was there before anybody edits, where no revision has it.

    Nobody wrote it, so it makes nobody an author.
    """
    if record.latest_revision_id:
        return None
    stored = type(record)._base_manager.get(pk=record.pk)
    with LogContext(user=None):
        return stored.save_revision(log_action=KEPT, changed=False, clean=False)
