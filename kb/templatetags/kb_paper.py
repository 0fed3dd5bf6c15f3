"""What files can be made here, and where they are asked for."""

from django import template

from cases.facets import Axes
from cases.selection import Selection
from kb.handouts import paper

register = template.Library()


@register.simple_tag
def pdf_is_made_here() -> bool:
    """Whether the extra is installed that PDF needs."""
    return paper.is_possible()


@register.simple_tag
def query_of(selection: Selection, axes: Axes) -> str:
    """The query string that asks for this filter, laid out by these axes."""
    return selection.query(axes=axes.name)
