"""The codebook: what each column means, for people and for programs."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from kb.exports.columns import Table

HEADINGS = (
    *(_("Table"), _("Column"), _("Label"), _("Meaning"), _("Type")),
    *(_("Values"), _("Where nothing is stated"), _("Refers to")),
)


def lines(tables: Iterable[Table]) -> Iterator[list]:
    """A line for each column, below HEADINGS."""
    for table in tables:
        for column in table.columns:
            values = "; ".join(f"{value} = {label}" for value, label in column.values)
            yield [
                *(table.name, column.name, str(column.label), str(column.meaning)),
                *(str(column.kind.label), values, str(column.silence)),
                column.refers,
            ]
