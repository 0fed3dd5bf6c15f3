"""The one way in: what is published is shown, what was withdrawn is gone."""

from django.db import models
from django.http import Http404

from sources.querysets import RecordQuerySet


class Gone(Exception):  # noqa: N818 — it is an answer, not an error
    """The record was public once. The answer is 410, and does not say what it was."""


def published_or_gone(records: RecordQuerySet, **key: str) -> models.Model:
    """The published record with this key.

    Raises Gone where one was withdrawn, and Http404 where there is none.
    """
    try:
        return records.published().get(**key)
    except records.model.DoesNotExist:
        if records.model.objects.withdrawn().filter(**key).exists():
            raise Gone from None
        raise Http404 from None
