"""What can be learnt, and the background that is no part of a case."""

from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField

from cases.choices import LessonKind, NoteKind
from cases.models.cases import Case
from cases.models.forms import ResistanceForm
from cases.models.organisations import Organisation
from cases.models.places import Country
from cases.querysets import ContextNoteQuerySet, LessonQuerySet
from sources.constraints import is_known
from sources.models import Citation, Record
from strategies.models import Strategy


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
