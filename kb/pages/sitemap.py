"""Every public address, for search engines."""

from itertools import chain

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from cases import facets
from cases.models import Case, ResistanceForm
from sources.models import Source
from strategies.models import Strategy


class Pages(Sitemap):
    """The pages that are always there."""

    def items(self) -> list[str]:
        names = ("home", "about", "safety", "changes")
        return [
            *(reverse(f"pages:{name}") for name in names),
            *(
                reverse(f"cases:{name}")
                for name in ("list", "matrix", "countries", "forms", "lessons")
            ),
            reverse("strategies:list"),
            reverse("sources:list"),
            reverse("exports:home"),
            reverse("feeds:home"),
            reverse("api:home"),
        ]

    def location(self, item: str) -> str:
        return item


class Records(Sitemap):
    """The pages of published records."""

    def items(self) -> list:
        models = Case, ResistanceForm, Strategy, Source
        records = (model.objects.published() for model in models)
        return [*chain.from_iterable(records), *facets.countries_with_cases()]

    def lastmod(self, item):
        return getattr(item, "last_published_at", None)


SITEMAPS = {"pages": Pages, "records": Records}
