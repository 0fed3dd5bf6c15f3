"""What search knows of a record."""

from django.db import models
from django.db.models import UniqueConstraint


class SearchEntry(models.Model):
    """What search knows of one published record: see cases/search.py.

    Its key tells the kind and the key of the record (cases/postings.py): for a case it
    is the key of the case.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=16)
    record_id = models.BigIntegerField()
    language = models.CharField(max_length=2, default="en")
    title = models.CharField(max_length=300)
    names = models.TextField(default="")  # other names, which count like the title
    text = models.TextField()
    sequence = models.TextField(default="")  # the folded words, to find phrases in

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["kind", "record_id"], name="searchentry_is_one_a_record"
            )
        ]

    def __str__(self):
        return self.title


class SearchWord(models.Model):
    """Which records hold a token: see cases/postings.py.

    Tokens are bytes, so that both databases sort them alike.
    """

    pk = models.CompositePrimaryKey("token", "part")
    token = models.BinaryField()
    part = models.IntegerField()
    numbers = models.BinaryField()  # a roaring bitmap

    def __str__(self):
        return f"{bytes(self.token).decode()} in {self.part}"


class WaitingEntry(models.Model):
    """What a record holds, where SearchWord does not say so yet: see cases/postings.py.

    Tokens stand one after another, a line break before and behind each.
    """

    number = models.BigIntegerField(primary_key=True)  # of the record
    numbers = models.BinaryField()  # the same, as a roaring bitmap
    told = models.BinaryField()  # the tokens that SearchWord has it with
    tokens = models.BinaryField()  # those that it holds

    def __str__(self):
        return f"{self.number} waits"
