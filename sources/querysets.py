"""The questions we ask of every record."""

from datetime import datetime
from typing import Self

from django.db import models

from sources.choices import SourceKind


class RecordQuerySet(models.QuerySet):
    KEY = "slug"  # the field that files and logs name a record by: see Record.key

    def published(self, at: datetime | None = None) -> Self:
        """Records the public may see, now or at a moment. Public code starts here."""
        return self.filter(self.model.is_public(at=at))

    def withdrawn(self) -> Self:
        """Records that were public once and are no longer."""
        return self.filter(withdrawn_at__isnull=False)

    def by_key(self, keys: list[str]) -> Self:
        """The records that files and logs call so."""
        return self.filter(**{f"{self.KEY}__in": keys})

    def get_by_natural_key(self, slug: str) -> models.Model:
        """Let fixtures name a record by its slug."""
        return self.get(slug=slug)


class SourceQuerySet(RecordQuerySet):
    def by_title(self) -> Self:
        """In the order in which a reader looks for them."""
        return self.order_by("title", "slug")

    def briefs(self) -> Self:
        """What the knowledge base was built from, the first one first."""
        return self.filter(kind=SourceKind.BRIEF).order_by("pk")


class ChangeQuerySet(models.QuerySet):
    def of(self, record: models.Model) -> Self:
        """What happened to one record, newest first."""
        return self.filter(kind=record._meta.model_name, record_id=record.pk)
