"""How what is public differs from the newest version of the dataset, and writing it.

Where it is known which cases changed, only those are read, those whose time came or
went, and those that show a term or source that came or went; and the few records that
belong to no case. Else every case is read.
"""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched

from django.core.cache import cache
from django.db.models import Model
from pyroaring import BitMap

from cases import contents, keeping
from cases.contents import Version
from cases.index import View
from cases.models import Case, Country, Region
from kb.exports.choosing import FACET_OF, Chosen, of_cases
from kb.exports.columns import Part, Table
from kb.exports.models import DatasetVersion, KeptRecord
from kb.exports.rows import Row, told
from kb.exports.tables import CITATIONS, TABLES

OWN = "cases"  # the table whose records hold those of encounters and responses, too
AT_ONCE = 500
TURN, LEASE = "dataset.turn", 120  # seconds

type Unit = tuple[str, str, dict[str, list[Row]]]  # table, key, rows by table


@dataclass
class Difference:
    """How a version differs from the one before it."""

    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    ended: list[int] = field(default_factory=list)  # rows that are not in it any more
    written: int = 0
    # (table, key) of what rows of cases now call otherwise.
    moved: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_anything(self) -> bool:
        return bool(self.written or self.ended)

    def take(self, number: int, before: dict, found: Iterable[Unit]) -> None:
        """Write what differs from what was there before, all of which is in found."""
        for some in batched(found, AT_ONCE, strict=False):
            made = []
            for table, key, of_record in some:
                data = json.dumps(of_record, default=str, ensure_ascii=False).encode()
                digest = hashlib.sha256(data).hexdigest()
                pk, old = before.pop((table, key), (None, ""))
                if old == digest:
                    continue
                (self.changed if pk else self.added)[table] += 1
                self.ended += [pk] if pk else []
                if table != OWN and (not pk or is_elsewhere(table, pk, of_record)):
                    self.moved.append((table, key))
                made.append(
                    KeptRecord(
                        table=table,
                        key=key,
                        since=number,
                        digest=digest,
                        data=zlib.compress(data),
                    )
                )
            self.written += len(KeptRecord.objects.bulk_create(made))
            stay()
        for (table, key), (pk, _digest) in before.items():
            self.gone[table] += 1
            self.ended.append(pk)
            self.moved += [(table, key)] if table != OWN else []


def take_turn() -> bool:
    """Whether nobody else is comparing: a run can take longer than a minute."""
    return cache.add(TURN, True, LEASE)


def stay() -> None:
    """Keep the turn for as long again; one that was killed loses it soon."""
    cache.touch(TURN, LEASE)


def end_turn() -> None:
    cache.delete(TURN)


def compare(number: int, chosen: Chosen, cases: BitMap | None) -> Difference:
    """Write what differs from the newest version: it counts once it is numbered.

    cases are those that may have changed; every case, where that is not known.
    """
    news = Difference()
    news.take(number, kept(table__in=MODELS.keys() - {OWN}), beside_cases(chosen))
    if cases is None:
        news.take(number, kept(table=OWN), units(chosen, chosen.batches()))
        return news
    cases = cases | naming(news.moved, chosen.seen)
    for keys in batched(cases, AT_ONCE, strict=False):
        codes = Case.objects.filter(pk__in=keys).values_list("code", flat=True)
        before = kept(table=OWN, key__in=list(codes))
        public = [key for key in keys if key in chosen.keys]
        news.take(number, before, units(chosen, [public]))
    return news


def kept(**which) -> dict[tuple[str, str], tuple[int, str]]:
    """(table, key) of what is in the newest version, with its row and its digest."""
    rows = KeptRecord.objects.filter(before=None, **which)
    rows = rows.values_list("table", "key", "pk", "digest")
    return {(table, key): (pk, digest) for table, key, pk, digest in rows}


# Which cases may read otherwise than in the newest version


def changed_since(newest: DatasetVersion | None, seen: View) -> BitMap | None:
    """Keys of the cases that changed since a version; nothing if that is not known."""
    if newest is None or newest.shape != shape():
        return None
    known = Version(newest.change, newest.mark)
    changes = contents.changes_since(known, keeping.place())
    if changes is None:
        return None
    keys = BitMap(case for _number, _mark, case in changes if case is not None)
    for some in batched(keys, AT_ONCE, strict=False):
        if Case.objects.filter(pk__in=some).count() < len(some):
            return None  # of one that is deleted nobody knows what it was called
    first, last = sorted((newest.moment, seen.since))
    return keys | seen.index.windows.moving(first, last)


def naming(moved: list[tuple[str, str]], seen: View) -> BitMap:
    """Keys of the cases whose rows name what came, went, or belongs elsewhere now."""
    found = BitMap()
    for table, key in moved:
        if facet := FACET_OF.get(MODELS[table]):
            found |= seen.index.having(facet, key)
    sources = [key for table, key in moved if table == "sources"]
    for some in batched(sources, AT_ONCE, strict=False):
        for part in CITATIONS.parts:
            if part.case is not None:
                rows = part.model._default_manager.filter(source__slug__in=some)
                path = f"{part.case}__pk"
                found.update(rows.order_by().values_list(path, flat=True).distinct())
    return found


def is_elsewhere(table: str, pk: int, of_record: dict[str, list[Row]]) -> bool:
    """Whether a record that is kept belonged elsewhere, as rows of cases tell."""
    if table not in BELONGS:
        return False
    old = KeptRecord.objects.get(pk=pk).read()
    name = BELONGS[table]
    return old[table][0][name] != of_record[table][0][name]


def shape() -> str:
    """What every row is made with: where it differs, every row may read otherwise."""
    places = [
        sorted(Region.objects.values_list("pk", "name")),
        sorted(Country.objects.values_list("pk", "region"), key=str),
    ]
    return hashlib.sha256(repr((SHAPE, places)).encode()).hexdigest()


# What is in the dataset now, record by record


def units(chosen: Chosen, batches: Iterable[list[int]]) -> Iterator[Unit]:
    """Each of some cases with all its rows."""
    for keys in batches:
        found: dict[str, dict] = {}
        for table, part in parts():
            if part.case is not None:
                rows = told(table, part, keys, of_cases(part, keys), chosen)
                gather(found, table, OWNER.get(table.name, "case"), rows)
        for key, of_case in found.items():
            yield OWN, key, of_case


def beside_cases(chosen: Chosen) -> Iterator[Unit]:
    """Each record that belongs to no case, with all its rows."""
    for name, model in MODELS.items():
        if name != OWN:
            for key, of_record in records(name, model, chosen).items():
                yield name, key, of_record


def records(name: str, model: type[Model], chosen: Chosen) -> dict[str, dict]:
    """The records of a table that belong to no case, each with its citations."""
    found: dict[str, dict] = {}
    for table, part in parts():
        if part.case is None and (part.model is model or owner(part) is model):
            rows = told(table, part, [], chosen.beside(part), chosen)
            gather(found, table, OWNER.get(table.name, "slug"), rows)
    return found


def gather(found: dict, table: Table, owner: str, rows: Iterable[Row]) -> None:
    """Put rows under the key of the record that they belong to."""
    for row in rows:
        found.setdefault(row[owner], {}).setdefault(table.name, []).append(row)


def parts() -> Iterator[tuple[Table, Part]]:
    for table in TABLES.values():
        for part in table.parts:
            yield table, part


def owner(part: Part) -> type[Model] | None:
    """The kind of record that a row of a part belongs to."""
    if not part.record:
        return None
    return part.model._meta.get_field(part.record).related_model


# The column that holds the key of the record that a row belongs to, where it is neither
# “case” nor “slug”.
OWNER = {"cases": "code", "countries": "code", "citations": "key"}
# What rows of cases tell of a record besides its key; places are in the shape.
BELONGS = {"strategies": "family"}
MODELS: dict[str, type[Model]] = {
    table.name: part.model
    for table, part in parts()
    if not part.case and not part.record
}
SHAPE = hashlib.sha256(repr([(t.name, t.names) for t in TABLES.values()]).encode())
SHAPE = SHAPE.hexdigest()[:8]
