"""Our site with every number asked of the tables: the page of the plain ORM."""

from kb.wsgi import application  # isort: skip — it sets Django up

from django.db.models import QuerySet
from django.utils.functional import cached_property

from cases import facets, plain
from cases.filters import CaseFilter

__all__ = ["application"]


class Found:
    """What plain.matching() finds, as the list of cases asks for it."""

    def __init__(self, cases: QuerySet):
        self.cases = cases.order_by("telling", "code")

    def __len__(self) -> int:
        return self.cases.count()

    def __getitem__(self, places: slice) -> list[int]:
        return list(self.cases.values_list("pk", flat=True)[places])


def offered(selection, words, _seen=None):
    return {
        name: facets.foremost(
            words[name], counts, facets.FACETS[name].most, selection.values(name)
        )
        for name, counts in plain.shown(selection, words).items()
    }


found = cached_property(lambda filters: Found(plain.matching(filters.selection)))
found.__set_name__(CaseFilter, "found")
CaseFilter.found = found
facets.offered = offered
