"""The questions we ask of reviews and releases."""

from typing import Self

from django.db import models

from curation.choices import Opinion


class OfRecordQuerySet(models.QuerySet):
    def of(self, record: models.Model) -> Self:
        """What is said of one record."""
        return self.filter(kind=record._meta.model_name, record_id=record.pk)


class ApprovalQuerySet(OfRecordQuerySet):
    def standing(self, digest: str) -> list[models.Model]:
        """The last word of each reviewer on a text, oldest first."""
        last = {
            approval.reviewer_id: approval
            for approval in self.filter(digest=digest).order_by("at", "pk")
        }
        return list(last.values())

    def approving(self, digest: str) -> list[models.Model]:
        """The standing approvals of a text; none while somebody asks for changes."""
        words = self.standing(digest)
        if any(word.opinion == Opinion.CHANGE for word in words):
            return []
        return words
