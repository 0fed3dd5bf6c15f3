"""The organisations that may be named."""

from django.db import models
from django.db.models import UniqueConstraint
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from cases.choices import OrganisationKind
from cases.models.places import Country
from sources.constraints import is_known
from sources.models import Alias, Citation, Record


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
