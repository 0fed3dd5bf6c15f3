"""Who allowed a case to be told, and what telling it may cost. None of it is public.

Rows are only ever added: what counts is the newest, and the older ones say what was
known when.
"""

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.choices import Decision, Scope
from cases.models.cases import Case
from sources.constraints import is_known

USUAL_MONTHS = 24
SCALE = [MinValueValidator(1), MaxValueValidator(5)]
HIGH = 12  # likelihood × severity, each from 1 to 5
REVIEWED_AFTER = timedelta(days=365)
HIGH_REVIEWED_AFTER = timedelta(days=183)


def in_two_years():
    """When a consent ends, unless somebody says otherwise."""
    return timezone.now().date() + timedelta(days=USUAL_MONTHS * 365 // 12)


class Entry(models.Model):
    """One row of a case’s safety file: who wrote it, and when."""

    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text=_("Empty where it was loaded from the project’s own files."),
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True
        get_latest_by = ["recorded_at", "pk"]


class Consent(Entry):
    """What those whose story it is have allowed. The newest row counts."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="consents")
    given_by = models.CharField(
        _("given by"),
        max_length=120,
        help_text=_("A role, never a person: “director of the organisation”."),
    )
    authority = models.CharField(
        _("by what authority"),
        max_length=200,
        help_text=_("Why that role may speak for the others."),
    )
    given_on = models.DateField(_("given on"))
    expires_on = models.DateField(_("ends on"), default=in_two_years)
    withdrawn_on = models.DateField(
        _("withdrawn on"),
        null=True,
        blank=True,
        help_text=_("Filled where they have taken their consent back."),
    )
    scopes = models.JSONField(_("they allow us to"), default=list, blank=True)

    class Meta(Entry.Meta):
        constraints = [
            CheckConstraint(
                name="consent_ends_after_it_was_given",
                condition=Q(expires_on__gt=F("given_on")),
                violation_error_message=_("It cannot end before it was given."),
            ),
        ]

    def __str__(self):
        return f"{self.case.code}, {self.given_on}"

    def covers(self, scope: Scope) -> bool:
        """Whether this is among what they allowed."""
        return scope in self.scopes


class RiskAssessment(Entry):
    """Who could be harmed by a case’s being public, and what was decided."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="assessments")
    harmed = models.CharField(
        _("who could be harmed"),
        max_length=300,
        help_text=_("Roles and groups, never a person."),
    )
    harmed_by = models.CharField(_("by whom"), max_length=300)
    likelihood = models.PositiveSmallIntegerField(
        _("likelihood"), validators=SCALE, help_text=_("1 hardly – 5 almost certain")
    )
    severity = models.PositiveSmallIntegerField(
        _("severity"), validators=SCALE, help_text=_("1 slight – 5 a life")
    )
    legal_setting = models.TextField(
        _("legal setting"),
        help_text=_("Laws that can be used against those who are told of."),
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    embargo_until = models.DateField(_("not before"), null=True, blank=True)
    review_due = models.DateField(_("look again by"))

    class Meta(Entry.Meta):
        constraints = [
            is_known("decision", Decision),
            CheckConstraint(
                name="riskassessment_is_on_the_scale",
                condition=Q(likelihood__range=(1, 5), severity__range=(1, 5)),
                violation_error_message=_("Both run from 1 to 5."),
            ),
            CheckConstraint(
                name="riskassessment_delay_says_until_when",
                condition=~Q(decision=Decision.DELAY) | Q(embargo_until__isnull=False),
                violation_error_message=_("Say until when to wait."),
            ),
        ]

    def __str__(self):
        return f"{self.case.code}, {self.get_decision_display()}"

    @property
    def is_high(self) -> bool:
        """Whether two reviewers are needed, and a review that is overdue hides it."""
        return self.likelihood * self.severity >= HIGH
