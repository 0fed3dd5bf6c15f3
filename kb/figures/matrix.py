"""The matrix as a drawing: what the page shows, with what a picture must say itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from cases.cells import Grid, Line, Square
from cases.facets import Axes, Option
from kb.figures.drawing import LINE, Box, Sheet, Words, length, wrapped

EDGE = 24.0
MARGIN = 6.0  # inside a cell
ROW_HEADS = 168.0
BROAD, NARROW = 118.0, 50.0  # columns
FEW_COLUMNS = 9  # so many can have their heads written across
LONGEST_HEAD = 230.0  # of a head that is written upwards
SMALL, USUAL, LARGE, TITLE = 10.0, 12.0, 16.0, 22.0
FILLED, TOTALS, GROUPS = "#dcebe8", "#f3f6f5", "#e6ecea"
SOFT = "#4a5855"


@dataclass(frozen=True)
class Told:
    """What the drawing says besides its numbers."""

    sentence: str
    address: str  # of the page that shows the same
    is_filtered: bool
    everything: int  # how many cases there are without the filter
    day: date

    def legend(self) -> Iterator[str]:
        """What is to be known to read it, and where it is from."""
        yield _(
            "A number is how many cases have both; below it stand their codes. A case"
            " can stand in several cells; a total counts it once, answered or not."
        )
        yield _(
            "0 means: no case recorded here has it. It does not mean that it does not"
            " happen, or that nobody answered it."
        )
        yield _("Forms and strategies are often a curator’s reading.")
        if self.is_filtered:
            everything = {"n": self.everything}
            yield _("This is a part: there are %(n)s cases in all.") % everything
        yield _("As of %(day)s. %(address)s") % {
            "day": date_format(self.day, "j F Y"),
            "address": self.address,
        }
        yield _(
            "Resistance and response: a knowledge base, built from a brief of the UN"
            " Trust Fund to End Violence against Women. This is not a UN site. Text:"
            " CC BY 4.0."
        )


def draw(grid: Grid, axes: Axes, told: Told) -> Sheet:
    """The matrix with its heading and its legend."""
    is_turned = len(grid.columns) > FEW_COLUMNS
    cell = NARROW if is_turned else BROAD
    table = ROW_HEADS + cell * (len(grid.columns) + 1)
    sheet = Sheet(max(table, 620) + 2 * EDGE, is_rtl=get_language_bidi())
    room = sheet.width - 2 * EDGE
    y = paragraph(sheet, EDGE + TITLE, told.sentence, room, size=TITLE, weight=700)
    y = paragraph(sheet, y, str(axes.label), room, size=LARGE, ink=SOFT)
    y = heads(sheet, grid, str(axes.label), y, cell, is_turned=is_turned)
    for name, lines in grid.groups:
        if name:
            y = group(sheet, y, name, table)
        for line in lines:
            y = row(sheet, y, line, cell)
    totals = Line(Option("", _("All cases")), grid.totals, grid.total)
    y = row(sheet, y, totals, cell, fill=TOTALS) + LARGE * 2
    for text in told.legend():
        y = paragraph(sheet, y, text, room, size=USUAL)
    sheet.height = round(y + EDGE - USUAL)
    return sheet


def paragraph(sheet: Sheet, y: float, text: str, room: float, **look) -> float:
    """Write a text in as many lines as it needs; gives where the next one begins."""
    lines = wrapped(text, look["size"], room)
    sheet.write(EDGE, y, lines, **look)
    return y + len(lines) * look["size"] * LINE + 4


def heads(
    sheet: Sheet, grid: Grid, corner: str, y: float, cell: float, *, is_turned: bool
) -> float:
    """The heads of the columns, under the names of their groups."""
    if grid.column_groups and grid.column_groups[0][0]:
        y = group_heads(sheet, grid, y, cell)
    labels = [*(str(column.label) for column in grid.columns), _("All cases")]
    size, along = (SMALL, LONGEST_HEAD) if is_turned else (USUAL, cell - 2 * MARGIN)
    texts = [wrapped(label, size, along) for label in labels]
    named = wrapped(corner, USUAL, ROW_HEADS - 2 * MARGIN)
    height = max(len(named) * USUAL * LINE, room_for(texts, size, is_turned=is_turned))
    height += 2 * MARGIN
    cell_box(sheet, EDGE, y, ROW_HEADS, height, "#ffffff")
    sheet.write(EDGE + MARGIN, y + MARGIN + USUAL, named, weight=700)
    for n, lines in enumerate(texts):
        x = EDGE + ROW_HEADS + n * cell
        cell_box(sheet, x, y, cell, height, "#ffffff")
        x += cell / 2
        if is_turned:
            x += SMALL / 3 - (len(lines) - 1) * SMALL * LINE / 2
            sheet.write_up(x, y + height - MARGIN, lines, size=SMALL, weight=700)
        else:
            sheet.write(x, y + MARGIN + USUAL, lines, weight=700, anchor="middle")
    return y + height


def room_for(texts: list[list[str]], size: float, *, is_turned: bool) -> float:
    """How high the heads of columns are."""
    if is_turned:
        return max(length(line, size) for lines in texts for line in lines)
    return max(map(len, texts)) * size * LINE


def group_heads(sheet: Sheet, grid: Grid, y: float, cell: float) -> float:
    """The names of the groups of columns, each over its own."""
    x, boxes = EDGE + ROW_HEADS, []
    for name, span in grid.column_groups:
        lines = wrapped(name, SMALL, span * cell - 2 * MARGIN)
        boxes.append((x, span * cell, lines))
        x += span * cell
    height = max(len(lines) for *_place, lines in boxes) * SMALL * LINE + 2 * MARGIN
    for left, width, lines in boxes:
        cell_box(sheet, left, y, width, height, GROUPS)
        sheet.write(left + MARGIN, y + MARGIN + SMALL, lines, size=SMALL, weight=700)
    return y + height


def group(sheet: Sheet, y: float, name: str, width: float) -> float:
    """The name of a group of rows, across the table."""
    cell_box(sheet, EDGE, y, width, 24, GROUPS)
    sheet.write(EDGE + MARGIN, y + 16, [name], weight=700)
    return y + 24


def row(
    sheet: Sheet, y: float, line: Line, cell: float, fill: str = "#ffffff"
) -> float:
    """One row: its name, its cells, its total."""
    named = wrapped(str(line.option.label), USUAL, ROW_HEADS - 2 * MARGIN)
    squares = [*line.squares, line.total]
    codes = [wrapped(named_cases(s), SMALL, cell - 2 * MARGIN) for s in squares]
    tallest = max(map(len, codes)) * SMALL * LINE
    height = max(len(named) * USUAL * LINE, LARGE + tallest) + 2 * MARGIN
    cell_box(sheet, EDGE, y, ROW_HEADS, height, fill)
    sheet.write(EDGE + MARGIN, y + MARGIN + USUAL, named, weight=700)
    for n, (square, lines) in enumerate(zip(squares, codes, strict=True)):
        x = EDGE + ROW_HEADS + n * cell
        shade = TOTALS if n == len(line.squares) else fill
        shade = FILLED if square.count and shade == "#ffffff" else shade
        cell_box(sheet, x, y, cell, height, shade, square.sentence)
        number(sheet, x + cell / 2, y + MARGIN, square.count, lines)
    return y + height


def number(sheet: Sheet, x: float, y: float, count: int, codes: list[str]) -> None:
    """How many cases a cell has, and under it which."""
    look = {"anchor": "middle", "ink": Words.ink if count else SOFT}
    weight = 700 if count else 400
    sheet.write(x, y + LARGE * 0.9, [str(count)], size=LARGE, weight=weight, **look)
    sheet.write(x, y + LARGE + SMALL * 1.2, codes, size=SMALL, **look)


def named_cases(square: Square) -> str:
    """The codes that stand in a cell, and that there are more."""
    more = " …" if square.codes and square.count > len(square.codes) else ""
    return " ".join(square.codes) + more


def cell_box(
    sheet: Sheet,
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    told: str = "",
) -> None:
    """One cell of the table."""
    sheet.box(Box(x, round(y, 1), width, round(height, 1), fill, told))
