"""Every file that there is, by its name: each table by itself, and all together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kb.exports import package, workbook
from kb.exports.about import Dataset
from kb.exports.columns import Table
from kb.exports.matrix import MATRIX
from kb.exports.tables import TABLES
from kb.exports.writing import as_csv, as_json

ALL = "data"  # what a file with every table is called
AT_ONCE = 65_536  # bytes
CSV, JSON, ZIP = "text/csv; charset=utf-8", "application/json", "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PACKAGE = "application/vnd.datapackage+json"


@dataclass(frozen=True)
class File:
    """A file: its name, its kind, and how its bytes are made.

    description is the name of the file that describes it, where it cannot itself.
    meaning says what is in it, where that is every table.
    """

    name: str
    kind: str
    parts: Callable[[Dataset], Iterator[bytes]]
    description: str = ""
    meaning: str | Promise = ""


def of_table(table: Table) -> Iterator[File]:
    """The files of one table."""
    described = f"{table.name}.datapackage.json"

    def description(dataset: Dataset) -> Iterator[bytes]:
        yield package.as_text(package.describing(dataset, table)).encode()

    yield File(
        f"{table.name}.csv",
        CSV,
        lambda dataset: as_csv(table, dataset.rows(table)),
        described,
    )
    yield File(f"{table.name}.json", JSON, lambda dataset: as_json(dataset, [table]))
    yield File(described, PACKAGE, description)


def built(
    write: Callable[[Dataset, IO[bytes]], None],
) -> Callable[[Dataset], Iterator[bytes]]:
    """The pieces of a file that has to be whole before its first byte goes out."""

    def parts(dataset: Dataset) -> Iterator[bytes]:
        with TemporaryFile() as file:
            write(dataset, file)
            file.seek(0)
            while some := file.read(AT_ONCE):
                yield some

    return parts


WHOLE = (
    File(
        f"{ALL}.zip",
        ZIP,
        built(package.write),
        meaning=_(
            "every table as CSV, with a description for programs (Frictionless), the"
            " codebook and checksums."
        ),
    ),
    File(
        f"{ALL}.xlsx",
        XLSX,
        built(workbook.write),
        meaning=_("every table as a sheet, for spreadsheet programs."),
    ),
    File(
        f"{ALL}.json",
        JSON,
        lambda dataset: as_json(dataset, TABLES.values()),
        meaning=_("every table as JSON."),
    ),
)
FILES: dict[str, File] = {
    file.name: file
    for file in (*WHOLE, *(file for t in TABLES.values() for file in of_table(t)))
}
MATRIX_FILES: dict[str, File] = {file.name: file for file in of_table(MATRIX)}
