"""Rows as files that programs read while they are written: CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import batched

from curation.tables import guarded
from kb.exports.about import Dataset
from kb.exports.columns import BETWEEN, Table
from kb.exports.rows import Row, in_json

BOM = "\ufeff"  # or a spreadsheet program takes the letters for others
AT_ONCE = 200  # rows in one piece of a file


def as_csv(table: Table, rows: Iterable[Row]) -> Iterator[bytes]:
    """A table as CSV. A text that could be taken for a formula begins with “'”."""
    yield f"{BOM}{line(table.names)}".encode()
    for some in batched(rows, AT_ONCE, strict=False):
        yield "".join(line(map(cell, row.values())) for row in some).encode()


def line(cells: Iterable[object]) -> str:
    """One line of a CSV file."""
    made = io.StringIO()
    csv.writer(made).writerow(cells)
    return made.getvalue()


def cell(value: object) -> object:
    """A value as a text that no spreadsheet program takes for a formula."""
    text = plain(value)
    return guarded(text) if isinstance(text, str) else text


def plain(value: object) -> object:
    """A value that fits into one cell."""
    if isinstance(value, list):
        return BETWEEN.join(value)
    return value.isoformat() if isinstance(value, date) else value


def as_json(dataset: Dataset, tables: Iterable[Table]) -> Iterator[bytes]:
    """Tables as JSON: what is stated first, the numbers of rows with each table."""
    stated = {name: value for name, _label, value in dataset.about.statements()}
    head = json.dumps(stated, default=str, ensure_ascii=False, indent=1)
    yield f'{{"about": {head},\n"tables": {{'.encode()
    for n, table in enumerate(tables):
        yield f'{"," if n else ""}\n"{table.name}": {{"rows": [\n'.encode()
        count = 0
        for some in batched(dataset.rows(table), AT_ONCE, strict=False):
            told = (as_object(table, row) for row in some)
            yield f"{',\n' if count else ''}{',\n'.join(told)}".encode()
            count += len(some)
        yield f'\n], "row_count": {count}}}'.encode()
    yield b"\n}}\n"


def as_object(table: Table, row: Row) -> str:
    """A row as JSON."""
    told = {column.name: in_json(column, row[column.name]) for column in table.columns}
    return json.dumps(told, default=str, ensure_ascii=False)
