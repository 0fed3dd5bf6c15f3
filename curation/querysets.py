"""The questions we ask of reviews and releases."""

from typing import Self

from django.db import models

from sources.prepared import Prepared


class OfRecordQuerySet(models.QuerySet):
    def of(self, record: models.Model) -> Self:
        """What is said of one record."""
        return self.filter(kind=record._meta.model_name, record_id=record.pk)


def said_of(model: type[models.Model], *columns: str) -> Prepared:
    """The question for what is said of a record, by its kind and key."""
    return Prepared(
        lambda kind, key: model.objects.filter(kind=kind, record_id=key).values_list(
            *columns
        )
    )
