"""What stands below a list of several pages.

Written without a template, like the cards: a template took three times as long.
"""

from html import escape

from django import template
from django.core.paginator import Page
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def pages_of(page: Page, query: str = "") -> SafeString:
    """The pages before and after; nothing where there is one. query finds the list."""
    if not page.has_other_pages():
        return SafeString("")
    told = _("Page {number} of {of}").format(
        number=page.number, of=page.paginator.num_pages
    )
    before = after = ""
    if page.has_previous():
        before = link("prev", query, page.number - 1, _("Previous page"))
    if page.has_next():
        after = link("next", query, page.number + 1, _("Next page"))
    return SafeString(
        f'<nav class="pages" aria-label="{escape(_("Pages"))}">\n{before}'
        f'<span aria-current="page">{escape(told)}</span>\n{after}</nav>'
    )


def link(rel: str, query: str, number: int, name: str) -> str:
    """A link to a page by its number."""
    address = f"{query}{'&' if query else '?'}page={number}"
    return f'<a rel="{rel}" href="{escape(address)}">{escape(name)}</a>\n'
