"""Every public address, for search engines: one file a kind, in pages of some thousand.

A search engine takes at most 50,000 addresses a file.
"""

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from cases import facets
from cases.models import Case, Country, ResistanceForm
from sources.models import Record, Source
from strategies.models import Strategy

PER_PAGE = 5_000


class Pages(Sitemap):
    """The pages that are always there, and those of countries with cases."""

    limit = PER_PAGE

    def items(self) -> list[str]:
        names = ("home", "about", "safety", "changes")
        lists = ("list", "matrix", "countries", "forms", "lessons")
        return [
            *(reverse(f"pages:{name}") for name in names),
            *(reverse(f"cases:{name}") for name in lists),
            reverse("strategies:list"),
            reverse("sources:list"),
            reverse("exports:home"),
            reverse("offline:page"),
            reverse("feeds:home"),
            reverse("api:home"),
            *map(Country.get_absolute_url, facets.countries_with_cases()),
        ]

    def location(self, item: str) -> str:
        return item


class Records(Sitemap):
    """The pages of the published records of one kind."""

    limit = PER_PAGE
    model: type[Record]

    def items(self) -> QuerySet[Record]:
        found = self.model.objects.published().order_by("pk")
        return found.only("slug", "last_published_at")

    def lastmod(self, item: Record):
        return item.last_published_at

    def get_latest_lastmod(self) -> None:
        """Not told: all records would have to be read for it."""


class Cases(Records):
    model = Case


class Forms(Records):
    model = ResistanceForm


class Strategies(Records):
    model = Strategy


class Sources(Records):
    model = Source


SITEMAPS = {
    "pages": Pages,
    "cases": Cases,
    "forms": Forms,
    "strategies": Strategies,
    "sources": Sources,
}
