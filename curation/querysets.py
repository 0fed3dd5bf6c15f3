"""The questions we ask of reviews and releases."""

from typing import Self

from django.db import models


class OfRecordQuerySet(models.QuerySet):
    def of(self, record: models.Model) -> Self:
        """What is said of one record."""
        return self.filter(kind=record._meta.model_name, record_id=record.pk)
