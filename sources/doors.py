"""The one way in: what is published is shown, what left says where it went."""

from django.db import models
from django.db.models import Q
from django.http import Http404

from sources.querysets import RecordQuerySet


class Gone(Exception):  # noqa: N818 — it is an answer, not an error
    """The record was public once. The answer is 410, and does not say what it was."""


class Moved(Exception):  # noqa: N818 — it is an answer, not an error
    """The record was merged into a public one. The answer is 301, and says why."""

    def __init__(self, record: models.Model):
        super().__init__(record)
        self.record = record


def published_or_gone(records: RecordQuerySet, **key: str) -> models.Model:
    """The published record with this key.

    Raises Moved where it was merged into another, Gone where it was withdrawn, and
    Http404 where there is none.
    """
    try:
        return records.published().get(**key)
    except records.model.DoesNotExist:
        raise why_not(records.model, **key) from None


def why_not(model: type[models.Model], **key: str) -> Exception:
    """What to answer instead of a page, in two questions for what never was."""
    was_public = Q(merged_into=None) | Q(first_published_at__isnull=False)
    left = Q(withdrawn_at__isnull=False) | Q(merged_into__isnull=False)
    found = model.objects.filter(was_public & left, **key).first()
    if found is None:
        return Http404()
    while found.merged_into_id:
        found = found.merged_into
    if model.objects.published().filter(pk=found.pk).exists():
        return Moved(found)
    return Gone() if found.withdrawn_at else Http404()
