"""What is written down on the way from a draft to the public. None of it is public."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from curation.choices import Action, Opinion
from curation.querysets import OfRecordQuerySet
from sources.constraints import is_known


def person(related_name: str = "+", **kwargs) -> models.ForeignKey:
    """An account. Accounts are disabled, never deleted."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name=related_name, **kwargs
    )


class OfRecord(models.Model):
    """Something that is said of one record, whatever its kind."""

    kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    objects = OfRecordQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["kind", "record_id"], name="%(class)s_of_record")
        ]


class Submission(OfRecord):
    """An author’s word that a draft is ready for review."""

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    by = person()

    def __str__(self):
        return f"{self.kind} {self.record_id}, {self.at:%Y-%m-%d}"


class Approval(OfRecord):
    """What a reviewer says of exactly one text of a record.

    digest stands for the text: one that was changed since needs a new approval.
    """

    digest = models.CharField(max_length=64)
    reviewer = person()
    opinion = models.CharField(_("opinion"), max_length=8, choices=Opinion)
    field = models.CharField(_("about"), max_length=200, blank=True)
    comment = models.TextField(_("comment"), blank=True)

    class Meta(OfRecord.Meta):
        constraints = [
            is_known("opinion", Opinion),
            CheckConstraint(
                name="approval_says_what_to_change",
                condition=~Q(opinion=Opinion.CHANGE) | ~Q(comment=""),
                violation_error_message=_("Say what to change."),
            ),
        ]

    def __str__(self):
        return f"{self.get_opinion_display()}: {self.kind} {self.record_id}"


class Explanation(OfRecord):
    """Why a finding in the public text may stay."""

    finding = models.CharField(max_length=64)
    by = person()
    why = models.CharField(_("why it may stay"), max_length=300)

    class Meta(OfRecord.Meta):
        constraints = [
            UniqueConstraint(
                fields=["kind", "record_id", "finding"],
                name="explanation_is_one_a_finding",
            ),
            CheckConstraint(
                name="explanation_says_why",
                condition=~Q(why=""),
                violation_error_message=_("Say why it may stay."),
            ),
        ]

    def __str__(self):
        return self.why


class Release(OfRecord):
    """One text of a record that became public, and the people who stood for it.

    The database refuses one that its own author released, one that nobody else had
    reviewed, and the same text twice.
    """

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="releases")
    digest = models.CharField(max_length=64)
    author = person(null=True)  # None: loaded from files
    publisher = person()
    reviewer = person()
    second_reviewer = person(null=True)
    is_high = models.BooleanField()

    class Meta(OfRecord.Meta):
        constraints = [
            UniqueConstraint(
                fields=["revision", "digest"], name="release_is_one_a_text"
            ),
            CheckConstraint(
                name="release_is_not_by_its_author",
                condition=Q(author__isnull=True) & ~Q(publisher=F("reviewer"))
                | Q(author__isnull=False)
                & ~Q(publisher=F("author"))
                & ~Q(reviewer=F("author")),
            ),
            CheckConstraint(
                name="release_of_high_risk_has_two_reviewers",
                condition=Q(is_high=False)
                | Q(second_reviewer__isnull=False)
                & ~Q(second_reviewer=F("reviewer"))
                & (Q(author__isnull=True) | ~Q(second_reviewer=F("author"))),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.record_id}, {self.at:%Y-%m-%d}"


class Schedule(OfRecord):
    """A release that waits for its time. It is checked again when that comes."""

    digest = models.CharField(max_length=64)
    publisher = person()
    words = models.TextField(blank=True)

    class Meta(OfRecord.Meta):
        constraints = [
            UniqueConstraint(fields=["kind", "record_id"], name="schedule_is_one")
        ]

    def __str__(self):
        return f"{self.kind} {self.record_id}, {self.at:%Y-%m-%d %H:%M}"


class AuditEntry(models.Model):
    """Who did what to which record in which minute; each row seals those before it."""

    account = models.BigIntegerField(null=True)  # None: the machine did it
    action = models.CharField(max_length=12, choices=Action)
    code = models.CharField(max_length=120)
    minute = models.DateTimeField()
    before = models.CharField(max_length=64, unique=True)  # so the chain has no forks
    seal = models.CharField(max_length=64)

    class Meta:
        ordering = ["pk"]
        constraints = [is_known("action", Action)]

    def __str__(self):
        return f"{self.minute:%Y-%m-%d %H:%M} {self.account} {self.action} {self.code}"
