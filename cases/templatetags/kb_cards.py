"""The cards of a list, which were written before: see cases/cards.py."""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def card_list(cards: Iterable[tuple[str, str]], compare: str = "") -> SafeString:
    """Each card, of (code, card), with a box to tick; compare says for what, or ""."""
    purpose = escape(compare)
    return SafeString(
        "\n".join(f"<li>{card}{box(code, purpose)}</li>" for code, card in cards)
    )


def box(code: str, purpose: str) -> str:
    """The box that picks a case, where there is something to pick it for."""
    if not purpose:
        return ""
    return (
        f'\n<label class="pick"><input type="checkbox" name="case" value="{code}"'
        f' form="compare"> {purpose} {code}</label>'
    )
