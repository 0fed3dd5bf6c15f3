"""Our site with every number asked of the tables: the page of the plain ORM."""

from kb.wsgi import application  # isort: skip — it sets Django up

from django.db.models import QuerySet
from django.utils.functional import cached_property
from pyroaring import BitMap

from cases import facets, plain
from cases.filters import CaseFilter

__all__ = ["application"]


class Found:
    """What plain.matching() finds, as the list of cases asks for it."""

    def __init__(self, cases: QuerySet, keys: BitMap):
        self.cases = cases.order_by("telling", "code")
        self.keys = keys  # for how a list is cited, which costs the plain ORM nothing

    def __len__(self) -> int:
        return self.cases.count()

    def __getitem__(self, places: slice) -> list[int]:
        return list(self.cases.values_list("pk", flat=True)[places])


def offered(selection, words, _found, _more):
    return {
        name: facets.foremost(
            words[name], counts, facets.FACETS[name].most, selection.values(name)
        )
        for name, counts in plain.shown(selection, words).items()
    }


found = cached_property(
    lambda filters: Found(
        plain.matching(filters.selection),
        facets.matching(filters.selection, filters.seen),
    )
)
found.__set_name__(CaseFilter, "found")
CaseFilter.found = found
facets.offered = offered
