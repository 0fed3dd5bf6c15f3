"""The index that this process has, always as new as the database.

current() asks the database for the changes since (one cheap query) and reads what
changed. A process that starts takes the index that was saved in the database,
and reads what changed since then; where none was saved, or it is damaged, it reads
everything from the tables.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from django.db import DEFAULT_DB_ALIAS, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from psycopg import Copy
from pyroaring import BitMap

from cases import contents, reading
from cases.contents import Version
from cases.crossings import Crossings, Places
from cases.index import COLUMNS, Index, View
from cases.memory import give_back
from cases.models import Case, SavedIndex
from cases.reading import Terms
from cases.windows import KINDS, Windows
from sources.prepared import together

logger = logging.getLogger("kb")

PART = 1_000_000  # bytes in one row: libpq stays as large as the largest needs
OFTEN = 5_000  # changes after which the index is kept anew
FEW = 100  # cases that are read without a transaction
MANY = 2_000  # cases told anew one by one; more are quicker all at once
FORMAT = 4  # of the index in the database: another number for other contents
ROW = ("part", "data", "digest", "number", "mark")
SQL_TYPES = ("int4", "bytea", "varchar", "int8", "int8")
COPY_IN = (
    "COPY cases_savedindex (part, data, digest, number, mark) FROM STDIN"
    " (FORMAT BINARY)"
)
COPY_OUT = (
    "COPY (SELECT part, data, digest, number, mark FROM cases_savedindex ORDER BY part)"
    " TO STDOUT (FORMAT BINARY)"
)
BEGIN = {
    "sqlite": "BEGIN DEFERRED",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}


@dataclass(frozen=True)
class Kept:
    """An index, and the terms it was made with."""

    index: Index
    terms: Terms


class Keeper:
    """What one process remembers."""

    def __init__(self):
        self.kept: Kept | None = None
        self.lock = threading.Lock()

    def current(self) -> Kept:
        """What is public now, as the database that is read from has it."""
        kept, changes = self.kept, None
        if kept is not None:
            changes = contents.changes_since(kept.index.version, place())
            if changes == []:
                return kept
        with self.lock:
            is_same = self.kept is kept  # no other thread has read them meanwhile
            found = at_once(kept, changes) if is_same and changes else None
            found = found or caught_up(self.kept)
            is_new = self.kept is None or found.index.version != self.kept.index.version
            if is_new:
                self.kept = found
        return found


KEEPER = Keeper()


def current() -> View:
    """What may be seen now, counted in the newest index."""
    return KEEPER.current().index.public(timezone.now())


def place() -> str:
    """The name of the database that cases are read from now."""
    return router.db_for_read(Case)


def is_current(using: str) -> bool:
    """Whether a database holds all that this process has shown already."""
    kept = KEEPER.kept
    return kept is None or contents.version(using).number >= kept.index.version.number


@contextmanager
def one_moment() -> Iterator[None]:
    """Read all inside as it is at one moment, whatever is committed meanwhile."""
    connection = connections[place()]
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(BEGIN[connection.vendor])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")


def at_once(kept: Kept, changes: list[tuple]) -> Kept | None:
    """What is remembered with a few changes to cases, if there was no other meanwhile.

    So what was read is of one moment, and no transaction was needed for that.
    """
    keys = {case for _number, _mark, case in changes}
    if None in keys or len(keys) > FEW:
        return None
    *told, newest = together(*reading.asked(sorted(keys)), (contents.NEWEST,))
    version = Version(*changes[-1][:2])
    if newest != [version]:
        return None
    entries, index = reading.told(told, kept.terms), kept.index
    return Kept(index.revised(version, keys, entries, index.cards), kept.terms)


@one_moment()
def caught_up(kept: Kept | None) -> Kept:
    """What is remembered with all changes since, as the tables are at one moment."""
    return brought_up(kept)


def brought_up(kept: Kept | None) -> Kept:
    """What is remembered with all changes since; or read anew, if that is not known."""
    if kept is None:
        kept = saved()
        give_back()
    if kept is None:
        return read()
    known, using = kept.index.version, place()
    changes = contents.changes_since(known, using)
    if changes is None:
        # Another thread may have read it from a replica that is further.
        is_replica = using != DEFAULT_DB_ALIAS
        is_behind = is_replica and known.number > contents.version(using).number
        return aside(kept) if is_behind else read()
    return with_changes(kept, changes) if changes else kept


def aside(kept: Kept) -> Kept:
    """The same index for one who reads from a server that is behind it.

    What is remembered of that server’s older texts and names is not for others.
    """
    return Kept(replace(kept.index, remembered={}, cards={}), kept.terms)


def read() -> Kept:
    """Everything, read from the tables."""
    version = contents.version(place())  # first: what comes later is read once more
    terms = Terms.now()
    kept = Kept(reading.everything(version, terms), terms)
    give_back()
    return kept


@one_moment()
def anew() -> Kept:
    """Everything, read from the tables as they are at one moment."""
    return read()


def with_changes(kept: Kept, changes: list[tuple]) -> Kept:
    """The same index with the cases that changed as they are now."""
    index, terms = kept.index, kept.terms
    version = Version(*changes[-1][:2])
    keys = {case for _number, _mark, case in changes}
    cards = index.cards
    if None in keys:
        keys.discard(None)
        cards = {}  # they show names of terms
        terms = Terms.now()
        if terms.places() != kept.terms.places():
            return read()
        keys.update(moved(index, kept.terms, terms))
    if len(keys) > max(MANY, len(index.everything) // 20):
        return read()
    entries = reading.entries(keys, terms)
    return Kept(index.revised(version, keys, entries, cards), terms)


def moved(index: Index, old: Terms, new: Terms) -> BitMap:
    """Cases whose terms are called otherwise now, or belong elsewhere."""
    found = BitMap()
    for facet, before in old.names().items():
        now = new.names()[facet]
        for key, told in before.items():
            if now.get(key) != told:
                found |= index.having(facet, told[0])
    return found


# What is kept in the database for a process that starts


def save() -> Kept:
    """Read everything anew and keep the index of it in the database."""
    return put(anew())


def put(kept: Kept) -> Kept:
    """Keep an index in the database, instead of the one that is there."""
    data = packed(kept)
    digest = hashlib.sha256(data).hexdigest()
    parts = enumerate(range(0, len(data), PART))
    with transaction.atomic():
        SavedIndex.objects.all().delete()
        write_rows(
            (n, data[at : at + PART], digest, *kept.index.version) for n, at in parts
        )
    return kept


def write_rows(rows: Iterable[tuple]) -> None:
    """Write what is kept, row by row.

    PostgreSQL copies bytes as they are. In a statement each is spelled in two digits:
    that took it twice as long, and reading them three times.
    """
    line = connections[DEFAULT_DB_ALIAS]
    if line.vendor != "postgresql":
        told = (dict(zip(ROW, row, strict=True)) for row in rows)
        SavedIndex.objects.bulk_create(SavedIndex(**row) for row in told)
        return
    with copied(line, COPY_IN) as copy:
        for row in rows:
            copy.write_row(row)


def read_rows() -> list[tuple]:
    """What is kept, row by row, in its order."""
    line = connections[place()]
    if line.vendor != "postgresql":
        return [*SavedIndex.objects.order_by("part").values_list(*ROW)]
    with copied(line, COPY_OUT) as copy:
        return [*copy.rows()]


@contextmanager
def copied(line: BaseDatabaseWrapper, how: str) -> Iterator[Copy]:
    """A copy of rows into PostgreSQL or out of it. Its errors are those of Django."""
    with line.wrap_database_errors, line.cursor() as cursor, cursor.copy(how) as copy:
        copy.set_types(SQL_TYPES)
        yield copy


def tidy() -> bool:
    """Keep the index of now where the kept one is old; whether that was so.

    Changes that nobody will ask for go: who is older than that reads everything anew.
    """
    newest = contents.version().number
    kept = SavedIndex.objects.values_list("number", flat=True).first()
    if kept is not None and newest - kept < OFTEN:
        return False
    put(caught_up(None))
    contents.forget_before(newest - 20 * OFTEN)
    return True


def saved() -> Kept | None:
    """What is kept in the database, if it is whole."""
    rows = read_rows()
    if not rows:
        return None
    _part, _data, digest, *version = rows[0]
    data = b"".join(data for _part, data, *_version in rows)
    rows.clear()
    try:
        if hashlib.sha256(data).hexdigest() != digest:
            raise ValueError("its digest differs")
        return unpacked(data, Version(*version))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        logger.error("The saved index cannot be used and is made anew: %s", error)
        return None


def packed(kept: Kept) -> bytes:
    """An index as bytes: what is in it, then every set and column."""
    index = kept.index
    parts: list[bytes] = []

    def part(data: bytes) -> int:
        parts.append(data)
        return len(data)

    told = {
        "format": FORMAT,
        "terms": kept.terms.told(),
        "everything": part(index.everything.serialize()),
        "sets": [
            (facet, value, part(found.serialize()))
            for facet, values in index.sets.items()
            for value, found in values.items()
        ],
        "pairs": [
            (second, *both, part(found.serialize()))
            for second, values in index.pairs.items()
            for both, found in values.items()
        ],
        "columns": [
            (name, part(column.tobytes())) for name, column in index.columns.items()
        ],
        "windows": [part(column.tobytes()) for column in index.windows.columns()],
        "values": [*index.crossings.places.numbers],
        "crossings": [
            (*value, part(row.tobytes())) for value, row in index.crossings.rows.items()
        ],
    }
    return b"\0".join([json.dumps(told).encode(), b"".join(parts)])


def unpacked(data: bytes, version: Version) -> Kept:
    """The index that was packed."""
    head, body = data.split(b"\0", 1)
    told, rest = json.loads(head), BytesIO(body)
    if told.get("format") != FORMAT:
        raise ValueError("another release of the programs kept it")
    everything = BitMap.deserialize(rest.read(told["everything"]))
    sets: dict = {}
    for facet, value, size in told["sets"]:
        found = BitMap.deserialize(rest.read(size))
        sets.setdefault(facet, {})[value] = found
    pairs: dict = {}
    for second, form, value, size in told["pairs"]:
        found = BitMap.deserialize(rest.read(size))
        pairs.setdefault(second, {})[form, value] = found
    columns = {
        name: np.frombuffer(rest.read(size), COLUMNS[name])
        for name, size in told["columns"]
    }
    windows = Windows(
        *(
            np.frombuffer(rest.read(size), kind)
            for size, kind in zip(told["windows"], KINDS.values(), strict=True)
        )
    )
    crossings = Crossings(
        Places.of(map(tuple, told["values"])),
        {
            (facet, value): np.frombuffer(rest.read(size), np.int32)
            for facet, value, size in told["crossings"]
        },
    )
    index = Index(
        version, everything, sets, pairs, columns, windows, crossings=crossings
    )
    return Kept(index, Terms.of(told["terms"]))


def differences() -> list[str]:
    """Where the index of this process, or the saved one, differs from the tables."""
    with one_moment():
        true, kept = read().index, brought_up(KEEPER.kept).index
    found = [f"cases: {n}" for n in (true.everything ^ kept.everything)]
    for name in ("sets", "pairs"):
        ours, theirs = getattr(kept, name), getattr(true, name)
        for facet in sorted({*ours, *theirs}):
            mine, its = ours.get(facet, {}), theirs.get(facet, {})
            for value in sorted({*mine, *its}):
                wrong = mine.get(value, BitMap()) ^ its.get(value, BitMap())
                if wrong:
                    found.append(f"{facet}, {value}: {len(wrong)} cases")
    keys = np.frombuffer(true.everything.to_array(), np.uint32)
    for name in COLUMNS:
        if len(keys) and (kept.columns[name][keys] != true.columns[name][keys]).any():
            found.append(f"order by {name}")
    found += [
        f"crossed with {facet}, {value}"
        for facet, value in sorted(kept.crossings.differing(true.crossings))
    ]
    if kept.windows != true.windows:
        found.append("when cases may be seen")
    return found
