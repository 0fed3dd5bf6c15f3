"""The sets of public cases by value, and the arithmetic of filters on them.

One set of case keys (a roaring bitmap) a value: a filter is an intersection, a choice
of alternatives a union, a count the size of a set. It knows nothing of the database:
cases/reading.py fills it, cases/keeping.py keeps it in step.

An index is never changed: revised() gives another that shares what is the same, so
that whoever counts in one is not disturbed.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial, reduce
from heapq import heappush, heappushpop
from operator import and_, itemgetter, or_
from typing import NamedTuple, Self

import numpy as np
from pyroaring import BitMap

from cases.choices import Scope
from cases.contents import NOTHING, Version
from cases.crossings import Crossings, Value
from cases.memory import give_back
from cases.selection import Selection
from cases.tallies import Tallies, are_few, keys_of, set_of
from cases.windows import Window, Windows

type Sets = dict[str, dict[str, BitMap]]

KEPT_BACK = "kept back"  # no facet: the cases that may not be used so, by scope
LINE_PAIRS = ("strategy", "family", "actor", "setting")  # what meets a form in a line
MOST_MOVED = 2_000  # cases that are crossed with every set; then tallies are made anew
LONG = 4_096  # cases that are worth another way than to walk through a list of them
DENSE_BITS = 16  # one case in fewer than so many: sets are fields of bits, not lists
SPARSE_BITS = 64  # one in more: a list of them is walked through as soon
MOST_GAPS = 2  # keys a case: where there are more, all others are no full field either
STRIDE = 512  # keys of an order from one to the next of those looked at first
PATIENCE = 8  # times as many looks as are to be expected, before that is given up
COUNTRY_LAST = 65_535  # of a case that does not tell its country
NOTHING_FOUND = BitMap()


# What a pair of values in one link says: a form, and what meets it in one line.
MEETS = {
    "answer": ("strategy", "family"),
    "met_by": ("actor",),
    "met_in": ("setting",),
}


class Entry(NamedTuple):
    """All that the index knows of one case."""

    key: int
    order: tuple[int, int, int, int]  # what cases are sorted by: see COLUMNS
    values: frozenset[tuple[str, str]]  # (facet, value)
    pairs: frozenset[tuple[str, str, str]]  # (second facet, form, value of the second)
    window: Window | None  # nothing where it may be seen always


# What cases are sorted by: each a number, whole and never negative.
COLUMNS = {
    "code": np.int32,
    "telling": np.uint8,
    "checked": np.uint16,
    "country": np.uint16,
}


@dataclass(frozen=True)
class Index:
    """Public cases by value, at one version of the content."""

    version: Version = NOTHING
    everything: BitMap = field(default_factory=BitMap)
    sets: Sets = field(default_factory=dict)
    pairs: dict[str, dict[tuple[str, str], BitMap]] = field(default_factory=dict)
    columns: dict[str, np.ndarray] = field(default_factory=dict)  # by case key
    windows: Windows = field(default_factory=Windows)
    orders: dict[str, np.ndarray] = field(default_factory=dict)  # keys as sorted
    remembered: dict = field(default_factory=dict)  # what was counted once
    cards: dict = field(default_factory=dict)  # as lists show them: cases/cards.py
    tallies: list[Tallies] = field(default_factory=list)  # one, once it is asked for
    moved: BitMap = field(default_factory=BitMap)  # cases that it has as they were
    crossings: Crossings = field(default_factory=Crossings.none)

    # Which cases

    def public(self, now: datetime) -> "View":
        """What may be seen at a moment."""
        view = self.remembered.get("view")
        at = now.timestamp()
        if view is None or not view.since <= at < view.until:
            view = self.remembered["view"] = View.of(self, at)
        return view

    def having(self, facet: str, value: str) -> BitMap:
        """The cases that have a value of a facet, or two values in one line."""
        if facet not in MEETS:
            return self.sets.get(facet, {}).get(value, NOTHING_FOUND)
        form, _tilde, second = value.partition("~")
        found = [
            self.pairs.get(name, {}).get((form, second), NOTHING_FOUND)
            for name in MEETS[facet]
        ]
        return reduce(or_, found)

    def coded(self, numbers: Iterable[int]) -> BitMap:
        """The cases with these codes, as numbers (cases/reading.py)."""
        keys = np.flatnonzero(np.isin(self.columns["code"], list(numbers)))
        return set_of(keys) & self.everything

    def by_size(self, facet: str) -> list[tuple[int, str, BitMap]]:
        """The sets of a facet with their sizes and values, the largest first."""
        known = self.remembered.setdefault("by size", {})
        if facet not in known:
            sets = self.sets.get(facet, {}).items()
            sized = [(len(found), value, found) for value, found in sets]
            known[facet] = sorted(sized, key=itemgetter(0), reverse=True)
        return known[facet]

    # How many

    def counts(self, facet: str, found: BitMap, most: int = 0) -> dict | None:
        """How many of few cases have each value of a facet, if any have it.

        most: so many of the highest are enough. Nothing (None) where the cases are too
        many, or the values too few, for that to be quicker than crossing sets.
        """
        n, of = len(found), len(self.everything)
        if not are_few(n, of):
            return None
        if not self.tallies:
            self.tallies.append(Tallies(self.sets, self.everything))
            give_back()
        if not self.tallies[0].are_quicker(facet, n, of):
            return None
        known, keys, moved = self.one_by_one(found)
        # A case that changed may lift a value that was not among the highest.
        counts = self.tallies[0].counts(facet, known, keys, 0 if moved else most)
        for value, having in self.sets.get(facet, {}).items() if moved else ():
            if n := having.intersection_cardinality(moved):
                counts[value] = counts.get(value, 0) + n
        return counts

    def one_by_one(self, found: BitMap) -> tuple[BitMap, np.ndarray, BitMap]:
        """The cases that are as tallies have them, also as a column; and the others.

        Remembered for the last that were asked of: a page counts them facet by facet.
        """
        asked, *told = self.remembered.get("one by one", (None,))
        if asked is not found:
            known = found - self.moved if self.moved else found
            told = known, keys_of(known), found & self.moved
            self.remembered["one by one"] = found, *told
        return tuple(told)

    def crossed(self, sets: Iterable[tuple], found: BitMap) -> dict:
        """How many of the cases found are in each of these sets, by its name.

        Two lists are crossed quickly, and two fields of bits; a list is looked up in a
        field case by case. Where what was found is a list, the rest of all is a field.
        """
        n, of = len(found), len(self.everything)
        is_middling = n >= LONG and n * DENSE_BITS <= of <= n * SPARSE_BITS
        if not is_middling or self.everything.max() >= of * MOST_GAPS:
            return {name: one.intersection_cardinality(found) for name, one in sets}
        rest = self.rest_of(found)
        return {
            name: len(one) - one.intersection_cardinality(rest)
            if len(one) * DENSE_BITS > of
            else one.intersection_cardinality(found)
            for name, one in sets
        }

    def rest_of(self, found: BitMap) -> BitMap:
        """All other cases; remembered for the last that were asked of."""
        asked, rest = self.remembered.get("rest", (None, None))
        if asked is not found:
            rest = self.everything - found
            self.remembered["rest"] = found, rest
        return rest

    # In which order

    def first(self, found: BitMap, sort: str, start: int, stop: int) -> list[int]:
        """The keys that stand at these places when what was found is sorted."""
        n = len(found)
        if n > stop:
            looks = stop * len(self.everything) // n  # if they stand evenly in it
            keys = self.looked_for(found, sort, stop, looks) if looks < n else None
            if keys is not None:
                return keys[start:]
        keys = np.frombuffer(found.to_array(), np.uint32)
        rank = self.rank(keys, sort)
        stop = min(stop, len(keys))
        if stop < len(keys):
            nearest = np.argpartition(rank, stop)[:stop]
            keys, rank = keys[nearest], rank[nearest]
        return keys[np.argsort(rank)][start:].tolist()

    def looked_for(
        self, found: BitMap, sort: str, stop: int, expected: int
    ) -> list[int] | None:
        """The first of the order that are among those found; nothing if too far."""
        order, keys, at, looks = self.order(sort), [], 0, 2 * stop
        while at < min(len(order), PATIENCE * expected):
            keys += [key for key in order[at : at + looks].tolist() if key in found]
            if len(keys) >= stop:
                return keys[:stop]
            at, looks = at + looks, 2 * looks
        return None

    def rank(self, keys: np.ndarray, sort: str) -> np.ndarray:
        """What these cases are sorted by, as one number each; codes settle ties."""
        code = self.columns["code"][keys].astype(np.int64)
        if sort == "code":
            return code
        if sort == "checked":
            return (
                COUNTRY_LAST - self.columns[sort][keys].astype(np.int64)
            ) << 32 | code
        return self.columns[sort or "telling"][keys].astype(np.int64) << 32 | code

    def order(self, sort: str) -> np.ndarray:
        """Every key, sorted; made when first asked for."""
        if sort not in self.orders:
            keys = np.frombuffer(self.everything.to_array(), np.uint32)
            self.orders[sort] = keys[np.argsort(self.rank(keys, sort))]
            give_back()
        return self.orders[sort]

    # The same with some cases told anew

    def revised(
        self, version: Version, changed: set[int], entries: Iterable[Entry], cards: dict
    ) -> Self:
        """Another index in which these cases are as they are now, or not at all.

        cards are those that may be kept, if their cases did not change.
        """
        entries = list(entries)
        gone = [key for key in changed if key in self.everything]
        # Other threads may add to what is walked through here: it is copied first.
        cards = {of: card for of, card in [*cards.items()] if of[0] not in changed}
        if not gone and not entries:
            return replace(
                self,
                version=version,
                remembered={},
                cards=cards,
                tallies=[*self.tallies],
            )
        draft = Draft(self)
        for key in gone:
            draft.drop(key)
        for entry in entries:
            draft.add(entry)
        return draft.made(version, cards)

    def size(self) -> int:
        """Bytes of memory that it takes, about."""
        maps = [self.everything]
        maps += [m for values in self.sets.values() for m in values.values()]
        maps += [m for values in self.pairs.values() for m in values.values()]
        arrays = [*self.columns.values(), *self.orders.values()]
        taken = sum(tallies.size() for tallies in self.tallies)
        taken += self.windows.nbytes()
        taken += self.crossings.size()
        taken += sum(m.get_statistics()["n_bytes_array_containers"] for m in maps)
        taken += sum(m.get_statistics()["n_bytes_bitset_containers"] for m in maps)
        taken += sum(m.get_statistics()["n_bytes_run_containers"] for m in maps)
        return taken + sum(array.nbytes for array in arrays)


class Draft:
    """A copy of an index being changed: each set is copied when first touched."""

    def __init__(self, index: Index):
        self.index = index
        self.everything = own_copy(index.everything)
        self.sets = {name: dict(values) for name, values in index.sets.items()}
        self.pairs = {name: dict(values) for name, values in index.pairs.items()}
        self.windows: dict[int, Window] = {}  # of those that were added
        self.columns = {
            name: index.columns.get(name, np.zeros(0, kind))
            for name, kind in COLUMNS.items()
        }
        self.own: set[int] = set()  # of sets and columns that are copies already
        self.shrunk: list[tuple[dict, object]] = []  # where cases were let go
        self.dropped: list[int] = []
        self.added: list[int] = []
        self.gone: list[list[Value]] = []  # the values of those that were dropped
        self.come: list[frozenset[Value]] = []  # and of those that were added

    def drop(self, key: int) -> None:
        """Let a case go from wherever it stands."""
        self.everything.discard(key)
        self.dropped.append(key)
        had = []
        for facet, values in self.sets.items():
            had += [(facet, v) for v, found in values.items() if key in found]
        self.gone.append(had)
        held = [(self.sets[facet], value) for facet, value in had]
        for values in self.pairs.values():
            held += [(values, v) for v, found in values.items() if key in found]
        for values, value in held:
            self.copied(values, value).discard(key)
        self.shrunk += held

    def add(self, entry: Entry) -> None:
        """Put a case wherever it belongs."""
        self.everything.add(entry.key)
        self.added.append(entry.key)
        self.come.append(entry.values)
        for facet, value in entry.values:
            self.copied(self.sets.setdefault(facet, {}), value).add(entry.key)
        for second, form, value in entry.pairs:
            self.copied(self.pairs.setdefault(second, {}), (form, value)).add(entry.key)
        if entry.window:
            self.windows[entry.key] = entry.window
        for name, number in zip(COLUMNS, entry.order, strict=True):
            self.put(name, entry.key, number)

    def put(self, name: str, key: int, number: int) -> None:
        """Put a number into a column, which stays as it is where it has it already."""
        column = self.columns[name]
        if key < len(column) and column[key] == number:
            return
        if key >= len(column):
            more = np.zeros(key + 1 + len(column) // 8 - len(column), column.dtype)
            column = np.concatenate([column, more])
        elif id(column) not in self.own:
            column = column.copy()
        column[key] = number
        self.columns[name] = column
        self.own.add(id(column))

    def copied(self, values: dict, value) -> BitMap:
        """A set that may be changed."""
        found = values.get(value)
        if found is None or id(found) not in self.own:
            found = values[value] = BitMap() if found is None else own_copy(found)
            self.own.add(id(found))
        return found

    def made(self, version: Version, cards: dict) -> Index:
        """The index that this has become."""
        for values, value in self.shrunk:
            if value in values and not values[value]:
                del values[value]
        made = Index(
            version,
            self.everything,
            self.sets,
            self.pairs,
            self.columns,
            self.index.windows.changed(self.dropped, self.windows),
            cards=cards,
            crossings=self.index.crossings.revised(self.gone, self.come),
        )
        for sort, order in [*self.index.orders.items()]:
            made.orders[sort] = self.moved(sort, order, made)
        moved = self.index.moved | BitMap([*self.dropped, *self.added])
        if self.index.tallies and len(moved) <= MOST_MOVED:
            made.tallies.extend(self.index.tallies)
            made.moved.update(moved)
        return made

    def moved(self, sort: str, order: np.ndarray, made: Index) -> np.ndarray:
        """An order without the keys that went, and with those that came."""
        old, new = self.index, made

        def place(index: Index, order: np.ndarray, key: int) -> int:
            rank = index.rank(np.array([key]), sort)[0]
            first = np.searchsorted(index.rank(order[::STRIDE], sort), rank)
            first = max(first - 1, 0) * STRIDE
            near = index.rank(order[first : first + STRIDE], sort)
            return first + int(np.searchsorted(near, rank))

        gone = [place(old, order, key) for key in self.dropped]
        order = np.delete(order, gone) if gone else order
        added = sorted(self.added, key=lambda k: new.rank(np.array([k]), sort)[0])
        places = [place(new, order, key) for key in added]
        return np.insert(order, places, added) if added else order


def own_copy(found: BitMap) -> BitMap:
    """The same set, to be changed.

    To seek runs takes nine tenths of the time of a copy. They are sought where there
    are some already: changes cut those to pieces, which makes them slow.
    """
    return BitMap(found, optimize=found.get_statistics()["n_run_containers"] > 0)


@dataclass(frozen=True)
class View:
    """What of an index may be seen between two moments."""

    index: Index
    since: float
    until: float
    hidden: BitMap
    seen: BitMap
    totals: dict = field(default_factory=dict)  # what was counted of all that is seen
    kept: dict = field(default_factory=dict)  # what others made of this view

    @classmethod
    def of(cls, index: Index, at: float) -> Self:
        """What may be seen at a moment, and how long that stays so."""
        since, until, hidden = index.windows.standing(at)
        return cls(index, since, until, hidden, index.everything - hidden)

    def kept_back(self, scope: Scope) -> BitMap:
        """The cases that the newest consent does not allow to be used so."""
        return self.index.having(KEPT_BACK, scope)

    def allowed(self, scope: Scope) -> Self:
        """What of it may be used so, remembered with this view."""
        left = self.kept_back(scope)
        if not left:
            return self
        if scope not in self.kept:
            hidden, seen = self.hidden | left, self.seen - left
            self.kept[scope] = replace(
                self, hidden=hidden, seen=seen, totals={}, kept={}
            )
        return self.kept[scope]

    def matching(self, selection: Selection, texts: BitMap | None = None) -> BitMap:
        """The cases that a selection finds; texts are those that its words find."""
        conditions = list(self.conditions(selection))
        if texts is not None:
            conditions.append(texts & self.seen)
        if not conditions:
            return self.seen
        conditions.sort(key=len)  # the smallest first: the rest is quick then
        found = reduce(and_, conditions)
        return found - self.hidden if self.hidden else found

    def conditions(self, selection: Selection) -> Iterator[BitMap]:
        """The sets of which a case must be in each."""
        for name, values in selection.picked.items():
            found = [self.index.having(name, value) for value in values]
            if name in selection.every:
                yield from found
            else:
                yield reduce(or_, found)

    def row(self, only: Value | None) -> np.ndarray | None:
        """How many of the cases that have one value have each value; a 0 at the end.

        Nothing (None) where that is not known beforehand.
        """
        crossings = self.index.crossings
        if only not in crossings.rows:
            return None
        rows = self.kept.setdefault("rows", {})
        if only not in rows:
            row, hidden = crossings.rows[only], self.hidden & self.index.having(*only)
            if hidden:
                row = row - crossings.row(partial(self.count, base=hidden))
            rows[only] = np.append(row, 0)
        return rows[only]

    def beforehand(self, only: Value | None, facet: str, most: int = 0) -> dict | None:
        """How many of them have each value of a facet, if any have it."""
        row = self.row(only)
        if row is None:
            return None
        return self.index.crossings.counts(row, facet, most)

    def in_step(
        self, only: Value | None, facet: str, values: Collection[str]
    ) -> dict[str, int] | None:
        """How many of them have each of these values of a facet, in their order.

        A page asks for all values of a dozen facets: so it is put together in one go.
        """
        row, crossings = self.row(only), self.index.crossings
        if row is None or facet not in crossings.places.by_facet:
            return None
        asked, places = self.kept.get(("places", facet), (None, None))
        if asked is not values:
            numbers = crossings.places.numbers
            places = np.array([numbers.get((facet, v), -1) for v in values], np.intp)
            self.kept["places", facet] = values, places
        return dict(zip(values, row.take(places).tolist(), strict=True))

    def count(
        self, level: str | tuple[str, str], base: BitMap, only: Value | None = None
    ) -> dict:
        """How many of these cases have each value of a facet, or each pair of values.

        Two facets are counted where they meet: in one line if one is the form and the
        other belongs to lines too, else in one case. Values of none may be missing.
        only: the value that all of them have, if they are all the cases that have it.
        """
        known = self.beforehand(only, level) if isinstance(level, str) else None
        if known is not None:
            return known
        if base is not self.seen:
            if isinstance(level, str):
                counts = self.index.counts(level, base)
                if counts is not None:
                    return counts
            return self.index.crossed(self.members(level, base), base)
        if level not in self.totals:
            self.totals[level] = {
                value: len(found) - found.intersection_cardinality(self.hidden)
                for value, found in self.members(level, base)
            }
        return self.totals[level]

    def count_rest(
        self,
        level: str | tuple[str, str],
        all_of: BitMap,
        base: BitMap,
        only: Value | None = None,
    ) -> dict:
        """The same of all these cases without some of them."""
        if all_of is not self.seen:
            return self.count(level, all_of - base)
        some = self.count(level, base, only)
        return {
            value: n - some.get(value, 0)
            for value, n in self.count(level, all_of).items()
        }

    def leading(
        self, facet: str, base: BitMap, most: int, only: Value | None = None
    ) -> dict[str, int]:
        """The counts of at least the values that most of these cases have.

        The largest sets are counted first: a set that is smaller than so many counts
        can hold no higher one.
        """
        if (known := self.beforehand(only, facet, most)) is not None:
            return known
        counts = self.index.counts(facet, base, most)
        if counts is not None:
            return counts
        counts = {}
        best: list[int] = []
        for size, value, found in self.index.by_size(facet):
            if len(best) == most and size < best[0]:
                break
            n = counts[value] = found.intersection_cardinality(base)
            (heappush if len(best) < most else heappushpop)(best, n)
        return {value: n for value, n in counts.items() if n >= best[0]}

    def members(self, level: str | tuple[str, str], base: BitMap) -> Iterable[tuple]:
        """Each value, or each pair of values, with the cases of these that have it."""
        if isinstance(level, str):
            return self.index.sets.get(level, {}).items()
        first, second = level
        if first == "form" and second in LINE_PAIRS:
            return self.index.pairs.get(second, {}).items()
        return self.meeting(first, second, base)

    def meeting(self, first: str, second: str, base: BitMap) -> Iterator[tuple]:
        """Each pair of values that stand in one case."""
        for left, found in self.index.sets.get(first, {}).items():
            here = found & base
            for right, others in self.index.sets.get(second, {}).items():
                yield (left, right), here & others
