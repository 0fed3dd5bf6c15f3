"""Where it happened: countries, and the regions that contain them."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.querysets import CountryQuerySet
from sources.constraints import well_formed


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
