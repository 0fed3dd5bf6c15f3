"""How a page is cited: see kb/citing/markup.py."""

from collections.abc import Callable

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from cases.facets import Axes
from cases.filters import CaseFilter
from kb.citing import markup
from kb.citing.edition import edition
from kb.citing.entries import Entry, entry_of, entry_of_list
from sources.models import Record

register = template.Library()


@register.simple_tag(takes_context=True)
def cite_head(context: Context, record: Record) -> SafeString:
    """A record, for programs; nothing while it is written and has no address."""
    return markup.head(entry(context, record)) if record.slug else SafeString("")


@register.simple_tag(takes_context=True)
def cite_box(context: Context, record: Record) -> SafeString:
    """A record, for readers; nothing while it is written and has no address."""
    return markup.box(entry(context, record)) if record.slug else SafeString("")


@register.simple_tag(takes_context=True)
def cite_list_head(
    context: Context, sentence: str, filters: CaseFilter, axes: Axes | None = None
) -> SafeString:
    """A list or a matrix, for programs."""
    return markup.head(entry_here(context, sentence, filters, axes))


@register.simple_tag(takes_context=True)
def cite_list_box(
    context: Context, sentence: str, filters: CaseFilter, axes: Axes | None = None
) -> SafeString:
    """A list or a matrix, for readers."""
    return markup.box(entry_here(context, sentence, filters, axes))


def entry(context: Context, record: Record) -> Entry:
    """How a record is cited."""
    now = once(context, "edition", edition)
    return once(context, record, lambda: entry_of(record, now))


def entry_here(
    context: Context, sentence: str, filters: CaseFilter, axes: Axes | None
) -> Entry:
    """How the list or matrix of a page is cited."""
    return once(context, "list", lambda: entry_of_list(filters, sentence, axes))


def once(context: Context, key: object, make: Callable) -> object:
    """What a page asks for twice, made once."""
    kept = context.render_context.setdefault("citing", {})
    key = key if isinstance(key, str) else id(key)
    if key not in kept:
        kept[key] = make()
    return kept[key]
