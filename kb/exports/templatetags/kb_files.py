"""The links to files below a list, a matrix or a comparison."""

from collections.abc import Iterable

from django import template

from cases import facets
from cases.choices import Scope
from cases.index import View
from cases.models import Case
from cases.selection import Selection
from cases.visibility import kept_back
from kb.exports.choosing import Chosen

register = template.Library()


@register.inclusion_tag("exports/_files.html")
def files_of(selection: Selection, seen: View) -> dict:
    """The files of what a selection finds, and of everything."""
    return links(Chosen(selection, seen=seen, known=back(seen)))


@register.inclusion_tag("exports/_files.html")
def files_of_cases(cases: Iterable[Case]) -> dict:
    """The files of some cases, and of everything."""
    seen = facets.view()
    codes = tuple(case.code for case in cases)
    return links(Chosen(codes=codes, seen=seen, known=back(seen)))


def back(seen: View) -> frozenset[int]:
    """The cases that no file holds, asked once a view: a list is shown often."""
    if Scope.EXPORT not in seen.kept:
        seen.kept[Scope.EXPORT] = kept_back(Scope.EXPORT)
    return seen.kept[Scope.EXPORT]


def links(chosen: Chosen) -> dict:
    """How many cases are in the files, and the query that finds them."""
    return {
        "here": len(chosen),
        "everything": len(Chosen(seen=chosen.seen, known=chosen.known)),
        "is_partial": not chosen.is_everything,
        "query": chosen.query(),
    }
