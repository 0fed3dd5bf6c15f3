"""The links to files below a list, a matrix or a comparison."""

from collections.abc import Iterable

from django import template

from cases.index import View
from cases.models import Case
from cases.selection import Selection
from kb.exports.choosing import Chosen

register = template.Library()


@register.inclusion_tag("exports/_files.html")
def files_of(selection: Selection, seen: View) -> dict:
    """The files of what a selection finds, and of everything."""
    return links(Chosen(selection, seen=seen))


@register.inclusion_tag("exports/_files.html")
def files_of_cases(cases: Iterable[Case]) -> dict:
    """The files of some cases, and of everything."""
    codes = tuple(case.code for case in cases)
    return links(Chosen(codes=codes))


def links(chosen: Chosen) -> dict:
    """How many cases are in the files, and the query that finds them."""
    return {
        "here": len(chosen),
        "everything": len(Chosen(seen=chosen.seen)),
        "is_partial": not chosen.is_everything,
        "query": chosen.query(),
    }
