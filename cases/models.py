"""What happened: places, forms of resistance, and the cases that join them.

The prose and the citations stand on the links (Encounter, Response), not at either
end: only so are counts, the matrix and “answered how” true.
"""

import re

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from cases.choices import (
    Actor,
    Effect,
    Evidence,
    LessonKind,
    Mode,
    NoteKind,
    OrganisationKind,
    Setting,
    Telling,
    Visibility,
)
from cases.querysets import (
    CaseQuerySet,
    ContextNoteQuerySet,
    CountryQuerySet,
    FormQuerySet,
    LessonQuerySet,
)
from sources.choices import NOT_STATED, Basis
from sources.constraints import has_basis, is_known, well_formed
from sources.models import Alias, Citation, Record
from strategies.models import Strategy, Term

FORM_UNKNOWN = _("Form not labelled by the source")
STRATEGY_UNKNOWN = _("Strategy not stated")
CODE = r"^C[0-9]{3,7}$"


def basis_field() -> models.CharField:
    """How the coded fact named before it is known."""
    return models.CharField(
        _("basis"), max_length=10, choices=Basis, default=Basis.NOT_STATED
    )


def is_code(text: str) -> bool:
    """Whether a text has the shape of a case’s public code."""
    return bool(re.fullmatch(CODE, text, re.ASCII))


class Region(models.Model):
    """A region of the world, as the UN’s M49 standard draws it."""

    code = models.CharField(_("M49 code"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    # Itself and all that contain it: a case in Southern Asia counts for Asia too.
    within = models.ManyToManyField("self", symmetrical=False, related_name="contains")

    class Meta:
        ordering = ["name"]
        constraints = [
            well_formed("code", r"^[0-9]{3}$", _("An M49 code has three digits."))
        ]

    def __str__(self):
        return self.name


class Country(models.Model):
    """A country or territory, keyed by its ISO 3166-1 code."""

    code = models.CharField(_("ISO code"), max_length=2, primary_key=True)
    m49 = models.CharField(_("M49 code"), max_length=3)
    name = models.CharField(_("name"), max_length=100, unique=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="countries"
    )
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    aliases = models.JSONField(_("other names"), default=list, blank=True)

    objects = CountryQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("countries")
        constraints = [
            well_formed("code", r"^[A-Z]{2}$", _("An ISO code has two letters.")),
            well_formed("m49", r"^[0-9]{3}$", _("An M49 code has three digits.")),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("cases:country", args=[self.code.lower()])


class ResistanceForm(Term):
    """A way that resistance to prevention work shows itself: denial, inertia, …

    The order is a continuum, from passive to active, as the brief lists it.
    """

    mode = models.CharField(_("mode"), max_length=10, choices=Mode)
    note = models.TextField(_("note"), blank=True)

    objects = FormQuerySet.as_manager()

    class Meta(Term.Meta):
        verbose_name = _("form of resistance")
        verbose_name_plural = _("forms of resistance")
        constraints = [*Record.Meta.constraints, is_known("mode", Mode)]

    def get_absolute_url(self):
        return reverse("cases:form", args=[self.slug])


class ResistanceFormCitation(Citation):
    parent = ParentalKey(
        ResistanceForm, on_delete=models.CASCADE, related_name="citations"
    )


class ResistanceFormAlias(Alias):
    parent = ParentalKey(
        ResistanceForm, on_delete=models.CASCADE, related_name="aliases"
    )


class WarningSign(Citation):
    """How a form shows itself early, and who says so."""

    parent = ParentalKey(ResistanceForm, on_delete=models.CASCADE, related_name="signs")
    text = models.CharField(_("sign"), max_length=300)


class Organisation(Record):
    """An organisation that may be named in public.

    There is no row for one that may not: what is never stored cannot leak.
    """

    name = models.CharField(_("name"), max_length=200)
    country = models.ForeignKey(Country, models.PROTECT, related_name="organisations")
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind)

    class Meta(Record.Meta):
        ordering = ["name", "slug"]
        constraints = [
            *Record.Meta.constraints,
            is_known("kind", OrganisationKind),
            UniqueConstraint(
                fields=["country", "name"],
                name="organisation_name_is_unique_in_its_country",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{reverse('cases:list')}?organisation={self.slug}"


class OrganisationCitation(Citation):
    parent = ParentalKey(
        Organisation, on_delete=models.CASCADE, related_name="citations"
    )


class OrganisationAlias(Alias):
    parent = ParentalKey(Organisation, on_delete=models.CASCADE, related_name="aliases")


class Case(Record):
    """What organisations met with in one country, as far as a source tells."""

    code = models.CharField(
        _("code"),
        max_length=8,
        unique=True,
        help_text=_("C and at least three digits. It never changes."),
    )
    title = models.CharField(_("title"), max_length=200)
    country = models.ForeignKey(Country, models.PROTECT, related_name="cases")
    organisations = ParentalManyToManyField(
        Organisation,
        related_name="cases",
        blank=True,
        help_text=_("Empty where no source names one, or naming it is unsafe."),
    )
    snapshot = models.TextField(_("snapshot"), help_text=_("Shown in lists and files."))
    context = models.TextField(
        _("context"), blank=True, help_text=_("What the source itself says of it.")
    )
    period_from = models.PositiveSmallIntegerField(_("from"), null=True, blank=True)
    period_to = models.PositiveSmallIntegerField(_("to"), null=True, blank=True)
    period_basis = basis_field()
    telling = models.CharField(_("how much is told"), max_length=12, choices=Telling)
    evidence = models.CharField(_("kind of evidence"), max_length=20, choices=Evidence)
    last_checked = models.DateField(_("last checked"))

    objects = CaseQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["code"]
        constraints = [
            *Record.Meta.constraints,
            well_formed("code", CODE, _("Write C and at least three digits.")),
            is_known("telling", Telling),
            is_known("evidence", Evidence),
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


class Lesson(Record):
    """What a source or a case teaches: a finding, a lesson or a recommendation."""

    kind = models.CharField(_("kind"), max_length=16, choices=LessonKind)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    cases = ParentalManyToManyField(Case, related_name="lessons", blank=True)
    forms = ParentalManyToManyField(ResistanceForm, related_name="lessons", blank=True)
    strategies = ParentalManyToManyField(Strategy, related_name="lessons", blank=True)

    objects = LessonQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["position", "slug"]
        constraints = [*Record.Meta.constraints, is_known("kind", LessonKind)]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"{reverse('cases:lessons')}#{self.slug}"


class LessonCitation(Citation):
    parent = ParentalKey(Lesson, on_delete=models.CASCADE, related_name="citations")


class ContextNote(Record):
    """Sourced background on a country or an organisation. Never part of a case."""

    country = models.ForeignKey(Country, models.PROTECT, related_name="notes")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="notes"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=NoteKind)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, help_text=_("Empty where not stated.")
    )
    year_to = models.PositiveSmallIntegerField(_("last year"), null=True, blank=True)

    objects = ContextNoteQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = [F("year").asc(nulls_last=True), "slug"]
        constraints = [
            *Record.Meta.constraints,
            is_known("kind", NoteKind),
            CheckConstraint(
                name="contextnote_years_are_in_order",
                condition=Q(year_to__isnull=True)
                | Q(year__isnull=False, year_to__gte=F("year")),
                violation_error_message=_("The last year cannot be before the first."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        page = reverse("cases:country", args=[self.country_id.lower()])
        return f"{page}#{self.slug}"


class ContextNoteCitation(Citation):
    parent = ParentalKey(
        ContextNote, on_delete=models.CASCADE, related_name="citations"
    )


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
