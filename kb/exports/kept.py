"""What was in a version of the dataset, less what may not be seen now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from cases import facets
from cases.choices import Scope
from kb.exports.columns import NOT_PUBLIC, Column, Kind, Table
from kb.exports.comparing import AT_ONCE, MODELS, OWN
from kb.exports.models import DatasetVersion, KeptRecord
from kb.exports.rows import Row
from kb.exports.tables import TABLES
from sources.models import Record

# Records that are in a version only for a row of another table that names them.
NAMED = ("countries", "organisations", "sources")


@dataclass(frozen=True)
class News:
    """How a table of a version differs from that of the one before."""

    table: Table
    added: int
    changed: int
    gone: int
    keys: list[str]  # some that were added or changed, and may be seen

    @property
    def fresh(self) -> int:
        """How many were added or changed."""
        return self.added + self.changed


@dataclass(frozen=True)
class Kept:
    """A version as it may be read now."""

    version: DatasetVersion

    def rows(self, table: Table) -> Iterator[Row]:
        """The rows of a table, in the order of the keys of their records."""
        names = list(MODELS) if table.name == "citations" else [table.name]
        for name in names if names[0] in MODELS else [OWN]:
            for _key, of_record in self.records(name):
                for row in of_record.get(table.name, ()):
                    yield self.cleared(table, row)

    def records(self, name: str) -> Iterator[tuple[str, dict]]:
        """The records of a table that were in it and may be seen."""
        may = self.named[name] if name in NAMED else self.public[name]
        for key, of_record in self.read(name):
            if key in may:
                yield key, of_record

    def count(self, name: str) -> int:
        """How many records of a table were in it and may be seen."""
        keys = self.kept(name).values_list("key", flat=True)
        return sum(key in self.public[name] for key in keys)

    def read(self, name: str) -> Iterator[tuple[str, dict]]:
        """The records of a table that were in it, some at a time."""
        rows, last = self.kept(name), ""
        while some := list(rows.filter(key__gt=last)[:AT_ONCE]):
            for row in some:
                yield row.key, row.read()
            last = some[-1].key

    def kept(self, name: str) -> QuerySet[KeptRecord]:
        """What was in it of a table."""
        n = self.version.number
        still = Q(before=None) | Q(before__gt=n)
        rows = KeptRecord.objects.filter(still, table=name, since__lte=n)
        return rows.order_by("key")

    @cached_property
    def public(self) -> dict[str, frozenset[str]]:
        """The keys of all records that may be seen, by table."""
        back = facets.view().kept_back(Scope.EXPORT)
        found = {}
        for name, model in MODELS.items():
            if issubclass(model, Record):
                rows = model.objects.published().order_by()
                rows = rows.values_list("pk", TABLES[name].key[0])
                kept = back if name == OWN else ()
                found[name] = frozenset(key for pk, key in rows if pk not in kept)
        return found

    @cached_property
    def named(self) -> dict[str, set[str]]:
        """The keys that rows of other tables name, of those that may be seen."""
        found: dict[str, set[str]] = {name: set() for name in NAMED}
        for _key, of_case in self.records(OWN):
            note(found, of_case)
        found["organisations"] &= self.public["organisations"]
        for key, of_record in self.read("organisations"):
            if key in found["organisations"]:
                note(found, of_record)
        for name in MODELS.keys() - {OWN, *NAMED}:
            for _key, of_record in self.records(name):
                note(found, of_record)
        found["sources"] &= self.public["sources"]
        return found

    def news(self, most: int) -> Iterator[News]:
        """What the version brought, table by table; some of it by name."""
        version = self.version
        for name in MODELS:
            counts = [
                how.get(name, 0)
                for how in (version.added, version.changed, version.gone)
            ]
            if any(counts):
                fresh = KeptRecord.objects.filter(table=name, since=version.number)
                may = self.named[name] if name in NAMED else self.public[name]
                keys = fresh.order_by("key").values_list("key", flat=True)
                shown = [key for key in keys[: 10 * most] if key in may][:most]
                yield News(TABLES[name], *counts, shown)

    def cleared(self, table: Table, row: Row) -> Row:
        """A row as files hold it, without the names of what may not be seen."""
        return {c.name: self.spelled(c, row.get(c.name, "")) for c in table.columns}

    def spelled(self, column: Column, value: object) -> object:
        """A value that was kept, if what it refers to may be seen."""
        may = self.public.get(column.refers)
        if column.kind == Kind.LIST:
            found = [one for one in value or () if may is None or one in may]
            return found or ([column.silent] if column.silent else [])
        if column.kind == Kind.DATE and value:
            return date.fromisoformat(value)
        known = {"", column.silent, NOT_PUBLIC}
        if may is not None and value not in known and value not in may:
            return NOT_PUBLIC
        return value


def note(found: dict[str, set[str]], of_record: dict[str, list[Row]]) -> None:
    """Note which countries, organisations and sources the rows of a record name."""
    for name, rows in of_record.items():
        for column in TABLES[name].columns:
            if column.refers in found:
                for row in rows:
                    value = row.get(column.name, "")
                    found[column.refers].update(
                        value if column.kind == Kind.LIST else [value]
                    )
