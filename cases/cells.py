"""The matrix as a reader sees it: rows in groups, cells named by a sentence."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import QuerySet
from django.utils.functional import Promise

from cases import facets
from cases.facets import FACETS, Axes, Cell, Option, Table, Vocabulary
from cases.models import Case
from cases.sentences import sentence
from sources.choices import NOT_STATED

MOST_CODES = 3  # cases named in a cell
MOST_CASES = 200  # past this many, cells show numbers only


@dataclass(frozen=True)
class Square:
    """One cell: a number, the sentence that says what it counts, and which cases."""

    count: int
    sentence: str
    query: str
    codes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """One row of the matrix."""

    option: Option
    squares: list[Square]
    total: Square


@dataclass(frozen=True)
class Head:
    """The head of a column; opens is the query of the table of what is under it."""

    label: str | Promise
    opens: str


@dataclass(frozen=True)
class Grid:
    """The whole matrix: row groups, column heads, totals."""

    columns: list[Head]
    column_groups: list[tuple[str, int]]
    groups: list[tuple[str, list[Line]]]
    totals: list[Square]
    total: Square

    @property
    def filled(self) -> list[Square]:
        """Cells with cases, for the list twin."""
        return [
            square
            for _name, lines in self.groups
            for line in lines
            for square in line.squares
            if square.count
        ]


def grid(table: Table, axes: Axes, words: Vocabulary) -> Grid:
    """Lay a table out in rows and squares."""
    codes = codes_in(table, axes)

    def square(cell: Cell, names: list[str] | None = None) -> Square:
        return Square(
            cell.count,
            sentence(cell.selection, cell.count, words),
            cell.selection.query(),
            names or [],
        )

    lines = [
        Line(
            row,
            [
                square(
                    table.cells[row.value, column.value],
                    codes[row.value, column.value],
                )
                for column in table.columns
            ],
            square(table.row_totals[row.value]),
        )
        for row in table.rows
    ]
    by_group = groupby(lines, key=lambda line: str(line.option.group))
    heads = groupby(table.columns, key=lambda option: str(option.group))
    return Grid(
        columns=[head(column, axes, table) for column in table.columns],
        column_groups=[(name, len(list(options))) for name, options in heads],
        groups=[(name, list(found)) for name, found in by_group],
        totals=[square(table.column_totals[c.value]) for c in table.columns],
        total=square(table.total),
    )


def head(column: Option, axes: Axes, table: Table) -> Head:
    """A column’s head; a family opens to its strategies."""
    narrower = facets.NARROWER.get(axes.name)
    if not narrower or column.value == NOT_STATED:
        return Head(column.label, "")
    opened = table.total.selection.putting(axes.columns, {column.value})
    return Head(column.label, opened.query(axes=narrower))


def codes_in(table: Table, axes: Axes) -> dict[tuple[str, str], list[str]]:
    """Which cases stand in each cell, a few by code; none when there are very many."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    if len(table.base) > MOST_CASES:
        return found
    for row, column, code in members(list(table.base.keys), axes):
        if len(found[row, column]) < MOST_CODES:
            found[row, column].append(code)
    return found


def members(keys: list[int], axes: Axes) -> QuerySet:
    """(row, column, code) of each line of the cases, in the order of the codes."""
    return (
        Case.objects.published()
        .filter(pk__in=keys)
        .values_list(
            FACETS[axes.rows].of_line(), FACETS[axes.columns].of_line(), "code"
        )
        .order_by("code")
        .distinct()
    )
