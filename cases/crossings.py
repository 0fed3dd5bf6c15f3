"""How many cases have two values at once, for each two: what one filter needs to know.

Most lists that readers ask for have one filter. The numbers beside their values are
counted once, by crossing all sets, and then kept in step with each case that changes:
there are as many of them whether there are eight cases or a million.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Self

import numpy as np
from pyroaring import BitMap

from cases.tallies import Numbered, highest, keys_of

MOST_VALUES = 512  # of a facet that has rows: of more, each is shared by few cases

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
    """For each value a row: how many of its cases have each value, itself included."""

    places: Places
    rows: Mapping[Value, np.ndarray]

    @classmethod
    def none(cls) -> Self:
        """Of no cases."""
        return cls(Places({}), {})

    @classmethod
    def of(cls, sets: Mapping[str, Mapping[str, BitMap]]) -> Self:
        """Counted from the sets of all cases."""
        facets = sorted(sets, key=lambda facet: len(sets[facet]) > MOST_VALUES)
        small = [facet for facet in facets if len(sets[facet]) <= MOST_VALUES]
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

    def counts(self, row: np.ndarray, facet: str, most: int = 0) -> dict[str, int]:
        """How many cases of a row have each value of a facet, if any have it.

        most: where it is not 0, so many of the highest are enough.
        """
        values, places = self.places.by_facet.get(facet, ([], np.zeros(0, np.intp)))
        return highest(values, row.take(places), most)

    def crossed(
        self, sets: Mapping[str, Mapping[str, BitMap]], found: BitMap
    ) -> np.ndarray:
        """The row of few cases, counted by crossing them with the sets of now."""
        totals = np.zeros(len(self.places.numbers), np.int32)
        for (facet, value), place in self.places.numbers.items() if found else ():
            having = sets.get(facet, {}).get(value)
            totals[place] = having.intersection_cardinality(found) if having else 0
        return totals

    def revised(
        self,
        gone: Collection[Collection[Value]],
        come: Collection[Collection[Value]],
    ) -> Self:
        """The same with the values of each case that went, and of each that came."""
        places, rows = self.places, dict(self.rows)
        new = [v for v in dict.fromkeys(chain(*come)) if v not in places.numbers]
        if new:
            places = Places.of([*places.numbers, *new])
            more = np.zeros(len(new), np.int32)
            rows = {value: np.concatenate([row, more]) for value, row in rows.items()}
            sizes = Counter(facet for facet, _value in places.numbers)
            for value in new:
                if sizes[value[0]] <= MOST_VALUES:
                    rows[value] = np.zeros(len(places.numbers), np.int32)
        own = set()  # of rows that are copies already
        for cases, step in ((gone, -1), (come, 1)):
            for values in cases:
                at = [places.numbers[value] for value in values]
                for value in values:
                    if value in rows and value not in own:
                        rows[value] = rows[value].copy()
                        own.add(value)
                    if value in rows:
                        rows[value][at] += step
        return type(self)(places, rows)

    def differing(self, other: Self) -> Iterator[Value]:
        """The values whose rows say something else there."""
        for value in self.rows.keys() & other.rows.keys():
            if self.as_told(value) != other.as_told(value):
                yield value

    def as_told(self, value: Value) -> dict[Value, int]:
        """A row without what counts nothing."""
        told = zip(self.places.numbers, self.rows[value].tolist(), strict=True)
        return {other: n for other, n in told if n}

    def size(self) -> int:
        """Bytes of memory that it takes, about."""
        return sum(row.nbytes for row in self.rows.values())
