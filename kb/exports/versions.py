"""Versions of the dataset: a number for each state that was published, and its rows.

keep_up() runs after the sweep of each minute. Nothing is made while a record is being
published, and nothing at all where nothing changed.
"""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched

from django.db import IntegrityError, transaction
from django.db.models import Max, Model

from cases import facets
from cases.contents import touch
from cases.index import View
from cases.models import Consent
from kb.exports.choosing import Chosen, of_cases
from kb.exports.columns import Part, Table
from kb.exports.models import DatasetVersion, KeptRecord
from kb.exports.rows import Row, told
from kb.exports.tables import TABLES
from sources.models import Change, Record

OWN = "cases"  # the table whose records hold those of encounters and responses, too
AT_ONCE = 500

type Unit = tuple[str, str, dict[str, list[Row]]]  # table, key, rows by table


def current() -> DatasetVersion | None:
    """The newest version; none before the first sweep."""
    return DatasetVersion.objects.first()


def standing(seen: View) -> str:
    """How far the content has come, as cheaply as it can be told."""
    content = seen.index.version
    change = Change.objects.aggregate(n=Max("pk"))["n"]
    consent = Consent.objects.aggregate(n=Max("pk"))["n"]
    told = content.number, content.mark, change, consent, seen.since, SHAPE
    return " ".join(map(str, told))


class Overtaken(Exception):  # noqa: N818 — no fault: the other one makes it
    """Another process is making the same version."""


def keep_up() -> DatasetVersion | None:
    """Make a version if what is public has changed since the newest one."""
    try:
        made = renewed()
    except (Overtaken, IntegrityError):
        made = current()  # and what is missing gets its number in a minute
    purge()
    return made


def renewed() -> DatasetVersion:
    """The newest version, made now if need be."""
    seen = facets.view()
    newest, now = current(), standing(seen)
    if newest and newest.standing == now:
        return newest
    number = newest.number + 1 if newest else 1
    KeptRecord.objects.filter(since__gte=number).delete()  # of a run that was cut short
    news = compare(number, units(Chosen(seen=seen)))
    if newest and not news.is_anything:
        DatasetVersion.objects.filter(pk=newest.pk).update(standing=now)
        return current()
    made = numbered(number, now, news)
    tell(made, seen)
    return made


def tell(made: DatasetVersion, seen: View) -> None:
    """Let kept pages go, which name the version before it."""
    with transaction.atomic():
        touch()
    after = facets.view()
    if after.index.version.number == seen.index.version.number + 1:
        # Nothing else happened meanwhile: the version still is what is public.
        made.standing = standing(after)
        made.save(update_fields=["standing"])


def purge() -> None:
    """Drop what was withdrawn from all versions, for good."""
    for name, model in MODELS.items():
        if issubclass(model, Record):
            gone = model.objects.withdrawn().order_by()
            keys = gone.values_list(TABLES[name].key[0], flat=True)
            for some in batched(keys, AT_ONCE, strict=False):
                KeptRecord.objects.filter(table=name, key__in=some).delete()


@dataclass
class Difference:
    """How a version differs from the one before it."""

    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    ended: list[int] = field(default_factory=list)  # rows that are not in it any more
    written: int = 0

    @property
    def is_anything(self) -> bool:
        return bool(self.written or self.ended)


def compare(number: int, found: Iterable[Unit]) -> Difference:
    """Write what differs from the newest version: it counts once it is numbered."""
    open_ones = KeptRecord.objects.filter(before=None)
    rows = open_ones.values_list("table", "key", "pk", "digest")
    before = {(table, key): (pk, digest) for table, key, pk, digest in rows}
    news = Difference()
    for some in batched(found, AT_ONCE, strict=False):
        made = []
        for table, key, of_record in some:
            data = json.dumps(of_record, default=str, ensure_ascii=False).encode()
            digest = hashlib.sha256(data).hexdigest()
            pk, old = before.pop((table, key), (None, ""))
            if old == digest:
                continue
            (news.changed if pk else news.added)[table] += 1
            news.ended += [pk] if pk else []
            made.append(
                KeptRecord(
                    table=table,
                    key=key,
                    since=number,
                    digest=digest,
                    data=zlib.compress(data),
                )
            )
        news.written += len(KeptRecord.objects.bulk_create(made))
    for (table, _key), (pk, _digest) in before.items():
        news.gone[table] += 1
        news.ended.append(pk)
    return news


@transaction.atomic
def numbered(number: int, standing: str, news: Difference) -> DatasetVersion:
    """Let a version count: from now on it is the newest."""
    made = DatasetVersion.objects.create(
        number=number,
        standing=standing,
        added=news.added,
        changed=news.changed,
        gone=news.gone,
    )
    if KeptRecord.objects.filter(since=number).count() != news.written:
        raise Overtaken
    for some in batched(news.ended, AT_ONCE, strict=False):
        KeptRecord.objects.filter(pk__in=some).update(before=number)
    return made


# What is in the dataset now, record by record


def units(chosen: Chosen) -> Iterator[Unit]:
    """Each record with all its rows."""
    for keys in chosen.batches():
        found: dict[str, dict] = {}
        for table, part in parts():
            if part.case is not None:
                rows = told(table, part, keys, of_cases(part, keys), chosen)
                gather(found, table, OWNER.get(table.name, "case"), rows)
        for key, of_case in found.items():
            yield OWN, key, of_case
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
MODELS: dict[str, type[Model]] = {
    table.name: part.model
    for table, part in parts()
    if not part.case and not part.record
}
SHAPE = hashlib.sha256(repr([(t.name, t.names) for t in TABLES.values()]).encode())
SHAPE = SHAPE.hexdigest()[:8]
