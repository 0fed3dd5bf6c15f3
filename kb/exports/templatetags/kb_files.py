"""The links to files below a list, a matrix or a comparison.

Written without a template, like the cards: they stand on every list.
"""

from collections.abc import Iterable, Iterator
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.index import View
from cases.models import Case
from cases.selection import Selection
from kb.exports.choosing import Chosen

register = template.Library()

# The files most asked for.
FILES = {
    "cases.csv": gettext_lazy("cases as CSV"),
    "responses.csv": gettext_lazy("responses as CSV"),
    "data.xlsx": gettext_lazy("all tables as XLSX"),
    "data.json": gettext_lazy("as JSON"),
}


@register.simple_tag
def files_of(selection: Selection, seen: View) -> SafeString:
    """The files of what a selection finds, and of everything."""
    return box(Chosen(selection, seen=seen))


@register.simple_tag
def files_of_cases(cases: Iterable[Case]) -> SafeString:
    """The files of some cases, and of everything."""
    return box(Chosen(codes=tuple(case.code for case in cases)))


def box(chosen: Chosen) -> SafeString:
    """How many cases are in the files, and the links to them."""
    data, query = reverse("exports:home"), escape(chosen.query())
    more = _("More tables, and what the columns mean")
    return SafeString(
        '<section class="files" aria-labelledby="files">\n'
        f'<h3 id="files">{escape(_("Take it with you"))}</h3>\n<ul class="plain">\n'
        f"{''.join(lines(chosen, data, query))}</ul>\n"
        f'<p><a href="{data}{query}">{escape(more)}</a></p>\n</section>'
    )


def lines(chosen: Chosen, data: str, query: str) -> Iterator[str]:
    """The files of what is chosen, if that is a part, and those of everything."""
    if not chosen.is_everything:
        n = len(chosen)
        told = ngettext("This filter ({n} case):", "This filter ({n} cases):", n)
        yield f"<li>{escape(told.format(n=n))} {links(data, query)}</li>\n"
    n = len(Chosen(seen=chosen.seen))
    told = ngettext("All ({n} case):", "All ({n} cases):", n)
    yield f"<li>{escape(told.format(n=n))} {links(data, '')}</li>\n"


def links(data: str, query: str) -> str:
    """Links to the files of one query."""
    return " ·\n".join(
        f'<a href="{data}{name}{query}" rel="nofollow">{escape(str(label))}</a>'
        for name, label in FILES.items()
    )
