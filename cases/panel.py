"""The filter panel of a page: what can be picked, how many each pick gives."""

from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import facets
from cases.asking import meant_by
from cases.facets import FACETS, PAIRS, Vocabulary, matching
from cases.filters import CaseFilter
from cases.selection import Selection
from cases.sentences import clauses, label

OPEN = frozenset({"form", "family", "country"})  # facets that stand open at first


@dataclass(frozen=True)
class Choice:
    """One checkbox."""

    value: str
    label: str | Promise
    group: str | Promise
    count: int
    picked: bool

    @property
    def inert(self) -> bool:
        """Nothing would be found, so there is nothing to pick."""
        return not self.count and not self.picked


@dataclass(frozen=True)
class Group:
    """One fieldset."""

    name: str
    label: str | Promise
    choices: list[Choice]
    many: bool
    match_all: bool
    hint: str | Promise = ""

    @property
    def picked(self) -> int:
        return sum(choice.picked for choice in self.choices)

    @property
    def is_open(self) -> bool:
        return self.name in OPEN or bool(self.picked)


@dataclass(frozen=True)
class Chip:
    """One filter in force, and the link without it."""

    label: str
    query: str


def groups(filters: CaseFilter, *, leave_out: str = "") -> list[Group]:
    """Every facet with its values and numbers; pairs as far as cases have them."""
    selection, words = filters.selection, filters.vocabulary
    counts = facets.shown(selection, words)
    found = [group(facet, selection, words, counts[facet]) for facet in FACETS]
    for name, pair in PAIRS.items():
        if name != leave_out and selection.values(name):
            found.append(pairs(pair, selection, words))
    return found


def group(name: str, selection: Selection, words: Vocabulary, counts: dict) -> Group:
    """The fieldset of a facet."""
    facet, picked = FACETS[name], selection.values(name)
    return Group(
        name=name,
        label=facet.label,
        choices=[
            Choice(o.value, o.label, o.group, counts[o.value], o.value in picked)
            for o in words[name].values()
        ],
        many=facet.many,
        match_all=name in selection.every,
    )


def pairs(pair: facets.Pair, selection: Selection, words: Vocabulary) -> Group:
    """The fieldset of a pair: what is picked, and what else cases have."""
    picked = selection.values(pair.name)
    counts = facets.shown_pairs(selection, pair.name)
    return Group(
        name=pair.name,
        label=pair.label,
        choices=[
            Choice(value, label(pair.name, value, words), "", n, value in picked)
            for value, n in sorted(counts.items())
        ],
        many=True,
        match_all=pair.name in selection.every,
        hint=_("All combinations, also the empty ones, stand in the matrix."),
    )


def chips(selection: Selection, words: Vocabulary) -> list[Chip]:
    """The filters in force, each with the link that removes it."""
    found = [
        Chip(label(name, value, words), selection.dropping(name, value).query())
        for name in selection.picked
        for value in selection.values(name)
    ]
    if selection.words:
        bare = Selection("", selection.picked, selection.every, selection.sort)
        found.insert(0, Chip(f"“{selection.words}”", bare.query()))
    return found


@dataclass(frozen=True)
class WayOut:
    """What would be found with one filter less."""

    label: str
    query: str
    count: int


def single_words(selection: Selection, words: Vocabulary) -> list[WayOut]:
    """When several words find nothing together: what each finds by itself."""
    asked = meant_by(selection.words)
    alone = [replace(selection, words=word) for word in asked] if asked[1:] else []
    counted = [(one, matching(one).count()) for one in alone]
    return [WayOut(f"“{one.words}”", one.query(), n) for one, n in counted if n]


def ways_out(selection: Selection, words: Vocabulary, most: int = 6) -> list[WayOut]:
    """When nothing is found: which filter to drop, the most fruitful first."""
    found = []
    looser = [(name, selection.without(name)) for name in selection.picked]
    if selection.words:
        bare = Selection("", selection.picked, selection.every, selection.sort)
        looser.append(("", bare))
    for name, less in looser[:most]:
        only = (
            Selection(picked={name: selection.values(name)}, every=selection.every)
            if name
            else Selection(words=selection.words)
        )
        if count := matching(less).count():
            found.append(WayOut(clauses(only, words), less.query(), count))
    return sorted(found, key=lambda way: -way.count)
