"""The cells of the matrix as rows: a number of cases for each row and column."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from cases import facets
from cases.facets import Axes
from kb.exports.choosing import Chosen
from kb.exports.columns import Column, Kind, Table
from kb.exports.rows import Row

MATRIX = Table(
    "matrix",
    _("Matrix"),
    _("How many cases have both values: one row for each cell of the matrix."),
    ("row", "column"),
    (
        Column("row", _("Row"), _("The value of the row.")),
        Column("row_label", _("Label of the row"), _("Its name on the site.")),
        Column("column", _("Column"), _("The value of the column.")),
        Column("column_label", _("Label of the column"), _("Its name on the site.")),
        Column(
            "cases",
            _("Cases"),
            _("The number of cases. A case can stand in several cells."),
            kind=Kind.INTEGER,
        ),
    ),
    (),
)


def cells(chosen: Chosen, axes: Axes) -> Iterator[Row]:
    """Each cell of the matrix of the cases chosen, empty ones too."""
    words = facets.vocabulary(chosen.seen)
    table = facets.table(chosen.selection, axes, words, chosen.seen)
    keys = table.base.keys - BitMap(chosen.back)
    counts = chosen.seen.count((axes.rows, axes.columns), keys)
    for row in table.rows:
        for column in table.columns:
            yield {
                "row": row.value,
                "row_label": str(row.label),
                "column": column.value,
                "column_label": str(column.label),
                "cases": counts.get((row.value, column.value), 0),
            }
