"""What each case has, as numbers in columns: few cases are counted quicker so.

The index counts a value by crossing its set with the cases found, which takes thousands
of steps where a facet has thousands of values. Here each case found is looked at once.
"""

from array import array
from collections.abc import Mapping

import numpy as np
from pyroaring import BitMap

FEWEST_VALUES = 64  # of a facet; the sets of fewer are crossed about as quickly
SPARSE = 4  # a look at one in so many cases takes as long as crossing all sets


def keys_of(found: BitMap) -> np.ndarray:
    """A set as a column of keys, of the kind that arrays are asked with."""
    return np.frombuffer(found.to_array(), np.uint32).astype(np.intp)


def set_of(keys: np.ndarray) -> BitMap:
    """A column of keys as a set. Of numpy’s own it would be made key by key."""
    return BitMap(array("I", keys.astype(np.uint32, copy=False).tobytes()))


def highest(values: list[str], totals: np.ndarray, most: int) -> dict[str, int]:
    """The values that count something, with their totals.

    most: where it is not 0, so many of the highest, and those as high, are enough.
    """
    if 0 < most < len(totals):
        lowest = max(np.partition(totals, -most)[-most], 1)
        (places,) = np.nonzero(totals >= lowest)
        values, totals = [values[place] for place in places.tolist()], totals[places]
    told = zip(values, totals.tolist(), strict=True)
    return {value: n for value, n in told if n}


def are_few(n: int, of: int, columns: int = 1) -> bool:
    """Whether so many of all cases are looked at before all sets are crossed."""
    return n * columns * SPARSE <= of


class Numbered:
    """A facet with many values: a column for the first of a case, one for the second.

    0 stands for none. The few cases with more than two are remembered apart. There is
    no second column where no case has two.
    """

    def __init__(self, sets: Mapping[str, BitMap], length: int):
        self.values = [*sets]
        self.columns = [np.zeros(length, np.min_scalar_type(len(sets))) for _ in "12"]
        self.others: dict[int, list[int]] = {}
        for number, found in enumerate(sets.values(), 1):
            keys = keys_of(found)
            for column in self.columns:
                is_free = column[keys] == 0
                column[keys[is_free]] = number
                keys = keys[~is_free]
            for key in keys.tolist():
                self.others.setdefault(key, []).append(number)
        self.with_others = BitMap(self.others)
        self.columns = [column for column in self.columns if column.any()]

    def totals(self, found: BitMap, keys: np.ndarray) -> np.ndarray:
        """How many of some cases have each value, in the order of the values."""
        totals = np.zeros(len(self.values) + 1, np.intp)
        for column in self.columns:
            totals += np.bincount(column.take(keys), minlength=len(totals))
        for key in found & self.with_others:
            totals[self.others[key]] += 1
        return totals[1:]


class Tallies:
    """The facets with many values, of all cases that an index knew once."""

    def __init__(self, facets: Mapping[str, Mapping[str, BitMap]], everything: BitMap):
        length = everything.max() + 1 if everything else 0
        self.facets = {
            name: Numbered(sets, length)
            for name, sets in facets.items()
            if len(sets) >= FEWEST_VALUES
        }

    def are_quicker(self, facet: str, n: int, of: int) -> bool:
        """Whether so many of all cases are counted quicker here than by sets."""
        known = self.facets.get(facet)
        return known is not None and are_few(n, of, len(known.columns))

    def counts(
        self, facet: str, found: BitMap, keys: np.ndarray, most: int
    ) -> dict[str, int]:
        """How many of the cases found have each value of a facet, if any have it.

        keys: the same cases as a column. most: where it is not 0, so many values with
        the highest counts are enough, and those that are as high.
        """
        known = self.facets[facet]
        return highest(known.values, known.totals(found, keys), most)

    def size(self) -> int:
        """Bytes of memory that it takes, about."""
        facets = self.facets.values()
        return sum(column.nbytes for facet in facets for column in facet.columns)
