"""The fieldsets of the filter panel: hundreds of checkboxes on each page.

A template took 8 ms for what this does in 0.3.
"""

from collections.abc import Callable, Mapping
from functools import partial
from html import escape

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases.facets import Option
from cases.panel import Group

register = template.Library()

UNDER_NOTHING = '<p class="section"></p>'  # also what parts the rest from a heading


@register.simple_tag
def fieldsets(groups: list[Group]) -> SafeString:
    """Every facet as a fieldset that opens and closes."""
    return SafeString("\n".join(fieldset(group) for group in groups))


@register.simple_tag
def choices(named: Mapping[str, str | Promise], chosen: str) -> SafeString:
    """Values to choose one from, by name; one of them is chosen already."""
    return SafeString(
        "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
            f"{escape(str(name))}</option>"
            for value, name in named.items()
        )
    )


def fieldset(group: Group) -> str:
    """A facet: its name, its values, and whether a case must have all ticked."""
    label = kept(group, "", lambda: escape(str(group.label)))
    picked = f' <span class="picked">({group.picked})</span>' if group.picked else ""
    place = ' id="more"' if group.has_more else ""
    return (
        f'<details class="facet"{place}{" open" if group.is_open else ""}>'
        f"<summary>{label}{picked}</summary>\n"
        f"<fieldset><legend>{label}</legend>{hint(group, label)}\n"
        f"{boxes(group)}{match(group)}</fieldset></details>"
    )


def hint(group: Group, label: str) -> str:
    """What is said about the values, and the way to more of them."""
    if not group.hint:
        return ""
    link = ""
    if group.more:
        more = kept(group, "more", lambda: escape(_("Show more")))
        link = (
            f' <a href="{escape(group.more)}#more" rel="nofollow">{more}'
            f'<span class="vh"> ({label})</span></a>'
        )
    return f'<p class="hint">{escape(str(group.hint))}{link}</p>'


def match(group: Group) -> str:
    """Whether a case must have all that are ticked, or one of them."""
    if not group.many:
        return ""
    told = kept(group, "all", lambda: escape(_("A case must have all that are ticked")))
    checked = " checked" if group.match_all else ""
    return (
        f'\n<label class="match"><input type="checkbox" name="{group.name}_match"'
        f' value="all"{checked}> <span>{told}</span></label>'
    )


def kept[T](group: Group, value: str, write: Callable[[], T]) -> T:
    """What was written once in the language of now."""
    key = group.name, value
    if key not in group.written:
        group.written[key] = write()
    return group.written[key]


def boxes(group: Group) -> str:
    """Every value of a fieldset as a checkbox with its number, under its heading."""
    states = ["" if n else " disabled" for n in group.counts.values()]
    if group.ticked:
        places = {value: place for place, value in enumerate(group.counts)}
        for value in group.ticked:
            states[places[value]] = " checked"
    made = partial(laid_out, group)
    parts = [*(kept(group, "boxes", made) if group.is_whole else made())]
    parts[1::4], parts[3::4] = states, map(str, group.counts.values())
    return "".join(parts)


def laid_out(group: Group) -> list[str]:
    """The boxes in parts: for each what comes before its state, that, what comes
    before its number, and that; and the end. States and numbers are to be put in.
    """
    parts, section, end = [], UNDER_NOTHING, ""
    written = kept(group, "values", dict)
    for option in group.options:
        value = option.value
        if value not in written:
            written[value] = pieces(group.name, option)
        heading, before, between = written[value]
        if heading != section:
            section, before = heading, f"{heading}\n{before}"
        parts += [f"{end}{before}", "", between, ""]
        end = "</b></label>\n"
    return [*parts, end.rstrip()]


def pieces(name: str, option: Option) -> tuple[str, str, str]:
    """The heading of a value, and what stands before and after the state of its box."""
    return (
        f'<p class="section">{escape(str(option.group))}</p>',
        f'<label><input type="checkbox" name="{name}" value="{escape(option.value)}"',
        f"> <span>{escape(str(option.label))}</span> <b>",
    )
