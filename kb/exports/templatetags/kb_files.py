"""The links to files below a list, a matrix or a comparison.

Written without a template, like the cards: they stand on every list.
"""

from collections.abc import Iterable
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

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
    kept, key = chosen.seen.kept, ("files", get_language())
    if key not in kept:
        kept[key] = Box(chosen.seen)
    return SafeString(kept[key].written(chosen))


class Box:
    """What the box says in the language of now, whatever is chosen of a view."""

    def __init__(self, seen: View):
        self.home = reverse("exports:home")
        self.title = escape(_("Take it with you"))
        self.more = escape(_("More tables, and what the columns mean"))
        self.names = {name: escape(str(label)) for name, label in FILES.items()}
        n = len(Chosen(seen=seen))
        told = ngettext("All ({n} case):", "All ({n} cases):", n).format(n=n)
        self.everything = f"<li>{escape(told)} {self.links('')}</li>\n"

    def links(self, query: str) -> str:
        """Links to the files of one query."""
        return " ·\n".join(
            f'<a href="{self.home}{name}{query}" rel="nofollow">{label}</a>'
            for name, label in self.names.items()
        )

    def written(self, chosen: Chosen) -> str:
        """The files of what is chosen, if that is a part, and those of everything."""
        part, query = "", escape(chosen.query())
        if not chosen.is_everything:
            n = len(chosen)
            told = ngettext("This filter ({n} case):", "This filter ({n} cases):", n)
            part = f"<li>{escape(told.format(n=n))} {self.links(query)}</li>\n"
        return (
            '<section class="files" aria-labelledby="files">\n'
            f'<h3 id="files">{self.title}</h3>\n'
            f'<ul class="plain">\n{part}{self.everything}</ul>\n'
            f'<p><a href="{self.home}{query}">{self.more}</a></p>\n</section>'
        )
