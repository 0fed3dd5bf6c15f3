"""The dataset as a Frictionless data package: a description, and a ZIP with the files.

The same data gives the same bytes: no clock, machine or order by chance is in it.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import IO

from django.utils.translation import gettext as _

from kb.exports import codebook
from kb.exports.about import LICENCE, LICENCE_ADDRESS, SITE, Dataset, absolute
from kb.exports.columns import NOT_PUBLIC, Column, Kind, Table
from kb.exports.rows import Row
from kb.exports.tables import TABLES
from kb.exports.writing import BOM, as_csv, line
from sources.choices import NOT_STATED

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP can tell
UNIX, MODE = 3, 0o100644  # a plain file that everybody may read
TYPES = {Kind.INTEGER: "integer", Kind.DATE: "date"}
MISSING = ["", NOT_STATED, NOT_PUBLIC]
PACKAGE, SUMS = "datapackage.json", "SHA256SUMS"
# What a term was replaced by need not be in a part of the data.
LEADS_OUT = "replaced_by"


class Written:
    """What was written under a name."""

    def __init__(self, name: str):
        self.name = name
        self.rows = self.bytes = 0
        self.digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self.digest.hexdigest()

    def counting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, counted as they go by."""
        for row in rows:
            self.rows += 1
            yield row

    def weighing(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces of the file, weighed as they go by."""
        for part in parts:
            self.bytes += len(part)
            self.digest.update(part)
            yield part


def write(dataset: Dataset, file: IO[bytes]) -> None:
    """Write the whole package as a ZIP."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, *parts: str) -> Written:
            written = Written(name)
            fill(archive, name, written.weighing(part.encode() for part in parts))
            return written

        tables = {}
        for table in TABLES.values():
            written, parts = table_of(dataset, table)
            fill(archive, written.name, parts)
            tables[table.name] = written
        description = description_of(dataset, TABLES.values(), tables)
        written = [
            *tables.values(),
            put("codebook.csv", as_codebook()),
            put(PACKAGE, as_text(description)),
            put("README.txt", readme(dataset)),
        ]
        put(SUMS, *sorted(f"{one.sha256}  {one.name}\n" for one in written))


def table_of(dataset: Dataset, table: Table) -> tuple[Written, Iterator[bytes]]:
    """A table as CSV, counted and weighed as it goes by."""
    written = Written(f"{table.name}.csv")
    rows = written.counting(dataset.rows(table))
    return written, written.weighing(as_csv(table, rows))


def fill(archive: zipfile.ZipFile, name: str, parts: Iterable[bytes]) -> None:
    """Write a file into an archive."""
    info = zipfile.ZipInfo(name, LONG_AGO)
    info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, UNIX
    info.external_attr = MODE << 16
    with archive.open(info, "w", force_zip64=True) as file:
        for part in parts:
            file.write(part)


def describing(dataset: Dataset, table: Table) -> dict:
    """The description of one table by itself: what its CSV file has no room for."""
    written, parts = table_of(dataset, table)
    for _part in parts:
        pass  # only to count and weigh them
    return description_of(dataset, [table], {table.name: written})


def as_text(description: dict) -> str:
    """A description as it is written."""
    return json.dumps(description, ensure_ascii=False, indent=2)


def as_codebook() -> str:
    """The codebook as CSV."""
    rows = [list(map(str, codebook.HEADINGS)), *codebook.lines(TABLES.values())]
    return BOM + "".join(map(line, rows))


def description_of(
    dataset: Dataset, tables: Iterable[Table], written: dict[str, Written]
) -> dict:
    """The description of some tables that were written."""
    about = dataset.about
    tables = list(tables)
    told = {name: str(value) for name, _label, value in about.statements()}
    return {
        "profile": "tabular-data-package",
        "name": "resistance-and-response",
        "title": str(SITE),
        "description": told["contents"],
        "homepage": absolute("/"),
        "version": str(about.version.number) if about.version else "0",
        "created": about.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licenses": [
            {"name": "CC-BY-4.0", "path": LICENCE_ADDRESS, "title": str(LICENCE)}
        ],
        "about": told,
        "resources": [
            resource(table, written[table.name], tables, partial=about.is_partial)
            for table in tables
        ],
    }


def resource(
    table: Table, written: Written, tables: list[Table], *, partial: bool
) -> dict:
    """The description of one file."""
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": written.name,
        "title": str(table.label),
        "description": str(table.meaning),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "rows": written.rows,
        "bytes": written.bytes,
        "hash": f"sha256:{written.sha256}",
        "schema": {
            "fields": [field(column) for column in table.columns],
            "missingValues": MISSING,
            **({"primaryKey": list(table.key)} if table.key else {}),
            "foreignKeys": list(foreign_keys(table, tables, partial=partial)),
        },
    }


def field(column: Column) -> dict:
    """The description of a column."""
    told = {
        "name": column.name,
        "title": str(column.label),
        "description": str(column.meaning),
        "type": TYPES.get(column.kind, "string"),
    }
    values = [value for value, _label in column.values if value not in MISSING]
    return told | ({"constraints": {"enum": values}} if values else {})


def foreign_keys(table: Table, tables: list[Table], *, partial: bool) -> Iterator[dict]:
    """Which columns hold keys of which tables, of those in the package."""
    here = {one.name: one for one in tables}
    for column in table.columns:
        other = here.get(column.refers)
        if other is None or column.kind == Kind.LIST:
            continue
        if partial and column.name == LEADS_OUT:
            continue
        # The key of an encounter is that of its case, and its number.
        fields = [*table.key[: len(other.key) - 1], column.name]
        reference = "" if other is table else other.name
        yield {
            "fields": fields,
            "reference": {"resource": reference, "fields": list(other.key)},
        }


def readme(dataset: Dataset) -> str:
    """What the package says to people."""
    told = [f"{SITE}\n"]
    told += [f"{label}: {value}\n" for _n, label, value in dataset.about.statements()]
    told.append(_("Files"))
    told += [
        f"- {table.name}.csv: {table.label}. {table.meaning}"
        for table in TABLES.values()
    ]
    told.append(
        "- codebook.csv: {}".format(
            _("What each column means, its type and its values.")
        )
    )
    told.append(f"- {PACKAGE}: {_('The same for programs (Frictionless).')}")
    told.append(f"- {SUMS}: {_('To check the files: sha256sum -c SHA256SUMS')}\n")
    told += how_to_read()
    return "\n".join(told) + "\n"


def how_to_read() -> Iterator[str]:
    """What is true of all tables."""
    yield _(
        "“not-stated” means that the source does not say it; an empty cell, that it"
        " does not apply; “not-public”, that a term was taken back."
    )
    yield _("Lists in one cell have “; ” between their values.")
    yield _(
        "In CSV files, a text that a spreadsheet program could take for a formula"
        " begins with an apostrophe."
    )
