"""A case as rows of tables that people can fill in, and back.

Rows are joined by what can be seen in them: the code of the case, and the numbers of
its encounters and responses.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from django.db import models
from django.utils.translation import gettext as _

from cases.importing import (
    CASE,
    ENCOUNTER,
    RESPONSE,
    FixtureError,
    Placed,
    Shape,
)
from cases.models import Region

CITATION, ALIAS = CASE.children["citations"], CASE.children["aliases"]
EXAMPLE = "C000"  # the case that the template shows, and no import takes
KEYS = ("case", "encounter", "response")
NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85]")
# How a formula begins, full-width signs included, whatever number of guards is there.
FORMULA = "'*[=+\\-@\t\n＝＋－＠﹦﹢﹣﹫]"
UNTELLABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def tidy(text: str) -> str:
    """A text as every kind of file can hold it."""
    return UNTELLABLE.sub("", NEWLINE.sub("\n", text)).strip()


def guarded(text: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    return f"'{text}" if re.match(FORMULA, text) else text


def unguarded(text: str) -> str:
    """The text that was guarded."""
    return text[1:] if text.startswith("'") and re.match(FORMULA, text) else text


class FileError(ValueError):
    """All that is wrong with a file, one error a row."""

    def __init__(self, *errors: FixtureError):
        super().__init__("\n".join(map(complaint, errors)))
        self.errors = errors


@dataclass(frozen=True)
class Table:
    """One kind of rows: the name of its sheet, and what a row of it is called."""

    sheet: str
    word: str
    shape: Shape
    keys: tuple[str, ...]

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that must be there."""
        own = (name for name in self.shape.fields if name != self.shape.key)
        return (*self.keys, *own, *self.shape.many)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, those that may be left out at the end."""
        return (*self.needed, *self.shape.usual)


TABLES = {
    table.sheet: table
    for table in (
        Table("cases", "case", CASE, KEYS[:1]),
        Table("encounters", "encounter", ENCOUNTER, KEYS[:2]),
        Table("responses", "response", RESPONSE, KEYS),
        Table("citations", "citation", CITATION, KEYS),
        Table("aliases", "alias", ALIAS, KEYS[:1]),
    )
}


@dataclass(frozen=True)
class Line:
    """A filled row of a table, and the words that say where it stands."""

    table: Table
    cells: dict[str, object]
    where: str


def complaint(error: FixtureError) -> str:
    """An error as a sentence that names sheet, row and column."""
    if not error.said or not error.name or "row" not in error.where:
        return str(error)
    name = "case" if error.name == CASE.key else error.name
    return _("{where}, column “{name}”: {said}").format(
        where=error.where, name=name, said=error.said
    )


def headed(table: Table, found: Iterable[str], where: str) -> Iterator[FixtureError]:
    """What is wrong with the columns of a table."""
    found = list(found)
    for name in dict.fromkeys(found):
        if name not in table.columns:
            yield unknown(name, table.columns, where)
        elif found.count(name) > 1:
            yield FixtureError(where, name, _("this column stands twice"))
    for name in table.needed:
        if name not in found:
            yield FixtureError(where, name, _("this column is missing"))


def unknown(name: str, known: Iterable[str], where: str) -> FixtureError:
    """There is no such column; the ones that are spelled much like it."""
    alike = get_close_matches(name[:80], known, n=3)
    said = _("there is no such column")
    if alike:
        said = _("{said}; did you mean {names}?").format(
            said=said, names=", ".join(f"“{name}”" for name in alike)
        )
    return FixtureError(where, name, said)


def split(data: dict) -> Iterator[tuple[Table, dict]]:
    """The rows of a case, in the order in which people read them."""
    code = {"case": data["code"]}
    yield TABLES["cases"], code | own(CASE, data)
    yield from cited(data, code)
    for alias in data["aliases"]:
        yield TABLES["aliases"], code | own(ALIAS, alias)
    for n, encounter in enumerate(data["encounters"], 1):
        first = code | {"encounter": n}
        yield TABLES["encounters"], first | own(ENCOUNTER, encounter)
        yield from cited(encounter, first)
        for m, response in enumerate(encounter["responses"], 1):
            second = first | {"response": m}
            yield TABLES["responses"], second | own(RESPONSE, response)
            yield from cited(response, second)


def own(shape: Shape, data: dict) -> dict:
    """The cells of a row besides its keys."""
    cells = {name: data[name] for name in shape.columns if name != shape.key}
    return cells | {name: "; ".join(data[name]) for name in shape.many}


def cited(data: dict, keys: dict) -> Iterator[tuple[Table, dict]]:
    """The rows of the citations of a statement."""
    for citation in data["citations"]:
        yield TABLES["citations"], keys | own(CITATION, citation)


def join(lines: Iterable[Line]) -> list[Placed]:
    """The cases that the rows tell. Raises FileError where rows do not fit together."""
    lines, tree = list(lines), Tree()
    for table in TABLES.values():
        for line in lines:
            if line.table is table:
                tree.add(line)
    if tree.errors:
        raise FileError(*tree.errors)
    return tree.cases()


class Tree:
    """Cases under their code, encounters and responses under their numbers."""

    def __init__(self):
        self.nodes: dict[tuple, Placed] = {}
        self.errors: list[FixtureError] = []

    def add(self, line: Line) -> None:
        """Hang a row where its keys say; note what is wrong with it."""
        try:
            path, item = place(line), Placed({}, line.where)
            if line.table.word in KEYS:
                self.grow(path, item, line)
            else:
                self.parent(path, line)[line.table.sheet].append(item)
            item.update(filled(line))
        except FixtureError as error:
            self.errors.append(error)

    def grow(self, path: tuple, item: Placed, line: Line) -> None:
        """Put in a case, an encounter or a response."""
        name = KEYS[len(path) - 1]
        if path in self.nodes:
            raise FixtureError(
                line.where,
                name,
                _("{where} has “{key}” already").format(
                    where=self.nodes[path].where, key=path[-1]
                ),
            )
        if len(path) > 1:
            self.parent(path[:-1], line)
        item |= {child: [] for child in line.table.shape.children}
        self.nodes[path] = item

    def parent(self, path: tuple, line: Line) -> Placed:
        """The row that the keys of another one name."""
        if path not in self.nodes:
            raise FixtureError(
                line.where,
                KEYS[len(path) - 1],
                _("there is no {what} “{key}” for it in this file").format(
                    what=KEYS[len(path) - 1], key=path[-1]
                ),
            )
        return self.nodes[path]

    def cases(self) -> list[Placed]:
        """The cases as they were told; what hangs below them by its number."""
        for path in sorted((p for p in self.nodes if len(p) > 1), key=lambda p: p[1:]):
            above, name = self.nodes[path[:-1]], ("encounters", "responses")
            above[name[len(path) - 2]].append(self.nodes[path])
        return [item for path, item in self.nodes.items() if len(path) == 1]


def place(line: Line) -> tuple:
    """The keys of a row: a code, and numbers."""
    code = str(line.cells.get("case") or "").strip()
    if not code:
        raise FixtureError(line.where, "case", _("give the code of the case"))
    keys = line.table.keys[1:]
    if line.table is TABLES["citations"]:  # of a case, an encounter or a response
        keys = keys[: sum(line.cells.get(name) not in (None, "") for name in keys)]
    return code, *(number(line.cells.get(name), line.where, name) for name in keys)


def number(cell: object, where: str, name: str) -> int:
    """A number from 1 on, in a cell."""
    text = str(whole(cell))
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text)):
        raise FixtureError(where, name, _("write a whole number from 1 on"))
    return int(text)


def whole(cell: object) -> object:
    """A number of a spreadsheet, which knows no whole ones."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell


def filled(line: Line) -> dict:
    """The fields of a row, as the mappings of a YAML file would hold them."""
    shape = line.table.shape
    data = {}
    for name in shape.columns:
        cell = line.cells.get(name)
        if name == shape.key:
            data[name] = str(line.cells["case"]).strip()
        elif cell not in (None, "") or name not in shape.usual:
            data[name] = value(shape.model._meta.get_field(name), cell, line.where)
    for name in shape.many:
        text = str(line.cells.get(name) or "").replace(";", " ").replace(",", " ")
        data[name] = text.split()
    return data


def value(column: models.Field, cell: object, where: str) -> object:
    """What a cell holds for a field."""
    if cell is None or cell == "":
        return None if column.null else ""
    if isinstance(cell, bool):
        raise FixtureError(where, column.name, _("write it as text"))
    is_day = isinstance(column, models.DateField)
    if isinstance(cell, date) and not is_day:
        said = _("this is a date: format the column as text, and write it again")
        raise FixtureError(where, column.name, said)
    if isinstance(cell, datetime):
        return cell.date()
    cell = whole(cell)
    if column.related_model is Region and str(cell).isascii():
        return str(cell).zfill(3)  # a spreadsheet drops the noughts of 034
    if isinstance(column, models.CharField | models.TextField) or column.is_relation:
        return str(cell)
    return cell
