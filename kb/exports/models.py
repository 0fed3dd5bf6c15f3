"""The versions of the dataset, and what was in each.

A record is kept once for all the versions in which it read the same; its rows are
compressed. What may not be seen now is left out when a version is read (versions.py).
"""

import json
import zlib

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone


class DatasetVersion(models.Model):
    """The dataset as it was from one publication to the next."""

    number = models.PositiveIntegerField(primary_key=True)
    made_at = models.DateTimeField(default=timezone.now)
    # How far the content had come when it was last found to be still the same.
    standing = models.CharField(max_length=200)
    # What it was last compared with: the newest change of the content, the newest
    # moment at which a case came or went by itself, and what all rows are made with.
    change = models.BigIntegerField(default=0)
    mark = models.BigIntegerField(default=0)
    moment = models.FloatField(default=0)
    shape = models.CharField(max_length=64, default="")
    # How many records of each table are new in it, read differently, or are gone.
    added = models.JSONField(default=dict)
    changed = models.JSONField(default=dict)
    gone = models.JSONField(default=dict)

    class Meta:
        ordering = ["-number"]
        get_latest_by = "number"

    def __str__(self):
        return f"{self.number}"


class KeptRecord(models.Model):
    """The rows of one record, in each version from one to before another."""

    table = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    since = models.PositiveIntegerField()
    before = models.PositiveIntegerField(null=True)  # empty: to the newest
    digest = models.CharField(max_length=64)
    data = models.BinaryField()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["table", "key", "since"], name="keptrecord_is_one_a_version"
            ),
            CheckConstraint(
                name="keptrecord_ends_after_it_begins",
                condition=Q(before__isnull=True) | Q(before__gt=F("since")),
            ),
        ]
        indexes = [models.Index(fields=["since"], name="keptrecord_since")]

    def __str__(self):
        return f"{self.table}, {self.key}, since {self.since}"

    def read(self) -> dict[str, list[dict]]:
        """Its rows, by table."""
        return json.loads(zlib.decompress(bytes(self.data)))
