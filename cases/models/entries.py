"""What search knows of a record."""

from django.db import models
from django.db.models import UniqueConstraint


class SearchEntry(models.Model):
    """What search knows of one published record: see cases/search.py."""

    kind = models.CharField(max_length=16)
    record_id = models.BigIntegerField()
    title = models.CharField(max_length=300)
    text = models.TextField()
    tokens = models.TextField()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["kind", "record_id"], name="searchentry_is_one_a_record"
            )
        ]

    def __str__(self):
        return self.title
