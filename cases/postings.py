"""Which records hold a token: an index of our own, the same on both databases.

Each record has a number. A row of SearchWord holds, for one token, the numbers of one
part of all: 65,536 records that follow one another. The numbers of a case are its keys,
so that a query’s cases are known without a look at any other table.

To write the sets of some 300 tokens takes long where there are many records. So what
few records hold from now on is noted beside the sets (WaitingEntry), a row a record;
who reads the sets reads those rows too, and the next sweep lets the sets say the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import batched, chain

from django.db import connection, connections, router
from pyroaring import BitMap

from cases.models import SearchEntry, WaitingEntry
from sources.prepared import Prepared
from sources.writing import Row

KIND_BITS = 29  # a number is 32 bits: 8 kinds of 500 million records
PART_BITS = 16
PARTS_OF_CASES = 1 << KIND_BITS - PART_BITS
MOST_OF_A_BEGINNING = 20_000  # rows; a beginning of more words finds the first of them
AT_ONCE = 500  # rows read or written by one statement
MOST_WAITING = 64  # records: every search reads what they hold
BREAK = "\n"  # between the tokens of a record that waits
WAITS = -2  # the first column of a row that waits; of a token’s set it is -1

WHOLE = """
    SELECT -1, token, numbers FROM cases_searchword WHERE {side} AND token IN ({marks})
"""
BEGUN = """
    SELECT * FROM (
        SELECT {at}, token, numbers FROM cases_searchword
        WHERE token >= %s AND token < %s AND {side} ORDER BY token, part LIMIT %s
    ) AS begun_{at}
"""
AWAITED = """
    SELECT -2, tokens, numbers FROM cases_waitingentry WHERE {side}
"""
READ = """
    SELECT token, numbers FROM cases_searchword WHERE part = %s AND token IN ({marks})
"""
EMPTIED = """
    DELETE FROM cases_searchword WHERE part = %s AND token IN ({marks})
"""
WRITE = """
    INSERT INTO cases_searchword (token, part, numbers) VALUES {marks}
    ON CONFLICT (token, part) DO UPDATE SET numbers = excluded.numbers
"""


WAITING = Prepared(lambda: WaitingEntry.objects.values_list("number"))


def number(kind: int, key: int) -> int:
    """The number of a record: of the kind that is 0, cases, it is the key."""
    if key >> KIND_BITS:
        raise OverflowError(f"search has no number for the key {key}")
    return kind << KIND_BITS | key


@dataclass
class Sets:
    """The numbers that hold each token, and those that hold one that begins so."""

    of: dict[str, BitMap] = field(default_factory=dict)
    beginning: dict[str, BitMap] = field(default_factory=dict)

    def union(self, tokens: Iterable[str], beginning: str = "") -> BitMap:
        """The numbers that hold any of these."""
        found = [self.of[token] for token in tokens if token in self.of]
        if beginning in self.beginning:
            found.append(self.beginning[beginning])
        return BitMap.union(*found) if found else BitMap()


@dataclass(frozen=True)
class Waiting:
    """A record of which the sets do not yet say what it holds."""

    number: BitMap  # of it alone
    held: bytes  # its tokens, as a row keeps them

    @cached_property
    def tokens(self) -> set[str]:
        """What it holds."""
        return parted(self.held)


def read(
    tokens: Iterable[str],
    beginnings: Iterable[str],
    *,
    of_cases: bool,
    kept: dict | None = None,
) -> Sets:
    """Look tokens up, in one question: among cases, or among all other records.

    kept: where what waits is kept by whoever asks several times before any of it
    changes. What is settled meanwhile does not matter: the sets then say the same.
    """
    tokens, beginnings = list(dict.fromkeys(tokens)), list(dict.fromkeys(beginnings))
    if not tokens and not beginnings:
        return Sets()
    kept, name = {} if kept is None else kept, ("waiting", of_cases)
    known: list[Waiting] | None = kept.get(name)  # once: other threads keep some, too
    waiting = [*(known or ())]
    side = "part < %s" if of_cases else "part >= %s"
    questions, values = [], []
    if known is None:
        questions.append(AWAITED.format(side=side.replace("part", "number")))
        values.append(1 << KIND_BITS)
    if tokens:
        questions.append(WHOLE.format(side=side, marks=marks(tokens)))
        values += [PARTS_OF_CASES, *map(str.encode, tokens)]
    for at, beginning in enumerate(beginnings):
        questions.append(BEGUN.format(at=at, side=side))
        values += [*between(beginning), PARTS_OF_CASES, MOST_OF_A_BEGINNING]
    found: dict[tuple[int, str], list[BitMap]] = {}
    with connections[router.db_for_read(SearchEntry)].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(questions), values)
        for at, token, numbers in cursor:
            held = BitMap.deserialize(bytes(numbers))
            if at == WAITS:
                waiting.append(Waiting(held, bytes(token)))
                continue
            told = bytes(token).decode() if at < 0 else beginnings[at]
            found.setdefault((at, told), []).append(held)
    kept[name] = waiting
    whole = {told: BitMap.union(*maps) for (at, told), maps in found.items() if at < 0}
    begun = {told: BitMap.union(*maps) for (at, told), maps in found.items() if at >= 0}
    if not waiting:
        return Sets(whole, begun)
    moved = BitMap.union(*(one.number for one in waiting))
    for token in tokens:
        having = [one.number for one in waiting if token in one.tokens]
        whole[token] = BitMap.union(whole.get(token, BitMap()) - moved, *having)
    for beginning in beginnings:
        start = f"{BREAK}{beginning}".encode()
        having = [one.number for one in waiting if start in one.held]
        begun[beginning] = BitMap.union(begun.get(beginning, BitMap()) - moved, *having)
    return Sets(whole, begun)


def marks(values: Collection) -> str:
    """A place in a statement for each of these values."""
    return ", ".join(["%s"] * len(values))


def between(beginning: str) -> tuple[bytes, bytes]:
    """The first token that begins so, and what comes after the last."""
    return beginning.encode(), beginning.encode() + b"\xff"  # no letter has this byte


def change(held: Mapping[int, tuple[set[str], set[str]]], waiting: int) -> list[Row]:
    """Let records that held some tokens hold others: (before, after) by number.

    Gives the rows that are still to be written for that. Inside a transaction that took
    its turn before it read what they held, and how many are waiting.
    """
    moves = {of: both for of, both in held.items() if both[0] != both[1]}
    if len(moves) + waiting > MOST_WAITING:
        settle()
        write(moves)
        return []
    rows = (
        WaitingEntry(of, BitMap([of]).serialize(), *map(joined, both))
        for of, both in moves.items()
    )
    return [Row(row, ("tokens",), or_new=True) for row in rows]


def settle() -> None:
    """Let the sets say what waits, inside a transaction that took its turn."""
    waiting = WaitingEntry.objects.all()
    write({row.number: (parted(row.told), parted(row.tokens)) for row in waiting})
    waiting.delete()


def joined(tokens: Iterable[str]) -> bytes:
    """Tokens as a row keeps them."""
    return f"{BREAK}{BREAK.join(sorted(tokens))}{BREAK}".encode()


def parted(tokens: bytes) -> set[str]:
    """The tokens that a row keeps."""
    return set(bytes(tokens).decode().split(BREAK)) - {""}


def write(held: Mapping[int, tuple[set[str], set[str]]]) -> None:
    """Let the sets say that records that held some tokens hold others."""
    parts: dict[int, dict[str, tuple[BitMap, BitMap]]] = {}
    for of, (before, after) in held.items():
        part = parts.setdefault(of >> PART_BITS, {})
        for at, tokens in enumerate((before - after, after - before)):
            for token in tokens:
                part.setdefault(token, (BitMap(), BitMap()))[at].add(of)
    with connection.cursor() as cursor:
        for part, changed in parts.items():
            for tokens in batched(sorted(changed), AT_ONCE, strict=False):
                rewrite(cursor, part, {token: changed[token] for token in tokens})


def rewrite(cursor, part: int, changed: dict[str, tuple[BitMap, BitMap]]) -> None:
    """Read some rows of a part, change them, and write them back."""
    asked = [part, *map(str.encode, changed)]
    cursor.execute(READ.format(marks=marks(changed)), asked)
    rows = {bytes(token).decode(): bytes(numbers) for token, numbers in cursor}
    kept, emptied = [], []
    for token, (lost, got) in changed.items():
        numbers = BitMap.deserialize(rows[token]) if token in rows else BitMap()
        numbers -= lost
        numbers |= got
        if numbers:
            kept.append((token.encode(), part, numbers.serialize()))
        elif token in rows:
            emptied.append(token.encode())
    put(cursor, kept)
    if emptied:
        cursor.execute(EMPTIED.format(marks=marks(emptied)), [part, *emptied])


def put(cursor, rows: Collection[tuple[bytes, int, bytes]]) -> None:
    """Write rows in one statement: PostgreSQL takes long over one for each."""
    if rows:
        places = ", ".join(["(%s, %s, %s)"] * len(rows))
        cursor.execute(WRITE.format(marks=places), [*chain.from_iterable(rows)])


def fill(records: Iterable[tuple[int, set[str]]]) -> None:
    """Write all anew, from every record’s number and tokens, in the order of numbers.

    No more than one part is in memory at a time.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_waitingentry")
        cursor.execute("DELETE FROM cases_searchword")
        for rows in batched(rows_of(records), AT_ONCE, strict=False):
            put(cursor, rows)


def rows_of(
    records: Iterable[tuple[int, set[str]]],
) -> Iterator[tuple[bytes, int, bytes]]:
    """The rows that tell of these records, part by part."""
    part, holders = 0, defaultdict(list)
    for of, tokens in records:
        if of >> PART_BITS != part:
            yield from packed(part, holders)
            part, holders = of >> PART_BITS, defaultdict(list)
        for token in tokens:
            holders[token].append(of)
    yield from packed(part, holders)


def packed(
    part: int, holders: Mapping[str, Sequence[int]]
) -> Iterator[tuple[bytes, int, bytes]]:
    """The rows of one part."""
    for token in sorted(holders):
        yield token.encode(), part, BitMap(holders[token]).serialize()
