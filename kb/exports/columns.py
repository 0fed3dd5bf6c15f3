"""What a table and a column of the dataset are: values, declared once in tables.py.

Files, their codebook, the API and the page about the data all read from them.
"""

from dataclasses import dataclass, field

from django.db.models import Choices, Model, TextChoices
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sources.choices import NOT_STATED

NOT_PUBLIC = "not-public"  # a term that a case has, and that was taken back
BETWEEN = "; "  # the values of a list in one cell

type Source = str | Combinable


class Kind(TextChoices):
    """What a cell holds."""

    TEXT = "text", _("text")
    CODE = "code", _("code")
    INTEGER = "integer", _("whole number")
    DATE = "date", _("date, as year-month-day")
    LIST = "list", _("list, with “; ” between the values")


@dataclass(frozen=True)
class Column:
    """One column: what it is called and means, and where its value is read from.

    source is a path from the model of the table, as a query spells it, or what the
    database is to work out. The path of a list leads over a relation to many.
    """

    name: str
    label: str | Promise
    meaning: str | Promise
    source: Source = ""
    kind: Kind = Kind.TEXT
    choices: type[Choices] | None = None
    refers: str = ""  # the table whose key it holds
    silent: str = ""  # what stands where there is nothing

    @property
    def values(self) -> list[tuple[str, str | Promise]]:
        """Each value of a closed list, with its meaning."""
        return list(self.choices.choices) if self.choices else []

    @property
    def silence(self) -> str | Promise:
        """What stands in it where nothing is stated, in words."""
        is_spelled = NOT_STATED in (self.silent, *dict(self.values))
        return NOT_STATED if is_spelled else _("empty")


@dataclass(frozen=True)
class Part:
    """The rows of one model in a table.

    case: the path to the case that a row belongs to, "" for the case itself, None for
    what belongs to no case. record: the path to the record that a row belongs to.
    own: columns that are read otherwise than the table says.
    """

    model: type[Model]
    case: str | None = None
    record: str = ""
    order: tuple[Source, ...] = ()
    own: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One table of the dataset. key: the columns that together name a row."""

    name: str
    label: str | Promise
    meaning: str | Promise
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    parts: tuple[Part, ...]

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """One of its columns."""
        return next(column for column in self.columns if column.name == name)
