"""Cases as lists show them: two questions asked together, each card kept.

A card is written once a language and kept with the index, which lets it go when the
case or a term changes (cases/index.py). It is written without a template, which took
0.3 ms for each: a page has twenty.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Self

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases import facets
from cases.choices import OrganisationKind, Telling
from cases.index import View
from cases.models import (
    Case,
    Country,
    Encounter,
    Organisation,
    Region,
    ResistanceForm,
)
from cases.models.cases import FORM_UNKNOWN, STRATEGY_UNKNOWN
from sources.choices import NOT_STATED, Basis
from sources.prepared import Prepared, together
from strategies.models import Strategy

MOST_KEPT = 5_000  # cards in all languages together
WRITER = 0  # where the writer of cards is kept: no case has this key
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
    "region",
    "organisations",
)
LINE = (
    "case",
    "pk",
    "form",
    "form_basis",
    "responses",
    "responses__strategy",
    "responses__strategy_basis",
)
IN_ORDER = "case", "sort_order", "pk", "responses__sort_order", "responses"
CARDS = Prepared(
    lambda keys, now: (
        Case.objects.published(now).filter(pk__in=keys).order_by().values_list(*FACTS)
    )
)
LINES = Prepared(
    lambda keys: (
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
    found, met = together((CARDS, keys, timezone.now()), (LINES, keys))
    for key, *facts in found:
        rows[key].append(facts)
    if not rows:
        return {}
    writer, named = Writer.of(seen), facets.vocabulary(seen)["organisation"]
    lines = writer.lines(met)
    return {
        key: Shown(
            key, told[0][0], SafeString(writer.card(told, named, lines.get(key, "")))
        )
        for key, told in rows.items()
    }


class Writer:
    """What all cards share in the language of now: words, and what terms are called.

    Kept with the cards, which go when a term or a place changes: to ask for names with
    the cases took PostgreSQL as long as the cases did. Names are those of all records,
    live or not, since cases may use them.
    """

    def __init__(self):
        self.cases = reverse("cases:list")
        self.case, self.country = address("cases:detail"), address("cases:country")
        self.tellings = {value: escape(label) for value, label in Telling.choices}
        self.unnamed = _("organisation not named by the source")
        self.reading = f'<span class="vh"> ({escape(Basis.READING.label)})</span>'
        self.terms = {
            "form": names(ResistanceForm) | {None: (NOT_STATED, str(FORM_UNKNOWN))},
            "strategy": names(Strategy) | {None: (NOT_STATED, str(STRATEGY_UNKNOWN))},
        }
        self.tags: dict[tuple, str] = {}
        self.slugs = dict(records(Organisation).values_list("pk", "slug"))
        self.countries = dict(records(Country).values_list("code", "name"))
        self.regions = dict(records(Region).values_list("code", "name"))

    @classmethod
    def of(cls, seen: View) -> Self:
        """The one of a view, made if nobody has."""
        kept, key = seen.index.cards, (WRITER, get_language())
        writer = kept.get(key)  # once: other threads may let it go
        if writer is None:
            writer = kept[key] = cls()
        return writer

    def card(
        self, rows: list[list], named: dict[str, facets.Option], lines: str
    ) -> str:
        """One card, from a row for each organisation; named are those with a page."""
        code, slug, title, snapshot, telling, *_who = rows[0]
        told = self.tellings[telling]
        return (
            f'<article class="card">\n<h3><a href="{self.case(slug)}">'
            f'{escape(title)}</a></h3>\n<p class="meta">{code} · '
            f"{self.place(rows[0])}{self.who(rows, named)}"
            f' · <a href="{self.cases}?telling={telling}">{told}</a></p>\n'
            f"<p>{escape(snapshot)}</p>\n{SNIPPET}{lines}\n</article>"
        )

    def place(self, row: list) -> str:
        """Where it was, if that is told; a country leads to its page."""
        *_facts, code, region, _organisation = row
        if code:
            name = escape(self.countries.get(code, code))
            return f'<a href="{self.country(code.lower())}">{name}</a> · '
        return f"{escape(self.regions.get(region, region))} · " if region else ""

    def who(self, rows: list[list], named: dict[str, facets.Option]) -> str:
        """The organisations by name, or how to speak of those that are not named."""
        slugs = {self.slugs.get(key) for *_facts, key in rows}
        told = sorted((str(named[slug].label), slug) for slug in slugs & named.keys())
        if told:
            return ", ".join(
                f'<a href="{self.cases}?organisation={slug}">{escape(name)}</a>'
                for name, slug in told
            )
        *_facts, other, kind, _code, _region, _organisation = rows[0]
        return escape(
            other or (str(OrganisationKind(kind).label) if kind else self.unnamed)
        )

    def lines(self, rows: list[tuple]) -> dict[int, str]:
        """What each case met and answered, from rows in the order of its page."""
        met: dict[int, dict[int, str]] = defaultdict(dict)
        for case, key, form, basis, response, strategy, said in rows:
            if key not in met[case]:
                met[case][key] = self.tag("form", form, basis)
            if response:
                met[case][key] += self.tag("strategy", strategy, said)
        return {
            case: "".join(f'\n<p class="line">{tags}</p>' for tags in told.values())
            for case, told in met.items()
        }

    def tag(self, facet: str, key: int | None, basis: str) -> str:
        """A form or a strategy: what filters call it, and who says so if no source."""
        if (facet, key, basis) not in self.tags:
            # One that is newer than these names will be known to the next view.
            slug, name = self.terms[facet].get(key) or self.terms[facet][None]
            kind = "tag form" if facet == "form" else "tag"
            reading = self.reading if basis == Basis.READING else ""
            self.tags[facet, key, basis] = (
                f'<a class="{kind} {basis}" href="{self.cases}?{facet}={slug}">'
                f"{escape(name)}{reading}</a> "
            )
        return self.tags[facet, key, basis]


def records(model: type[Model]) -> QuerySet:
    """All records of a kind, in no order."""
    return model.objects.order_by()


def names(model: type[Model]) -> dict[int | None, tuple[str, str]]:
    """What filters and readers call all terms of a kind, by key."""
    return {
        key: (slug, name)
        for key, slug, name in records(model).values_list("pk", "slug", "name")
    }


def address(name: str) -> Callable[[str], str]:
    """Addresses of one kind by slug. To ask for each takes longer than to write it."""
    start, _slug, end = reverse(name, args=["slug"]).rpartition("slug")
    return lambda slug: f"{start}{slug}{end}"
