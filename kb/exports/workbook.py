"""The dataset as one XLSX workbook: a sheet a table, and sheets that explain."""

import shutil
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.writer.excel import ExcelWriter

from curation.tables import guarded
from kb.exports.about import Dataset
from kb.exports.codebook import HEADINGS, lines
from kb.exports.package import LONG_AGO
from kb.exports.tables import TABLES
from kb.exports.writing import plain

MOST_ROWS = 1_048_575  # of a sheet, below its head
MOST_IN_A_CELL = 32_767  # openpyxl would cut the text off unasked
WIDTH = 24
DAY = "yyyy-mm-dd"


def write(dataset: Dataset, file: IO[bytes]) -> None:
    """Write a workbook; rows go to the disk as they come."""
    tables = TABLES.values()
    book = Workbook(write_only=True)
    about = sheet(book, _("About"), [_("What"), _("Words")], width=2 * WIDTH)
    made = [sheet(book, table.name, table.names) for table in tables]
    codebook = sheet(book, _("Codebook"), list(map(str, HEADINGS)))
    told = []
    for table, into in zip(tables, made, strict=True):
        count = fill(into, (row.values() for row in dataset.rows(table)))
        into.auto_filter.ref = f"A1:{letters(len(table.columns))}{count + 1}"
        told.append([_("Rows in “{sheet}”").format(sheet=table.name), count])
    stated = [[label, value] for _name, label, value in dataset.about.statements()]
    fill(about, stated + told)
    fill(codebook, lines(tables))
    book.properties.created = book.properties.modified = dataset.about.at
    with Archive(file, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).save()


class Archive(zipfile.ZipFile):
    """A ZIP in which no clock is: the same data gives the same bytes."""

    def writestr(self, name: str, data: bytes | str, *args) -> None:
        info = zipfile.ZipInfo(name, LONG_AGO)
        info.compress_type = zipfile.ZIP_DEFLATED
        super().writestr(info, data)

    def write(self, path: str, name: str) -> None:
        info = zipfile.ZipInfo(name, LONG_AGO)
        info.compress_type = zipfile.ZIP_DEFLATED
        with Path(path).open("rb") as file, self.open(info, "w") as into:
            shutil.copyfileobj(file, into)


def sheet(book: Workbook, title: str, head: list[str], width: int = WIDTH):
    """A sheet with a head that stays in view."""
    made = book.create_sheet(title)
    made.freeze_panes = "A2"
    for n in range(1, len(head) + 1):
        made.column_dimensions[letters(n)].width = width
    cells = [WriteOnlyCell(made, name) for name in head]
    for cell in cells:
        cell.font = Font(bold=True)
    made.append(cells)
    return made


def fill(into, rows: Iterable[Iterable[object]]) -> int:
    """Write rows into a sheet; say how many were written."""
    count = 0
    for row in rows:
        if count == MOST_ROWS:
            break  # the CSV file has them all
        into.append([in_cell(into, value) for value in row])
        count += 1
    return count


def in_cell(into, value: object) -> object:
    """A value of the type that it has; a text stays one, whatever it looks like."""
    if isinstance(value, int):
        return value
    if isinstance(value, date):
        cell = WriteOnlyCell(into, value)
        cell.number_format = DAY
        return cell
    text = str(plain(value))
    if not text:
        return None
    if len(text) > MOST_IN_A_CELL:
        text = f"{text[: MOST_IN_A_CELL - 1]}…"
    if guarded(text) == text and not text.startswith("#"):
        return text  # the library takes it for nothing else, and is quicker so
    cell = WriteOnlyCell(into, text)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def letters(n: int) -> str:
    """What a spreadsheet calls its column of this number."""
    before, last = divmod(n - 1, 26)
    return (letters(before) if before else "") + chr(65 + last)
