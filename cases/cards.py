"""Cases as lists show them: two questions for a page of cards, each card kept.

A card is written once a language and kept with the index, which lets it go when the
case or a term changes (cases/index.py). It is written without a template, which took
0.3 ms for each: a page has twenty.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases import facets
from cases.choices import OrganisationKind, Telling
from cases.index import View
from cases.models import Case, Encounter
from cases.models.cases import FORM_UNKNOWN, STRATEGY_UNKNOWN
from cases.prepared import Prepared
from sources.choices import NOT_STATED, Basis

MOST_KEPT = 5_000  # cards in all languages together
SNIPPET = "<!--snippet-->"  # no text can hold it: text is escaped
FACTS = (
    "pk",
    "code",
    "slug",
    "title",
    "snapshot",
    "telling",
    "pseudonym",
    "organisation_kind",
    "country",
    "country__name",
    "region__name",
    "organisations__slug",
)
LINE = (
    "case",
    "pk",
    "form__slug",
    "form__name",
    "form_basis",
    "responses",
    "responses__strategy__slug",
    "responses__strategy__name",
    "responses__strategy_basis",
)
IN_ORDER = "case", "sort_order", "pk", "responses__sort_order", "responses"
CARDS = Prepared(
    lambda keys, now: (
        Case.objects.published(now).filter(pk__in=keys).order_by().values_list(*FACTS)
    )
)
LINES = Prepared(
    lambda keys, _now: (
        Encounter.objects.filter(case__in=keys).order_by(*IN_ORDER).values_list(*LINE)
    )
)


@dataclass(frozen=True)
class Shown:
    """A written card."""

    key: int
    code: str
    html: SafeString

    def with_snippet(self, snippet: str) -> SafeString:
        """The card, with the place where the words stand."""
        told = format_html('<p class="snippet">{}</p>', snippet) if snippet else ""
        return SafeString(self.html.replace(SNIPPET, told))


def shown(keys: list[int], seen: View) -> list[Shown]:
    """The cards of these cases, in this order; of those that are public still."""
    kept, language = seen.index.cards, get_language()
    # Other threads may let the kept ones go: what is found here is held here.
    found = {key: kept.get((key, language)) for key in keys}
    missing = [key for key, card in found.items() if card is None]
    if missing:
        made = written(missing, seen)
        found |= made
        if len(kept) > MOST_KEPT:
            kept.clear()
        kept.update({(key, language): card for key, card in made.items()})
    return [card for card in found.values() if card]


def written(keys: list[int], seen: View) -> dict[int, Shown]:
    """Cards of these cases made anew, in the language of now; of those public."""
    rows = defaultdict(list)
    for key, *facts in CARDS.rows(keys) if keys else ():
        rows[key].append(facts)
    writer = Writer(facets.vocabulary(seen)["organisation"])
    lines = writer.lines(list(rows)) if rows else {}
    return {
        key: Shown(key, told[0][0], SafeString(writer.card(told, lines.get(key, ""))))
        for key, told in rows.items()
    }


class Writer:
    """What all cards share, in the language of now; asked for once."""

    def __init__(self, names: dict[str, facets.Option]):
        self.names = names
        self.cases = reverse("cases:list")
        self.case, self.country = address("cases:detail"), address("cases:country")
        self.unnamed = _("organisation not named by the source")
        self.reading = f'<span class="vh"> ({escape(Basis.READING.label)})</span>'

    def card(self, rows: list[list], lines: str) -> str:
        """One card, from a row for each organisation."""
        code, slug, title, snapshot, telling, *_who = rows[0]
        told = escape(Telling(telling).label)
        return (
            f'<article class="card">\n<h3><a href="{self.case(slug)}">'
            f'{escape(title)}</a></h3>\n<p class="meta">{code} · '
            f"{self.place(rows[0])}{self.who(rows)}"
            f' · <a href="{self.cases}?telling={telling}">{told}</a></p>\n'
            f"<p>{escape(snapshot)}</p>\n{SNIPPET}{lines}\n</article>"
        )

    def place(self, row: list) -> str:
        """Where it was, if that is told; a country leads to its page."""
        *_facts, code, country, region, _organisation = row
        if not (country or region):
            return ""
        name = escape(country or region)
        if code:
            name = f'<a href="{self.country(code.lower())}">{name}</a>'
        return f"{name} · "

    def who(self, rows: list[list]) -> str:
        """The organisations by name, or how to speak of those that are not named."""
        named = sorted(
            (str(self.names[slug].label), slug)
            for *_facts, slug in rows
            if slug in self.names
        )
        if named:
            return ", ".join(
                f'<a href="{self.cases}?organisation={slug}">{escape(name)}</a>'
                for name, slug in named
            )
        *_facts, other, kind, _code, _country, _region, _slug = rows[0]
        return escape(
            other or (str(OrganisationKind(kind).label) if kind else self.unnamed)
        )

    def lines(self, keys: list[int]) -> dict[int, str]:
        """What each of these cases met and answered, in the order of its page."""
        met: dict[int, dict[int, str]] = defaultdict(dict)
        for case, key, form, name, basis, response, *answer in LINES.rows(keys):
            if key not in met[case]:
                called = name or str(FORM_UNKNOWN)
                met[case][key] = self.tag("form", form, called, basis, "tag form")
            if response:
                strategy, called, said = answer
                called = called or str(STRATEGY_UNKNOWN)
                met[case][key] += self.tag("strategy", strategy, called, said, "tag")
        return {
            case: "".join(f'\n<p class="line">{tags}</p>' for tags in told.values())
            for case, told in met.items()
        }

    def tag(self, facet: str, value: str, label: str, basis: str, kind: str) -> str:
        """A form or a strategy: what filters call it, and who says so if no source."""
        reading = self.reading if basis == Basis.READING else ""
        return (
            f'<a class="{kind} {basis}" href="{self.cases}?{facet}='
            f'{value or NOT_STATED}">{escape(label)}{reading}</a> '
        )


def address(name: str) -> Callable[[str], str]:
    """Addresses of one kind by slug. To ask for each takes longer than to write it."""
    start, _slug, end = reverse(name, args=["slug"]).rpartition("slug")
    return lambda slug: f"{start}{slug}{end}"
