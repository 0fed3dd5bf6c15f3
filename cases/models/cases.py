"""A case, what it met, and each answer to it.

The prose and the citations stand on the links (Encounter, Response), not at either
end: only so are counts, the matrix and “answered how” true.
"""

import re
from datetime import datetime

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from cases.choices import (
    Actor,
    Effect,
    Evidence,
    Naming,
    OrganisationKind,
    Origin,
    PlacePrecision,
    Setting,
    Telling,
    TimePrecision,
    Visibility,
)
from cases.models.forms import ResistanceForm
from cases.models.organisations import Organisation
from cases.models.places import Country, Region
from cases.querysets import CaseQuerySet
from sources.choices import NOT_STATED, Basis
from sources.constraints import has_basis, is_known, well_formed
from sources.models import Alias, Citation, Record
from strategies.models import Strategy

FORM_UNKNOWN = _("Form not labelled by the source")
STRATEGY_UNKNOWN = _("Strategy not stated")
QUARTERS = [(n, f"Q{n}") for n in range(1, 5)]
CODE = r"^C[0-9]{3,7}$"


def basis_field() -> models.CharField:
    """How the coded fact named before it is known."""
    return models.CharField(
        _("basis"), max_length=10, choices=Basis, default=Basis.NOT_STATED
    )


def quarter(number: int | None, year: int) -> str:
    """A year, or a quarter of it."""
    return f"Q{number} {year}" if number else str(year)


def is_code(text: str) -> bool:
    """Whether a text has the shape of a case’s public code."""
    return bool(re.fullmatch(CODE, text, re.ASCII))


class Case(Record):
    """What organisations met with in one country, as far as a source tells."""

    code = models.CharField(
        _("code"),
        max_length=8,
        unique=True,
        help_text=_("C and at least three digits. It never changes."),
    )
    title = models.CharField(_("title"), max_length=200)
    origin = models.CharField(_("how it came here"), max_length=20, choices=Origin)
    place_precision = models.CharField(
        _("how closely to say where"),
        max_length=8,
        choices=PlacePrecision,
        default=PlacePrecision.COUNTRY,
    )
    country = models.ForeignKey(
        Country,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        help_text=_("Empty unless the country may be named: nothing unnamed is kept."),
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        help_text=_("Only where the region may be named, and the country may not."),
    )
    naming = models.CharField(
        _("how to speak of the organisation"),
        max_length=10,
        choices=Naming,
        default=Naming.NAMED,
    )
    organisations = ParentalManyToManyField(
        Organisation,
        related_name="cases",
        blank=True,
        help_text=_("Empty where no source names one, or naming it is unsafe."),
    )
    pseudonym = models.CharField(_("other name"), max_length=120, blank=True)
    organisation_kind = models.CharField(
        _("kind of organisation"),
        max_length=20,
        choices=OrganisationKind,
        blank=True,
        help_text=_("Only where the organisation is spoken of by its kind."),
    )
    snapshot = models.TextField(_("snapshot"), help_text=_("Shown in lists and files."))
    context = models.TextField(
        _("context"), blank=True, help_text=_("What the source itself says of it.")
    )
    time_precision = models.CharField(
        _("how closely to say when"),
        max_length=8,
        choices=TimePrecision,
        default=TimePrecision.YEAR,
    )
    period_from = models.PositiveSmallIntegerField(_("from"), null=True, blank=True)
    period_to = models.PositiveSmallIntegerField(_("to"), null=True, blank=True)
    quarter_from = models.PositiveSmallIntegerField(
        _("quarter"), null=True, blank=True, choices=QUARTERS
    )
    quarter_to = models.PositiveSmallIntegerField(
        _("last quarter"), null=True, blank=True, choices=QUARTERS
    )
    period_basis = basis_field()
    telling = models.CharField(_("how much is told"), max_length=12, choices=Telling)
    evidence = models.CharField(_("kind of evidence"), max_length=20, choices=Evidence)
    last_checked = models.DateField(_("last checked"))
    # From when until when it may be seen: cases/visibility.py settles both, and both
    # are empty where it may not be seen at all.
    visible_from = models.DateTimeField(null=True, editable=False)
    visible_until = models.DateTimeField(null=True, editable=False)

    KEPT = (*Record.KEPT, "visible_from", "visible_until")
    ADDRESS = ("slug", "code")

    objects = CaseQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["code"]
        # For who else met the same there in that year, before each release.
        indexes = [
            Index(fields=["country", "period_from"], name="case_of_place_and_year")
        ]
        constraints = [
            *Record.Meta.constraints,
            well_formed("code", CODE, _("Write C and at least three digits.")),
            is_known("telling", Telling),
            is_known("evidence", Evidence),
            is_known("origin", Origin),
            CheckConstraint(
                name="case_place_is_as_precise_as_said",
                condition=Q(
                    place_precision=PlacePrecision.COUNTRY,
                    country__isnull=False,
                    region__isnull=True,
                )
                | Q(
                    place_precision=PlacePrecision.REGION,
                    country__isnull=True,
                    region__isnull=False,
                )
                | Q(
                    place_precision=PlacePrecision.NONE,
                    country__isnull=True,
                    region__isnull=True,
                ),
                violation_error_message=_(
                    "Give the country, or the region, or neither: as closely as you"
                    " said that the place may be told."
                ),
            ),
            CheckConstraint(
                name="case_organisation_is_spoken_of_as_said",
                condition=Q(naming=Naming.NAMED, pseudonym="", organisation_kind="")
                | (Q(naming=Naming.PSEUDONYM, organisation_kind="") & ~Q(pseudonym=""))
                | (
                    Q(naming=Naming.TYPE, pseudonym="")
                    & Q(organisation_kind__in=OrganisationKind.values)
                ),
                violation_error_message=_(
                    "Give the other name, or the kind of organisation, where you said"
                    " so; and only there."
                ),
            ),
            CheckConstraint(
                name="case_period_is_as_precise_as_said",
                condition=Q(
                    time_precision=TimePrecision.DECADE,
                    quarter_from__isnull=True,
                    quarter_to__isnull=True,
                )
                & (Q(period_from__isnull=True) | Q(period_from__endswith="0"))
                & (Q(period_to__isnull=True) | Q(period_to__endswith="9"))
                | Q(
                    time_precision=TimePrecision.YEAR,
                    quarter_from__isnull=True,
                    quarter_to__isnull=True,
                )
                | Q(time_precision=TimePrecision.QUARTER)
                & (
                    Q(quarter_from__isnull=True)
                    | Q(quarter_from__range=(1, 4), period_from__isnull=False)
                )
                & (
                    Q(quarter_to__isnull=True)
                    | Q(quarter_to__range=(1, 4), period_to__isnull=False)
                ),
                violation_error_message=_(
                    "Write decades as 2010 to 2019; give quarters only where you said"
                    " that they may be told."
                ),
            ),
            CheckConstraint(
                name="case_live_is_allowed",
                condition=Q(live=False)
                | Q(visible_from__isnull=False, visible_until__isnull=False),
                violation_error_message=_("Nothing allows this case to be public."),
            ),
            CheckConstraint(
                name="case_visible_has_two_ends",
                condition=Q(visible_from__isnull=True, visible_until__isnull=True)
                | Q(
                    visible_from__isnull=False,
                    visible_until__isnull=False,
                    visible_from__lt=F("visible_until"),
                ),
            ),
            *has_basis("period_from", basis="period_basis", nothing=None),
            CheckConstraint(
                name="case_period_is_in_order",
                condition=Q(period_to__isnull=True)
                | Q(period_from__isnull=False, period_to__gte=F("period_from")),
                violation_error_message=_("A case cannot end before it starts."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:detail", args=[self.slug])

    @classmethod
    def is_released(cls, path: str = "") -> Q:
        """Published, if perhaps not allowed to be seen at this minute."""
        return super().is_public(path)

    @classmethod
    def is_public(cls, path: str = "", at: datetime | None = None) -> Q:
        """Published, and allowed to be seen at this minute."""
        now = at or timezone.now()
        allowed = {f"{path}visible_from__lte": now, f"{path}visible_until__gt": now}
        return cls.is_released(path) & Q(**allowed)

    @property
    def key(self) -> str:
        return self.code

    @property
    def place(self) -> Country | Region | None:
        """Where it happened, as closely as may be told."""
        return self.country or self.region

    @property
    def widest(self) -> Region | None:
        """The region it counts for."""
        return self.country.region if self.country else self.region

    @property
    def period(self) -> str:
        """When it happened, as closely as may be told; empty where not stated."""
        if self.period_from is None:
            return ""
        if self.time_precision == TimePrecision.DECADE:
            first, last = f"{self.period_from}s", self.period_to and self.period_to - 9
            return f"{first}–{last}s" if last and last != self.period_from else first
        first = quarter(self.quarter_from, self.period_from)
        if self.period_to is None:
            return first
        return f"{first}–{quarter(self.quarter_to, self.period_to)}"


class CaseCitation(Citation):
    parent = ParentalKey(Case, on_delete=models.CASCADE, related_name="citations")


class CaseAlias(Alias):
    parent = ParentalKey(Case, on_delete=models.CASCADE, related_name="aliases")


class Encounter(ClusterableModel, Orderable):
    """One resistance that a case met: its form, who resisted, where, and the source."""

    case = ParentalKey(Case, on_delete=models.CASCADE, related_name="encounters")
    form = models.ForeignKey(
        ResistanceForm,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="encounters",
        help_text=_("Empty where the source labels none and you read none."),
    )
    form_basis = basis_field()
    actor = models.CharField(
        _("who resists"), max_length=20, choices=Actor, default=Actor.NOT_STATED
    )
    actor_basis = basis_field()
    setting = models.CharField(
        _("setting"), max_length=20, choices=Setting, default=Setting.NOT_STATED
    )
    setting_basis = basis_field()
    text = models.TextField(_("what they met"))

    class Meta(Orderable.Meta):
        constraints = [
            *has_basis("form", nothing=None),
            is_known("actor", Actor),
            *has_basis("actor"),
            is_known("setting", Setting),
            *has_basis("setting"),
            UniqueConstraint(
                fields=["case", "form", "actor", "setting"],
                name="encounter_form_is_unique_in_its_case",
                condition=Q(form__isnull=False),
                violation_error_message=_(
                    "This case already has that form from that actor in that setting."
                ),
            ),
        ]

    def __str__(self):
        return str(self.form.name if self.form else FORM_UNKNOWN)

    @property
    def form_value(self) -> str:
        """The form as the filter spells it."""
        return self.form.slug if self.form else NOT_STATED


class EncounterCitation(Citation):
    parent = ParentalKey(Encounter, on_delete=models.CASCADE, related_name="citations")


class Response(ClusterableModel, Orderable):
    """One answer to one encounter: what was done, what came of it, at whose risk."""

    encounter = ParentalKey(
        Encounter, on_delete=models.CASCADE, related_name="responses"
    )
    strategy = models.ForeignKey(
        Strategy, models.PROTECT, null=True, blank=True, related_name="responses"
    )
    strategy_basis = basis_field()
    text = models.TextField(_("what was done"))
    effect = models.CharField(
        _("effect"), max_length=12, choices=Effect, default=Effect.NOT_STATED
    )
    effect_basis = basis_field()
    side_effects = models.TextField(
        _("side-effects"), blank=True, help_text=_("Empty where not stated.")
    )
    side_effects_basis = basis_field()
    visibility = models.CharField(
        _("visibility"),
        max_length=12,
        choices=Visibility,
        default=Visibility.NOT_STATED,
    )
    visibility_basis = basis_field()
    risk_bearer = models.CharField(
        _("who bore the risk"),
        max_length=200,
        blank=True,
        help_text=_("Empty where not stated. Never a person."),
    )
    risk_bearer_basis = basis_field()

    class Meta(Orderable.Meta):
        constraints = [
            *has_basis("strategy", nothing=None),
            is_known("effect", Effect),
            *has_basis("effect"),
            *has_basis("side_effects", nothing=""),
            is_known("visibility", Visibility),
            *has_basis("visibility"),
            *has_basis("risk_bearer", nothing=""),
            UniqueConstraint(
                fields=["encounter", "strategy"],
                name="response_strategy_is_unique_in_its_encounter",
                condition=Q(strategy__isnull=False),
                violation_error_message=_(
                    "This encounter already has a response with that strategy."
                ),
            ),
        ]

    def __str__(self):
        return str(self.strategy.name if self.strategy else STRATEGY_UNKNOWN)


class ResponseCitation(Citation):
    parent = ParentalKey(Response, on_delete=models.CASCADE, related_name="citations")
