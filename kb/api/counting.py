"""How many cases each further value would find: what is needed to build a filter."""

from collections.abc import Iterator
from dataclasses import replace

from cases import facets
from cases.facets import FACETS, PAIRS, Facet, Pair, Vocabulary
from cases.index import View
from cases.selection import Selection
from cases.sentences import label

type Counts = dict[str, int]


def counted(selection: Selection, words: Vocabulary, seen: View) -> dict:
    """Each facet and each pair, its values, and the cases found once one is added."""
    return {
        "facets": [
            of_facet(facet, selection, words, seen) for facet in FACETS.values()
        ],
        "pairs": [of_pair(pair, selection, words, seen) for pair in PAIRS.values()],
    }


def of_facet(facet: Facet, selection: Selection, words: Vocabulary, seen: View) -> dict:
    """A facet with the counts of all its values, “not stated” among them."""
    name = facet.name
    any_, all_ = (values_of(name, s, words, seen) for s in both(selection, name))
    return head(facet, selection) | {
        "values": [
            {
                "value": option.value,
                "label": str(option.label),
                "group": str(option.group),
                "picked": option.value in selection.values(name),
                "any": any_[option.value],
                "all": all_[option.value] if facet.many else None,
            }
            for option in words[name].values()
        ],
    }


def of_pair(pair: Pair, selection: Selection, words: Vocabulary, seen: View) -> dict:
    """A pair of facets with the counts of the values that meet in some case."""
    name = pair.name
    any_, all_ = (facets.shown_pairs(s, name, seen) for s in both(selection, name))
    return head(pair, selection) | {
        "values": [
            {
                "value": value,
                "label": label(name, value, words),
                "group": "",
                "picked": value in selection.values(name),
                "any": any_.get(value, 0),
                "all": all_.get(value, 0),
            }
            for value in known(pair, sorted({*any_, *all_}), words)
        ],
    }


def head(facet: Facet | Pair, selection: Selection) -> dict:
    """What a facet is called, and how its values are combined."""
    match = "all" if facet.name in selection.every else "any"
    return {"name": facet.name, "label": str(facet.label), "match": match}


def both(selection: Selection, name: str) -> tuple[Selection, Selection]:
    """The selection with the values of a facet as alternatives, and with all needed."""
    every = selection.every
    return (
        replace(selection, every=every - {name}),
        replace(selection, every=every | {name}),
    )


def values_of(name: str, selection: Selection, words: Vocabulary, seen: View) -> Counts:
    """Value → the number of cases once that value is picked too."""
    here = facets.matching(selection, seen)
    return facets.each_value(
        selection,
        {name: words[name]},
        len(here),
        lambda name: facets.adding(selection, here, name, name, seen),
    )[name]


def known(pair: Pair, values: list[str], words: Vocabulary) -> Iterator[str]:
    """The pairs whose halves can be picked."""
    for value in values:
        first, _tilde, second = value.partition("~")
        if first in words[pair.first] and any(second in words[s] for s in pair.second):
            yield value
