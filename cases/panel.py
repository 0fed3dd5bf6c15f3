"""The filter panel of a page: what can be picked, how many each pick gives."""

from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases import facets
from cases.asking import meant_by
from cases.facets import (
    FACETS,
    MOST_OFFERED,
    PAIRS,
    Option,
    Vocabulary,
    found,
)
from cases.filters import CaseFilter
from cases.selection import Selection
from cases.sentences import label, picked, quoted
from sources.choices import NOT_STATED

OPEN = frozenset({"form", "family", "country"})  # facets that stand open at first


@dataclass(frozen=True)
class Group:
    """One fieldset: values to tick, how many cases each gives, and which are ticked."""

    name: str
    label: str | Promise
    options: list[Option]
    counts: dict[str, int]  # in the order of the options
    ticked: tuple[str, ...]
    many: bool
    match_all: bool
    written: dict  # what does not change, kept with the view
    is_whole: bool = False  # all values of a facet, as always
    hint: str | Promise = ""
    more: str = ""  # the link that offers more values
    has_more: bool = False  # they are asked for

    @property
    def picked(self) -> int:
        return len(self.ticked)

    @property
    def is_open(self) -> bool:
        return self.name in OPEN or bool(self.picked) or self.has_more


@dataclass(frozen=True)
class Chip:
    """One filter in force, and the link without it."""

    label: str
    query: str


def groups(
    filters: CaseFilter, *, leave_out: str = "", more: str = "", axes: str = ""
) -> list[Group]:
    """Every facet with its values and numbers; pairs as far as cases have them.

    more: the facet of which more values are asked for. axes: of the matrix, for links.
    """
    selection, words = filters.selection, filters.vocabulary
    counts = facets.offered(selection, words, filters.found, more)
    # What was written of fieldsets of this view before, in the language of now.
    written = filters.seen.kept.setdefault(("fieldsets", get_language()), {})
    groups = []
    for name in FACETS:
        one = group(name, filters, counts[name], written)
        one = replace(one, has_more=True) if name == more else one
        groups.append(one if is_all(one) else with_hint(one, filters, axes))
    for name, pair in PAIRS.items():
        if name != leave_out and selection.values(name):
            groups.append(pairs(pair, filters, written))
    return groups


def group(name: str, filters: CaseFilter, counts: dict, written: dict) -> Group:
    """The fieldset of a facet."""
    selection, words = filters.selection, filters.vocabulary
    facet, values = FACETS[name], words[name]
    is_whole = len(counts) == len(values)
    return Group(
        name=name,
        label=facet.label,
        options=[*values.values()] if is_whole else [values[v] for v in counts],
        counts=counts,
        ticked=selection.values(name),
        many=facet.many,
        match_all=name in selection.every,
        written=written,
        is_whole=is_whole,
    )


def is_all(one: Group) -> bool:
    """Whether a fieldset offers every value that has a case here.

    The others have none where one that nobody ticked stands there with none.
    """
    unticked = (n for value, n in one.counts.items() if value not in one.ticked)
    return one.is_whole or not all(unticked)


def with_hint(one: Group, filters: CaseFilter, axes: str) -> Group:
    """A fieldset that offers some of many values, with the way to more of them."""
    values = filters.vocabulary[one.name]
    told = len(values) - (NOT_STATED in values)
    most = MOST_OFFERED if one.has_more else FACETS[one.name].most
    return replace(
        one,
        hint=_("The {most} with most cases here, of {all}.").format(
            most=most, all=told
        ),
        more="" if one.has_more else filters.selection.query(axes=axes, more=one.name),
    )


def pairs(pair: facets.Pair, filters: CaseFilter, written: dict) -> Group:
    """The fieldset of a pair: what is picked, and what else cases have."""
    selection, words = filters.selection, filters.vocabulary
    counts = facets.shown_pairs(selection, pair.name, filters.seen)
    counts = {value: counts[value] for value in sorted(counts)}
    return Group(
        name=pair.name,
        label=pair.label,
        options=[Option(value, label(pair.name, value, words)) for value in counts],
        counts=counts,
        ticked=selection.values(pair.name),
        many=True,
        match_all=pair.name in selection.every,
        written=written,
        hint=_("All combinations, also the empty ones, stand in the matrix."),
    )


def chips(selection: Selection, words: Vocabulary) -> list[Chip]:
    """The filters in force, each with the link that removes it."""
    chips = [
        Chip(label(name, value, words), selection.dropping(name, value).query())
        for name in selection.picked
        for value in selection.values(name)
    ]
    if selection.words:
        bare = Selection("", selection.picked, selection.every, selection.sort)
        chips.insert(0, Chip(quoted(selection.words), bare.query()))
    return chips


@dataclass(frozen=True)
class WayOut:
    """What would be found with one filter less."""

    label: str
    query: str
    count: int


def single_words(selection: Selection) -> list[WayOut]:
    """When several words find nothing together: what each finds by itself."""
    asked = meant_by(selection.words)
    alone = [replace(selection, words=word) for word in asked] if asked[1:] else []
    counted = [(one, len(found(one))) for one in alone]
    return [WayOut(f"“{one.words}”", one.query(), n) for one, n in counted if n]


def ways_out(filters: CaseFilter, most: int = 6) -> list[WayOut]:
    """When nothing is found: which filter to drop, the most fruitful first."""
    selection, words = filters.selection, filters.vocabulary
    ways = []
    looser = [(name, selection.without(name)) for name in selection.picked]
    if selection.words:
        bare = Selection("", selection.picked, selection.every, selection.sort)
        looser.append(("", bare))
    for name, less in looser[:most]:
        if count := len(found(less, filters.seen)):
            ways.append(WayOut(asked_of(name, selection, words), less.query(), count))
    return sorted(ways, key=lambda way: -way.count)


def asked_of(name: str, selection: Selection, words: Vocabulary) -> str:
    """A filter by its own name, with what is picked of it; words as they are."""
    if not name:
        return quoted(selection.words)
    facet = FACETS.get(name) or PAIRS[name]
    return f"{facet.label}: {picked(name, selection, words)}"
