"""What files can be made here, and where they are asked for."""

from django import template

from cases.facets import Axes
from cases.selection import Selection
from kb.figures import pixels
from kb.handouts import paper

register = template.Library()


@register.simple_tag
def files_made_here() -> dict[str, bool]:
    """Which kinds of file need an extra, and whether it is installed."""
    return {"pdf": paper.is_possible(), "png": pixels.are_possible()}


@register.simple_tag
def query_of(selection: Selection, axes: Axes) -> str:
    """The query string that asks for this filter, laid out by these axes."""
    return selection.query(axes=axes.name)
