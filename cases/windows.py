"""From when until when those cases may be seen that may not be seen always.

Kept as columns: there may be very many, and each publication asks all of them anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, Self

import numpy as np
from pyroaring import BitMap

from cases.tallies import set_of

END = datetime.max.replace(tzinfo=UTC).timestamp()
KINDS = {"keys": np.uint32, "since": np.float64, "until": np.float64}


class Window(NamedTuple):
    """When a case may be seen, in seconds since 1970."""

    since: float
    until: float


class Standing(NamedTuple):
    """Between which moments nothing opens or closes, and what is shut meanwhile."""

    since: float
    until: float
    shut: BitMap


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows of cases, in the order of their keys."""

    keys: np.ndarray = field(default_factory=partial(np.zeros, 0, KINDS["keys"]))
    since: np.ndarray = field(default_factory=partial(np.zeros, 0, KINDS["since"]))
    until: np.ndarray = field(default_factory=partial(np.zeros, 0, KINDS["until"]))
    last: list[Standing] = field(default_factory=list)  # the one that was asked for

    @classmethod
    def of(cls, windows: Mapping[int, Window]) -> Self:
        """Columns of the windows that some cases have."""
        return cls().changed((), windows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Windows) and all(
            np.array_equal(*both)
            for both in zip(self.columns(), other.columns(), strict=True)
        )

    __hash__ = None

    def columns(self) -> tuple[np.ndarray, ...]:
        """Keys, first moments, and moments from which on a case is gone."""
        return self.keys, self.since, self.until

    def changed(self, gone: Iterable[int], come: Mapping[int, Window]) -> Self:
        """The same without the windows of some cases, and with those of others."""
        goes = np.isin(self.keys, [*gone, *come])
        if not come and not goes.any():
            return self
        stay = ~goes
        some = [(key, *window) for key, window in come.items()]
        more = zip(*some, strict=True) if some else ((), (), ())
        columns = [
            np.concatenate([column[stay], np.array(new, column.dtype)])
            for column, new in zip(self.columns(), more, strict=True)
        ]
        order = np.argsort(columns[0], kind="stable")
        return type(self)(*(column[order] for column in columns))

    def standing(self, at: float) -> Standing:
        """What is shut at a moment, and how long that stays so."""
        for known in self.last:
            if known.since <= at < known.until:
                return known
        moments = np.concatenate([self.since, self.until])
        is_past = moments <= at
        found = Standing(
            float(moments[is_past].max(initial=0.0)),
            float(moments[~is_past].min(initial=END)),
            set_of(self.keys[(at < self.since) | (at >= self.until)]),
        )
        self.last[:] = [found]
        return found

    def moving(self, first: float, last: float) -> BitMap:
        """The keys of the cases that open or close after one moment, up to another."""
        moves = [(first < c) & (c <= last) for c in (self.since, self.until)]
        return set_of(self.keys[moves[0] | moves[1]])

    def nbytes(self) -> int:
        """Bytes of memory that they take."""
        return sum(column.nbytes for column in self.columns())
