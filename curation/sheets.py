"""Files that people filled in: XLSX, CSV and YAML, read with care.

Whatever is wrong with one, a broken archive included, is a sentence and no crash.
"""

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePath

import yaml
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from cases.importing import CASE, FixtureError, Placed, listed
from curation.tables import (
    NEWLINE,
    TABLES,
    UNTELLABLE,
    FileError,
    Line,
    Table,
    headed,
    join,
    tidy,
    unguarded,
    unknown,
)

MOST_BYTES = 10_000_000
MOST_UNPACKED = 80_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 100
DEEPEST = 20

# Sheets of the template that explain, and hold no records.
LISTS = (
    *("columns", "sources", "strategies", "forms"),
    *("organisations", "countries", "regions"),
)
BROKEN = (
    *(zipfile.BadZipFile, InvalidFileException, zlib.error, EOFError, OSError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, SyntaxError),
    *(RuntimeError, NotImplementedError, AssertionError),
)

csv.field_size_limit(MOST_BYTES)


def read(name: str, content: bytes) -> list[Placed]:
    """The cases in a file, each value with its place. Raises FileError."""
    ending = PurePath(name).suffix.lower()
    try:
        if ending not in READERS:
            known = ", ".join(sorted(READERS))
            raise FixtureError(name, said=_("a file ends in {}").format(known))
        if len(content) > MOST_BYTES:
            raise FixtureError(name, said=_("this file is larger than 10 MB"))
        return READERS[ending](name, content)
    except FixtureError as error:
        raise FileError(error) from error


def read_xlsx(name: str, content: bytes) -> list[Placed]:
    """The cases in a workbook, one table a sheet."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what we neither read nor keep
            refuse_bomb(name, content)
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            sheets = {
                sheet.title.strip().lower(): list(rows_of(sheet, name))
                for sheet in book.worksheets
                if sheet.title.strip().lower() not in LISTS
            }
    except FixtureError:
        raise
    except BROKEN as error:
        said = _("this is not an XLSX file, or it is broken")
        raise FixtureError(name, said=said) from error
    for title in sheets:
        if title not in TABLES:
            said = _("there is no such sheet; there are: {}").format(", ".join(TABLES))
            raise FixtureError(name, _("sheet “{}”").format(title), said)
    for title in TABLES:
        if title not in sheets:
            raise FixtureError(name, said=_("the sheet “{}” is missing").format(title))
    return join(lines(name, sheets))


def refuse_bomb(name: str, content: bytes) -> None:
    """Refuse what is small as a file and huge in memory."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
            raise FixtureError(name, said=_("this file is too large when unpacked"))


def rows_of(sheet, name: str) -> Iterator[tuple[int, list]]:
    """The filled rows of a sheet with their numbers. Formulas are refused."""
    sheet.reset_dimensions()  # a file may lie about them
    filled = 0
    for n, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        for cell in cells:
            if cell.data_type in ("f", "e") and cell.value is not None:
                where = _("sheet “{sheet}”, row {row}").format(sheet=sheet.title, row=n)
                said = _("this is a formula or an error: paste it as a value")
                raise FixtureError(where, cell.column_letter, said)
        values = [cell.value for cell in cells]
        if any(value not in (None, "") for value in values):
            filled += 1
            yield n, values
        if filled > MOST_ROWS or n > 2 * MOST_ROWS:
            raise FixtureError(name, said=too_many())


def too_many() -> str:
    return _("more than {} rows: import them in parts").format(f"{MOST_ROWS:,}")


def lines(name: str, sheets: dict[str, list]) -> Iterator[Line]:
    """The rows of all sheets under the names of their columns."""
    errors: list[FixtureError] = []
    found: list[Line] = []
    for title, rows in sheets.items():
        where = _("sheet “{sheet}”, row {row}")
        number, header = rows[0] if rows else (1, [])
        names = [str(cell).strip().lower() if cell else "" for cell in header]
        at = where.format(sheet=title, row=number)
        errors += headed(TABLES[title], filter(None, names), at)
        for n, values in rows[1:]:
            at = where.format(sheet=title, row=n)
            found.append(line(TABLES[title], names, values, at, errors))
    if sum(map(len, sheets.values())) > MOST_ROWS:
        raise FixtureError(name, said=too_many())
    if errors:
        raise FileError(*errors)
    yield from found


def line(
    table: Table, names: list[str], values: list, where: str, errors: list
) -> Line:
    """A row under the names of its columns, its texts without guards."""
    cells = {}
    for n, cell in enumerate(values):
        name = names[n] if n < len(names) else ""
        if cell in (None, ""):
            continue
        if not name or name not in table.columns:
            said = _("nothing belongs here in this row: leave it empty")
            errors.append(
                FixtureError(where, name or _("{} from the left").format(n + 1), said)
            )
        elif isinstance(cell, str):
            cells[name] = unguarded(told(cell, where, name, errors))
        else:
            cells[name] = cell
    return Line(table, cells, where)


def told(text: str, where: str, name: str, errors: list) -> str:
    """A text of a file, tidied; a character that no text holds is an error."""
    folded = NEWLINE.sub("\n", text)
    if odd := UNTELLABLE.search(folded):
        code = f"U+{ord(odd[0]):04X}"
        said = _("the character {} is no part of a text").format(code)
        errors.append(FixtureError(where, name, said))
    return tidy(text)


def read_csv(name: str, content: bytes) -> list[Placed]:
    """The cases in a CSV file, whose first column says of which table a row is."""
    text = decoded(name, content)
    start = text[:8].lstrip('"')
    delimiter = ";" if re.match('table"?;', start, re.IGNORECASE) else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(n, row) for n, row in enumerate(reader, 1) if any(row)]
    except csv.Error as error:
        raise FixtureError(name, said=f"{_('this is not CSV')}: {error}") from error
    if len(rows) > MOST_ROWS:
        raise FixtureError(name, said=too_many())
    names = [cell.strip().lower() for cell in rows[0][1]] if rows else [""]
    if names[0] != "table":
        said = _("the first column is called “table”; between columns stands , or ;")
        raise FixtureError(name, said=said)
    return join(csv_lines(names, rows[1:]))


def csv_lines(names: list[str], rows: list[tuple[int, list]]) -> Iterator[Line]:
    """The rows of a CSV file, each of its own table."""
    words = {table.word: table for table in TABLES.values()}
    known = {name for table in TABLES.values() for name in table.columns}
    errors = [
        unknown(name, known, _("row {}").format(1))
        for name in names[1:]
        if name and name not in known
    ]
    found, used = [], {}
    for n, row in rows:
        where = _("row {}").format(n)
        if (word := row[0].strip().lower()) not in words:
            said = _("write one of: {}").format(", ".join(words))
            errors.append(FixtureError(where, "table", said))
            continue
        used[word] = words[word]
        found.append(line(words[word], names[1:], row[1:], where, errors))
    for table in used.values():
        own = [name for name in names[1:] if name in table.columns]
        errors += headed(table, own, _("row {}").format(1))
    if errors:
        raise FileError(*dict.fromkeys(errors))
    yield from found


def decoded(name: str, content: bytes) -> str:
    """The text of a file in UTF-8, with or without its mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        said = _("this is not UTF-8: save it as “CSV UTF-8”, or as XLSX")
        raise FixtureError(name, said=said) from error


def read_yaml(name: str, content: bytes) -> list[Placed]:
    """The cases in a YAML file: one mapping, or a list of them."""
    text = decoded(name, content)
    refuse_tangle(name, text)
    errors: list[FixtureError] = []
    found = [
        Placed(swept(item, where, "", errors), where)
        for where, item in listed(name, text, CASE.key)
    ]
    if errors:
        raise FileError(*errors)
    return found


def refuse_tangle(name: str, text: str) -> None:
    """Refuse a YAML text that is deeper, longer or more knotted than cases are."""
    depth = rows = 0
    try:
        for event in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(event, yaml.AliasEvent):
                raise FixtureError(name, said=_("write things out: no & and *"))
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            rows += isinstance(event, yaml.MappingStartEvent)
            if depth > DEEPEST:
                raise FixtureError(name, said=_("this is nested too deeply"))
            if rows > MOST_ROWS:
                raise FixtureError(name, said=too_many())
    except yaml.YAMLError as error:
        raise FixtureError(name, said=str(error)) from error


def swept(value, where: str, name: str, errors: list):
    """A value of a YAML file with its texts tidied."""
    match value:
        case str():
            return told(value, where, name, errors)
        case dict():
            return {key: swept(v, where, str(key), errors) for key, v in value.items()}
        case list():
            return [swept(item, where, name, errors) for item in value]
        case _:
            return value


READERS = {
    ".xlsx": read_xlsx,
    ".csv": read_csv,
    ".yaml": read_yaml,
    ".yml": read_yaml,
}
