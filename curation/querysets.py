"""The questions we ask of reviews and releases."""

from typing import Self

from django.db import models


class OfRecordQuerySet(models.QuerySet):
    def of(self, record: models.Model) -> Self:
        """What is said of one record."""
        return self.filter(kind=record._meta.model_name, record_id=record.pk)


class ApprovalQuerySet(OfRecordQuerySet):
    def standing(self, digest: str) -> list[models.Model]:
        """The last word of each reviewer on a text, oldest first."""
        said = self.filter(digest=digest).select_related("reviewer")
        last = {
            approval.reviewer_id: approval for approval in said.order_by("at", "pk")
        }
        return list(last.values())
