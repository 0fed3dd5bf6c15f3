"""How many cases have two values at once, for each two: what one filter needs to know.

Most lists that readers ask for have one filter. The numbers beside their values are
counted once, by crossing all sets, and then kept in step with each case that changes:
there are as many of them whether there are eight cases or a million.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Self

import numpy as np
from pyroaring import BitMap

from cases.tallies import Numbered, highest, keys_of

MOST_ROWS = 512  # values of a facet that has rows: of more, few cases share each
MOST_VALUES = 4_096  # of a facet that is counted in rows at all: a number a value each

type Value = tuple[str, str]  # facet, value


@dataclass(frozen=True)
class Places:
    """Where each value stands in a row."""

    numbers: Mapping[Value, int]

    @classmethod
    def of(cls, values: Iterable[Value]) -> Self:
        """Places in this order."""
        return cls({value: n for n, value in enumerate(values)})

    @cached_property
    def by_facet(self) -> dict[str, tuple[list[str], np.ndarray]]:
        """The values of each facet, and their places."""
        found: dict[str, dict[str, int]] = {}
        for (facet, value), place in self.numbers.items():
            found.setdefault(facet, {})[value] = place
        return {
            facet: ([*values], np.array([*values.values()], np.intp))
            for facet, values in found.items()
        }


@dataclass(frozen=True)
class Crossings:
    """For each value a row: how many of its cases have each value, itself included.

    Facets with very many values are left out, or rows would grow with them.
    """

    places: Places
    rows: Mapping[Value, np.ndarray]

    @classmethod
    def none(cls) -> Self:
        """Of no cases."""
        return cls(Places({}), {})

    @classmethod
    def of(cls, sets: Mapping[str, Mapping[str, BitMap]]) -> Self:
        """Counted from the sets of all cases."""
        some = [facet for facet in sets if len(sets[facet]) <= MOST_VALUES]
        facets = sorted(some, key=lambda facet: len(sets[facet]) > MOST_ROWS)
        small = [facet for facet in facets if len(sets[facet]) <= MOST_ROWS]
        found = [having for facet in small for having in sets[facet].values()]
        square = np.zeros((len(found), len(found)), np.int32)
        for n, one in enumerate(found):
            square[n, n:] = [one.intersection_cardinality(o) for o in found[n:]]
            square[n:, n] = square[n, n:]
        length = max((one.max() for one in found if one), default=-1) + 1
        large = [Numbered(sets[facet], length) for facet in facets[len(small) :]]
        rows = (
            np.concatenate([row, *(c.totals(one, keys_of(one)) for c in large)])
            for one, row in zip(found, square, strict=True)
        )
        values = [(facet, value) for facet in facets for value in sets[facet]]
        return cls.told(values, (row.astype(np.int32) for row in rows))

    @classmethod
    def told(cls, values: Iterable[Value], rows: Iterable[np.ndarray]) -> Self:
        """From values in the order of their places, and the rows of the first ones."""
        places = Places.of(values)
        return cls(places, dict(zip(places.numbers, rows, strict=False)))

    def counts(self, row: np.ndarray, facet: str, most: int = 0) -> dict | None:
        """How many cases of a row have each value of a facet, if any have it.

        most: where it is not 0, so many of the highest are enough. Nothing (None) where
        the facet is left out.
        """
        if facet not in self.places.by_facet:
            return None
        values, places = self.places.by_facet[facet]
        return highest(values, row.take(places), most)

    def row(self, count: Callable[[str], Mapping[str, int]]) -> np.ndarray:
        """What a row of some cases says, from how many have each value of a facet."""
        totals = np.zeros(len(self.places.numbers), np.int32)
        for facet, (values, places) in self.places.by_facet.items():
            counts = count(facet)
            totals[places] = [counts.get(value, 0) for value in values]
        return totals

    def revised(
        self,
        gone: Collection[Collection[Value]],
        come: Collection[Collection[Value]],
    ) -> Self:
        """The same with the values of each case that went, and of each that came."""
        places, rows = self.places, dict(self.rows)
        new = [v for v in dict.fromkeys(chain(*come)) if v not in places.numbers]
        # Each case has a value of each facet: one that has no places yet is left out.
        if places.numbers:
            new = [(facet, value) for facet, value in new if facet in places.by_facet]
        if new:
            places = Places.of([*places.numbers, *new])
            more = np.zeros(len(new), np.int32)
            rows = {value: np.concatenate([row, more]) for value, row in rows.items()}
            for value in new:
                if len(places.by_facet[value[0]][0]) <= MOST_ROWS:
                    rows[value] = np.zeros(len(places.numbers), np.int32)
        own = set()  # of rows that are copies already
        for cases, step in ((gone, -1), (come, 1)):
            for values in cases:
                counted = [value for value in values if value in places.numbers]
                at = np.array([places.numbers[v] for v in counted], np.intp)
                for value in counted:
                    if value in rows and value not in own:
                        rows[value] = rows[value].copy()
                        own.add(value)
                    if value in rows:
                        rows[value][at] += step
        return type(self)(places, rows)

    def differing(self, true: Self) -> Iterator[Value]:
        """The values whose rows say something else than they should.

        A facet may have grown until it would have no rows any more, or no places.
        """
        facets = self.places.by_facet.keys() & true.places.by_facet.keys()
        grown = {
            facet
            for facet in facets
            for it in (self, true)
            if len(it.places.by_facet[facet][0]) > MOST_ROWS
        }
        for value in self.rows.keys() | true.rows.keys():
            is_in_both = value in self.rows and value in true.rows
            if value[0] not in facets or (value[0] in grown and not is_in_both):
                continue
            if self.as_told(value, facets) != true.as_told(value, facets):
                yield value

    def as_told(self, value: Value, facets: Collection[str]) -> dict[str, dict]:
        """A row, facet by facet, without what counts nothing."""
        row = self.rows.get(value)
        told = {} if row is None else {f: self.counts(row, f) for f in facets}
        return {facet: counts for facet, counts in told.items() if counts}

    def size(self) -> int:
        """Bytes of memory that it takes, about."""
        return sum(row.nbytes for row in self.rows.values())
