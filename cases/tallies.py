"""What each case has, as numbers in columns: few cases are counted quicker so.

The index counts a value by crossing its set with the cases found, which takes thousands
of steps where a facet has thousands of values. Here each case found is looked at once.
"""

from collections.abc import Mapping
from itertools import batched

import numpy as np
from pyroaring import BitMap

FEWEST_NUMBERED = 64  # values, from which on a facet has numbers and no bits
BITS = (np.arange(256)[:, None] >> np.arange(8)) & 1  # of each byte


def keys_of(found: BitMap) -> np.ndarray:
    """A set as a column of keys."""
    return np.frombuffer(found.to_array(), np.uint32)


class Bits:
    """A facet with few values: eight of them share a column of bytes."""

    def __init__(self, sets: Mapping[str, BitMap], length: int):
        self.columns: list[tuple[tuple[str, ...], np.ndarray]] = []
        for some in batched(sets.items(), 8, strict=False):
            column = np.zeros(length, np.uint8)
            for bit, (_value, found) in enumerate(some):
                column[keys_of(found)] |= np.uint8(1 << bit)
            self.columns.append((tuple(value for value, _found in some), column))

    def counts(self, keys: np.ndarray) -> dict[str, int]:
        """How many of some cases have each value, if any have it."""
        counts = {}
        for values, column in self.columns:
            totals = np.bincount(column[keys], minlength=256) @ BITS
            counts.update(zip(values, totals.tolist(), strict=False))
        return {value: n for value, n in counts.items() if n}


class Numbered:
    """A facet with many values: a column for the first of a case, one for the second.

    0 stands for none. The few cases with more than two are remembered apart.
    """

    def __init__(self, sets: Mapping[str, BitMap], length: int):
        self.values = [*sets]
        kind = np.uint16 if len(sets) < np.iinfo(np.uint16).max else np.uint32
        self.first, self.second = np.zeros((2, length), kind)
        self.others: dict[int, list[int]] = {}
        for number, found in enumerate(sets.values(), 1):
            keys = keys_of(found)
            for column in (self.first, self.second):
                is_free = column[keys] == 0
                column[keys[is_free]] = number
                keys = keys[~is_free]
            for key in keys.tolist():
                self.others.setdefault(key, []).append(number)
        self.with_others = np.array(sorted(self.others), np.uint32)

    def counts(self, keys: np.ndarray) -> dict[str, int]:
        """How many of some cases have each value, if any have it."""
        size = len(self.values) + 1
        totals = np.bincount(self.first[keys], minlength=size)
        totals += np.bincount(self.second[keys], minlength=size)
        for key in np.intersect1d(keys, self.with_others, assume_unique=True).tolist():
            totals[self.others[key]] += 1
        totals[0] = 0
        numbers = np.flatnonzero(totals)
        told = zip(numbers.tolist(), totals[numbers].tolist(), strict=True)
        return {self.values[number - 1]: n for number, n in told}


class Tallies:
    """The facets of all cases that an index knew when this was made."""

    def __init__(self, facets: Mapping[str, Mapping[str, BitMap]], everything: BitMap):
        length = everything.max() + 1 if everything else 0
        self.facets: dict[str, Bits | Numbered] = {
            name: (Bits if len(sets) < FEWEST_NUMBERED else Numbered)(sets, length)
            for name, sets in facets.items()
        }

    def counts(self, facet: str, found: BitMap) -> dict[str, int]:
        """How many of some cases have each value of a facet, if any have it."""
        return self.facets[facet].counts(keys_of(found)) if facet in self.facets else {}

    def size(self) -> int:
        """Bytes of memory that it takes, about."""
        taken = 0
        for facet in self.facets.values():
            if isinstance(facet, Bits):
                taken += sum(column.nbytes for _values, column in facet.columns)
            else:
                taken += facet.first.nbytes + facet.second.nbytes
        return taken
