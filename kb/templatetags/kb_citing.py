"""What pages say of how they are cited: to readers, and to programs that collect."""

import json

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cases.facets import Axes
from cases.filters import CaseFilter
from kb.citing.edition import Edition, edition
from kb.citing.entries import Entry, entry_of, entry_of_list
from sources import formats, styles
from sources.models import Record
from sources.works import Work

register = template.Library()

# Inside a script element, these could end it or begin another.
IN_SCRIPT = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&"})


@register.simple_tag(takes_context=True)
def citation(context: Context, record: Record) -> Entry | None:
    """How a record is cited; not at all while it is written and has no address."""
    return entry_of(record, known_edition(context)) if record.slug else None


@register.simple_tag(takes_context=True)
def citation_of_list(
    context: Context, sentence: str, filters: CaseFilter, axes: Axes | None = None
) -> Entry:
    """How the list or matrix of a filter is cited."""
    return entry_of_list(filters, sentence, known_edition(context), axes)


def known_edition(context: Context) -> Edition:
    """The version as it is now, asked for once a page."""
    kept = context.render_context
    if "edition" not in kept:
        kept["edition"] = edition()
    return kept["edition"]


@register.simple_tag
def apa(work: Work) -> SafeString:
    """The work in the style of the APA."""
    return set_in_type(styles.apa(work))


@register.simple_tag
def chicago(work: Work) -> SafeString:
    """The work in the style of Chicago."""
    return set_in_type(styles.chicago(work))


def set_in_type(sentence: list[str]) -> SafeString:
    """The parts of a sentence, one after the other."""
    plain, standing_out = "{}", "<i>{}</i>"
    shown = [
        format_html(standing_out if isinstance(part, styles.Title) else plain, part)
        for part in sentence
    ]
    return format_html_join(" ", "{}", ((part,) for part in shown))


@register.simple_tag
def linked_data(work: Work) -> SafeString:
    """The work for programs that read schema.org: data, which no browser runs."""
    data = {"@context": "https://schema.org", **formats.linked_data(work)}
    text = json.dumps(data, ensure_ascii=False).translate(IN_SCRIPT)
    return format_html(
        '<script type="application/ld+json">{}</script>', SafeString(text)
    )
