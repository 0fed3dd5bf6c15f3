"""Cases as files that people can fill in and send back: XLSX, CSV and YAML.

A cell that a spreadsheet program could take for a formula is written with an apostrophe
before it, and read without; so what was exported can be imported again.
"""

import csv
import io
from collections.abc import Iterable

import yaml
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from cases.importing import FixtureError
from curation.tables import TABLES, guarded, split, tidy

MOST_IN_A_CELL = 32_767  # an XLSX cell; openpyxl would cut the text off unasked

type Lists = dict[str, list[list]]


def write(ending: str, cases: Iterable[dict], lists: Lists | None = None) -> bytes:
    """A file of this kind with these cases in it. Raises FixtureError.

    lists are what a workbook explains on further sheets, and other files in comments.
    """
    return WRITERS[ending](cases, lists or {})


def write_xlsx(cases: Iterable[dict], lists: Lists) -> bytes:
    """A workbook: one table a sheet, and after them sheets that explain."""
    rows = {title: [list(table.columns)] for title, table in TABLES.items()}
    for data in cases:
        for table, row in split(data):
            rows[table.sheet].append([row.get(name) for name in table.columns])
    # Every text is looked at before the first is written: openpyxl leaves half a
    # workbook in a temporary file otherwise.
    sheets = {
        title: [[in_cell(title, value) for value in row] for row in cells]
        for title, cells in (rows | lists).items()
    }
    book = Workbook(write_only=True)
    for title, cells in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for n, row in enumerate(cells):
            sheet.append([as_text(sheet, value, is_head=not n) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def in_cell(title: str, value: object) -> object:
    """A value as a cell may hold it: a number, or a text that fits."""
    if value is None or isinstance(value, int):
        return value
    text = guarded(tidy(str(value)))
    if len(text) > MOST_IN_A_CELL:
        said = _("a text is too long for a spreadsheet: choose YAML")
        raise FixtureError(_("sheet “{}”").format(title), f"{text[:40]}…", said)
    return text


def as_text(sheet, value: object, *, is_head: bool) -> object:
    """A cell whose text stays what it is, whatever it looks like."""
    if not isinstance(value, str) or not value:
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    cell.number_format = "@"
    if is_head:
        cell.font = Font(bold=True)
    return cell


def write_csv(cases: Iterable[dict], lists: Lists) -> bytes:
    """One CSV file with the rows of all tables. It has no room for explanations."""
    names = dict.fromkeys(n for table in TABLES.values() for n in table.columns)
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(["table", *names])
    for data in cases:
        for table, row in split(data):
            cells = (row.get(name) for name in names)
            texts = ("" if cell is None else guarded(tidy(str(cell))) for cell in cells)
            writer.writerow([table.word, *texts])
    return file.getvalue().encode("utf-8-sig")


def write_yaml(cases: Iterable[dict], lists: Lists) -> bytes:
    """A list of mappings of the shape that fixtures/cases has."""
    told = [
        " · ".join(str(cell) for cell in row if cell not in (None, ""))
        for title, rows in lists.items()
        for row in [["", title.upper()], *rows]
    ]
    head = "".join(f"# {tidy(line).replace('\n', ' ')}\n" for line in told)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(
        [unplaced(data) for data in cases],
        Dumper=dumper,
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )
    return f"{head}{text}".encode()


def unplaced(value):
    """Plain mappings and lists, with texts as every file can hold them."""
    match value:
        case str():
            return tidy(value)
        case dict():
            return {key: unplaced(item) for key, item in value.items()}
        case list():
            return [unplaced(item) for item in value]
        case _:
            return value


WRITERS = {".xlsx": write_xlsx, ".csv": write_csv, ".yaml": write_yaml}
