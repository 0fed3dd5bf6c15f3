"""Cases as lists show them: two questions for a page of cards, each card kept.

A card is rendered once a language and kept with the index, which lets it go when the
case or a term changes (cases/index.py).
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.template.loader import get_template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from cases import facets
from cases.choices import OrganisationKind, Telling
from cases.index import View
from cases.models import Case, Encounter
from cases.models.cases import FORM_UNKNOWN, STRATEGY_UNKNOWN
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


@dataclass(frozen=True)
class Tag:
    """A form or a strategy on a card: what filters call it, and who says so."""

    value: str
    label: str | Promise
    basis: str

    @property
    def reading(self) -> str | Promise:
        """Who says so, where it is not the source."""
        return Basis.READING.label if self.basis == Basis.READING else ""


@dataclass(frozen=True)
class Met:
    """What a case met, and each answer."""

    form: Tag
    answers: list[Tag] = field(default_factory=list)


@dataclass(frozen=True)
class Card:
    """What a list shows of a case."""

    code: str
    url: str
    title: str
    snapshot: str
    telling: Telling
    place: str
    place_url: str
    organisations: list[tuple[str, str]]  # name, address
    instead: str | Promise  # how to speak of those that are not named
    met: list[Met]


@dataclass(frozen=True)
class Shown:
    """A rendered card."""

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
        made = rendered(missing, seen)
        found |= made
        if len(kept) > MOST_KEPT:
            kept.clear()
        kept.update({(key, language): card for key, card in made.items()})
    return [card for card in found.values() if card]


def rendered(keys: list[int], seen: View) -> dict[int, Shown]:
    """Cards of these cases made anew, in the language of now."""
    template, snippet = get_template("cases/_card.html"), SafeString(SNIPPET)
    return {
        key: Shown(key, card.code, template.render({"card": card, "snippet": snippet}))
        for key, card in read(keys, seen).items()
    }


def read(keys: list[int], seen: View) -> dict[int, Card]:
    """What cards show of these cases, of those that are public."""
    rows = defaultdict(list)
    found = Case.objects.published().order_by().filter(pk__in=keys)
    for key, *facts in found.values_list(*FACTS):
        rows[key].append(facts)
    met = lines(list(rows)) if rows else {}
    names = facets.vocabulary(seen)["organisation"]
    return {key: card(told, met.get(key, []), names) for key, told in rows.items()}


def card(rows: list[list], met: list[Met], names: dict) -> Card:
    """One card, from a row for each organisation."""
    code, slug, title, snapshot, telling, other, kind, country, *places, _o = rows[0]
    named = sorted(
        (str(names[slug].label), reverse("cases:list") + f"?organisation={slug}")
        for *_facts, slug in rows
        if slug in names
    )
    return Card(
        code=code,
        url=reverse("cases:detail", args=[slug]),
        title=title,
        snapshot=snapshot,
        telling=Telling(telling),
        place=next(filter(None, places), ""),
        place_url=reverse("cases:country", args=[country.lower()]) if country else "",
        organisations=named,
        instead=other or (OrganisationKind(kind).label if kind else ""),
        met=met,
    )


def lines(keys: list[int]) -> dict[int, list[Met]]:
    """What each of these cases met and answered, in the order of its page."""
    order = "case", "sort_order", "pk", "responses__sort_order", "responses"
    found: dict[int, dict[int, Met]] = defaultdict(dict)
    rows = Encounter.objects.filter(case__in=keys).order_by(*order)
    for case, key, form, name, basis, response, *answer in rows.values_list(*LINE):
        met = found[case].setdefault(
            key, Met(Tag(form or NOT_STATED, name or FORM_UNKNOWN, basis))
        )
        if response:
            strategy, called, said = answer
            tag = Tag(strategy or NOT_STATED, called or STRATEGY_UNKNOWN, said)
            met.answers.append(tag)
    return {case: list(met.values()) for case, met in found.items()}
