"""A work cited in a sentence, in the two styles that readers are asked for most.

A sentence is a list of its parts, to be set one after the other with a space between.
"""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sources.works import Shape, Work, quoted

CLOSING = "”’"
ENDS = (".", "?", "!", "…")


class Title(str):
    """The part of a sentence that is set in another type."""

    __slots__ = ()


def apa(work: Work) -> list[str]:
    """As the American Psychological Association asks, 7th edition."""
    names, details = ended(listed(work.authors, "&")), apa_details(work)
    date = f"({apa_date(work)})."
    title = work.title if details else ended(work.title)
    title = title if work.is_untitled else Title(title)
    # Where nobody is to be credited, the title takes the place before the date.
    start = [names, date, title, details] if names else [title, details, date]
    house = [ended(work.container), ended(work.publisher)]
    return [*filter(None, [*start, *house, work.address])]


def apa_date(work: Work) -> str:
    """The year; of a page, which may change any day, the day."""
    if work.shape is Shape.PAGE and work.day:
        return f"{work.year}, {date_format(work.day, 'F j')}"
    return work.year or _("n.d.")


def apa_details(work: Work) -> str:
    """What follows a title: “(C001; Version 3) [Case, drawn from “…”].”"""
    numbers = "; ".join(filter(None, [work.code, numbered(work.version)]))
    kind = work.kind
    if work.drawn_from:
        drawn = (
            _("{kind}, drawn in part from {title}")
            if work.drawn_in_part
            else _("{kind}, drawn from {title}")
        )
        kind = drawn.format(kind=kind, title=quoted(work.drawn_from.title))
    parts = [f"({numbers})" if numbers else "", f"[{kind}]" if kind else ""]
    return ended(" ".join(filter(None, parts)))


def chicago(work: Work) -> list[str]:
    """As an entry of a bibliography by the Chicago Manual of Style, 17th edition."""
    date = date_format(work.day, "F j, Y") if work.day else work.year or _("n.d.")
    parts = [
        ended(listed(work.authors, _("and"))),
        chicago_title(work),
        ended(work.basis),
        Title(ended(work.container or work.publisher)),
        *map(ended, [numbered(work.version), date, work.address]),
    ]
    return [*filter(None, parts)]


def chicago_title(work: Work) -> str:
    """The title of a report in another type, that of a part of a site in quotes."""
    title = ended(f"{work.title} ({work.code})" if work.code else work.title)
    if work.is_untitled:
        return title
    return Title(title) if work.shape is Shape.REPORT else quoted(title)


def numbered(version: str) -> str:
    """A version, with the word for it."""
    return _("Version {version}").format(version=version) if version else ""


def listed(names: tuple[str, ...], last: str) -> str:
    """Names one after the other, with a word or sign before the last."""
    *most, end = names or [""]
    if not most:
        return end
    comma = "," if len(most) > 1 or last == "&" else ""
    return f"{', '.join(most)}{comma} {last} {end}"


def ended(text: str) -> str:
    """A part of a sentence, ended by a full stop unless by another mark."""
    body = text.rstrip(CLOSING)
    if not body or body.endswith(ENDS):
        return text
    return f"{body}.{text[len(body) :]}"
