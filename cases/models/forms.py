"""The forms that resistance takes, and how each shows itself early."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from cases.choices import Mode
from cases.querysets import FormQuerySet
from sources.constraints import is_known
from sources.models import Alias, Citation, Record
from strategies.models import Term


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
