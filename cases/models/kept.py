"""What the index of public cases needs of the database (cases/keeping.py)."""

from django.db import models


class ContentChange(models.Model):
    """One numbered change of what is public; the database writes it by itself."""

    id = models.BigAutoField(primary_key=True)
    mark = models.BigIntegerField()
    # No foreign key: a change may be that the case is gone.
    case_id = models.BigIntegerField(null=True)

    def __str__(self):
        return f"{self.pk}"


class SavedIndex(models.Model):
    """A piece of the index as it was at one change, for a process that starts."""

    part = models.PositiveIntegerField(primary_key=True)
    data = models.BinaryField()
    digest = models.CharField(max_length=64)  # of all parts together
    number = models.BigIntegerField()
    mark = models.BigIntegerField()

    def __str__(self):
        return f"{self.number}, part {self.part}"
