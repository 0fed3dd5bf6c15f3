"""The template of an import: a filled example, and what may be written where."""

from collections.abc import Iterable, Iterator
from copy import deepcopy

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from cases.importing import CASE, key_of, parse, records
from cases.models import Country, Organisation, Region, ResistanceForm
from curation import exporting
from curation.tables import EXAMPLE, TABLES, Table
from sources.models import Record, Source
from strategies.models import Strategy

LISTED: dict[str, type[models.Model]] = {
    "sources": Source,
    "strategies": Strategy,
    "forms": ResistanceForm,
    "organisations": Organisation,
    "countries": Country,
    "regions": Region,
}


def template(ending: str) -> bytes:
    """A file of this kind to fill in. Importing it as it is imports nothing."""
    return exporting.write(ending, [example()], explanations())


def example() -> dict:
    """The first case of the project’s own files, under the code of an example."""
    path = settings.BASE_DIR / "fixtures/cases/C001.yaml"
    data = deepcopy(records(path, CASE)[0].data)
    data |= {"code": EXAMPLE, "slug": "example"}
    data["title"] = _("EXAMPLE, not imported: {title}").format(title=data["title"])
    return parse(CASE, str(path.name), data).data


def explanations() -> exporting.Lists:
    """Every column with its meaning, and every key that may be written."""
    head = [_("sheet"), _("column"), _("must be filled"), _("meaning"), _("write")]
    rows = (row for table in TABLES.values() for row in meanings(table))
    lists = {"columns": [head, *rows]}
    for title, model in LISTED.items():
        lists[title] = [[_("write"), _("for")], *keys(model)]
    return lists


def meanings(table: Table) -> Iterator[list]:
    """What each column of a table is for."""
    keys = {
        "case": _("the code of the case: C and at least three digits"),
        "encounter": _("the number of the encounter in its case: 1, 2, …"),
        "response": _("the number of the response to its encounter: 1, 2, …"),
    }
    for name in table.keys:
        needed = table.word != "citation" or name == "case"
        why = "" if needed else _("empty where the whole case, or encounter, is cited")
        yield [table.sheet, name, yes(needed), keys[name], why]
    for name in table.columns[len(table.keys) :]:
        column = table.shape.model._meta.get_field(name)
        meaning = f"{column.verbose_name}. {column.help_text}".strip(". ")
        needed = not (column.blank or name in table.shape.usual)
        yield [table.sheet, name, yes(needed), meaning, allowed(column, name)]


def yes(needed: bool) -> str:
    return _("yes") if needed else _("no")


def allowed(column: models.Field, name: str) -> str:
    """Which values a column takes."""
    if column.choices:
        values = ", ".join(str(value) for value, _label in column.choices)
        usual = column.get_default() if column.has_default() else ""
        return f"{values} ({_('usually')} {usual})" if usual else values
    if column.is_relation:
        title = next(t for t, model in LISTED.items() if model is column.related_model)
        key = _("one of the sheet “{}”").format(title)
        return f"{key}; {_('more than one: a; b')}" if column.many_to_many else key
    match column:
        case models.DateField():
            return _("a day: 2026-11-24")
        case models.IntegerField():
            return _("a whole number")
        case models.CharField():
            return _("text, at most {} characters").format(column.max_length)
        case _other:
            return _("text")


def keys(model: type[models.Model]) -> Iterable[list]:
    """The keys of a vocabulary, each with its name."""
    found = model.objects.all()
    if issubclass(model, Record):
        found = found.filter(withdrawn_at=None, merged_into=None)
    key = key_of(model)
    return [[getattr(row, key), str(row)] for row in found.order_by(key)]
