"""What helps: families of response strategies, and the strategies in them."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from sources.choices import CitationBasis
from sources.constraints import is_known
from sources.models import Alias, Citation, Record
from strategies.querysets import FamilyQuerySet, StrategyQuerySet


class Term(Record):
    """One entry of a controlled vocabulary; curators add terms, code never does."""

    name = models.CharField(_("name"), max_length=120)
    definition = models.TextField(_("definition"), help_text=_("One or two sentences."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    replaced_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        help_text=_("A retired term keeps its page, which says what replaced it."),
    )

    class Meta(Record.Meta):
        abstract = True
        ordering = ["position", "slug"]

    def __str__(self):
        return self.name


class StrategyFamily(Term):
    """One of the brief’s four kinds of response."""

    objects = FamilyQuerySet.as_manager()

    class Meta(Term.Meta):
        verbose_name = _("strategy family")
        verbose_name_plural = _("strategy families")

    def get_absolute_url(self):
        return f"{reverse('strategies:list')}#{self.slug}"


class Strategy(Term):
    """A way of responding to resistance, of use before a case shows it."""

    family = models.ForeignKey(
        StrategyFamily, models.PROTECT, related_name="strategies"
    )
    family_basis = models.CharField(
        _("basis of the family"),
        max_length=10,
        choices=CitationBasis,
        default=CitationBasis.READING,
    )
    caution = models.TextField(_("caution"), blank=True)

    objects = StrategyQuerySet.as_manager()

    class Meta(Term.Meta):
        ordering = ["family__position", "position", "slug"]
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")
        constraints = [
            *Record.Meta.constraints,
            is_known("family_basis", CitationBasis),
        ]

    def get_absolute_url(self):
        return reverse("strategies:detail", args=[self.slug])


class StrategyFamilyCitation(Citation):
    parent = ParentalKey(
        StrategyFamily, on_delete=models.CASCADE, related_name="citations"
    )


class StrategyCitation(Citation):
    parent = ParentalKey(Strategy, on_delete=models.CASCADE, related_name="citations")


class StrategyAlias(Alias):
    parent = ParentalKey(Strategy, on_delete=models.CASCADE, related_name="aliases")
