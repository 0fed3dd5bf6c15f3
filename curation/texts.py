"""The newest text of each case, as revisions hold it and as files tell it."""

import json
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import CheckConstraint, UniqueConstraint
from django.utils.translation import gettext as _

from cases.importing import (
    CASE,
    Book,
    FixtureError,
    Placed,
    Shape,
    explained,
)
from cases.models import Case
from cases.querysets import CaseQuerySet
from curation.tables import tidy
from sources.differences import paired
from sources.models import Record
from sources.pointing import is_parent

AT_ONCE = 500
NESTED = (
    *("organisations", "citations", "aliases", "encounters__citations"),
    "encounters__responses__citations",
)


def newest(cases: CaseQuerySet) -> Iterator[tuple[Case, dict]]:
    """Each case with its newest text: the draft, where there is one."""
    found = cases.select_related("latest_revision", "locked_by").order_by("code")
    for case in found.filter(latest_revision__isnull=False).iterator(AT_ONCE):
        yield case, case.latest_revision.content
    bare = found.filter(latest_revision__isnull=True).prefetch_related(*NESTED)
    for case in bare.iterator(AT_ONCE):
        yield case, json.loads(case.to_json())


def exported() -> list[dict]:
    """The newest text of every case that was not withdrawn, in the form of files."""
    shelves = Shelves()
    cases = Case.objects.filter(withdrawn_at=None, merged_into=None)
    found = [shelves.told(CASE, content) for _case, content in newest(cases)]
    return sorted(found, key=lambda data: data["code"])


class Shelves(Book):
    """What a text may point at, by key and by row; and what the models promise."""

    def __init__(self):
        super().__init__()
        self.names: dict[type[models.Model], dict] = {}
        self.verdicts: dict[tuple, str] = {}

    def find(
        self, model: type[models.Model], key: str, where: str, name: str
    ) -> models.Model:
        """A record that a draft may point at."""
        record = super().find(model, key, where, name)
        if self.name_of(model, record.pk) != key:
            other = self.name_of(model, record.pk)
            said = _("“{key}” was merged: write “{other}”")
            raise FixtureError(where, name, said.format(key=key, other=other))
        if isinstance(record, Record) and record.withdrawn_at:
            raise FixtureError(where, name, _("“{}” was withdrawn").format(key))
        return record

    def name_of(self, model: type[models.Model], pk: object) -> str | None:
        """How files call the record with this key of the database."""
        if model not in self.names:
            self.names[model] = {o.pk: key for key, o in self.shelf(model).items()}
        return self.names[model].get(pk)

    def told(self, shape: Shape, content: dict) -> dict:
        """What a revision holds, in the form that a file is brought into."""
        data = {}
        for name in shape.columns:
            column = shape.model._meta.get_field(name)
            value = content.get(name, None if column.null else column.get_default())
            if column.is_relation:
                value = self.name_of(column.related_model, value)
            else:
                value = column.to_python(value)
            data[name] = tidy(value) if isinstance(value, str) else value
        for name in shape.many:
            model = shape.model._meta.get_field(name).related_model
            keys = (self.name_of(model, pk) for pk in content.get(name, []))
            data[name] = sorted(filter(None, keys))
        for name, child in shape.children.items():
            rows = sorted(content.get(name, []), key=lambda row: row["sort_order"] or 0)
            data[name] = [self.told(child, row) for row in rows]
        return data

    def content(self, shape: Shape, data: Placed, errors: list[FixtureError]) -> dict:
        """What a revision would hold of a text; what is wrong goes to errors."""
        row: dict[str, object] = {"pk": None}
        try:
            for name in shape.columns:
                column = shape.model._meta.get_field(name)
                row[name] = data[name]
                if column.is_relation and data[name] is not None:
                    model = column.related_model
                    row[name] = self.find(model, data[name], data.where, name).pk
            for name in shape.many:
                model = shape.model._meta.get_field(name).related_model
                found = [self.find(model, key, data.where, name) for key in data[name]]
                row[name] = [record.pk for record in found]
            self.check(shape, row, data.where)
        except FixtureError as error:
            errors.append(error)
        for name, child in shape.children.items():
            row[name] = [
                self.content(child, item, errors) | {"sort_order": n}
                for n, item in enumerate(data[name])
            ]
            errors += twins(child, row[name], data[name])
        return row

    def check(self, shape: Shape, row: dict, where: str) -> None:
        """Let the model say what is wrong with a row that is in no table yet.

        Relations were looked up already, and what a check constraint says of the same
        values is asked once: a thousand cases ask the same few hundred questions.
        """
        model = shape.model
        values = {model._meta.get_field(n).attname: row[n] for n in shape.columns}
        record = model(**values)
        related = {f.name for f in model._meta.fields if f.is_relation}
        try:
            record.clean_fields(exclude=related)
        except ValidationError as error:
            raise explained(record, error, where) from error
        for constraint in model._meta.constraints:
            if isinstance(constraint, CheckConstraint):
                said, names = self.verdict(record, constraint)
                if said:
                    own = [name for name in shape.columns if name in names]
                    raise FixtureError(where, ", ".join(own), said)

    def verdict(
        self, record: models.Model, constraint: CheckConstraint
    ) -> tuple[str, frozenset[str]]:
        """What a constraint says of a record, and of which of its fields."""
        names = frozenset(constraint.condition.referenced_base_fields)
        field = record._meta.get_field
        values = (getattr(record, field(name).attname) for name in sorted(names))
        key = (type(record), constraint.name, *values)
        if key not in self.verdicts:
            try:
                constraint.validate(type(record), record)
                self.verdicts[key] = ""
            except ValidationError as error:
                self.verdicts[key] = " ".join(error.messages)
        return self.verdicts[key], names


def twins(shape: Shape, rows: list[dict], items: list[Placed]) -> Iterator:
    """Rows of one parent of which there may be only one."""
    for constraint in shape.model._meta.constraints:
        if not isinstance(constraint, UniqueConstraint):
            continue
        get = shape.model._meta.get_field
        names = [name for name in constraint.fields if not is_parent(get(name))]
        seen = set()
        for row, item in zip(rows, items, strict=True):
            values = tuple(row.get(name) for name in names)
            if None not in values and values in seen:
                said = str(constraint.violation_error_message)
                yield FixtureError(item.where, ", ".join(names), said)
            seen.add(values)


def keep_keys(shape: Shape, before: dict, after: dict) -> None:
    """Give each nested row the key of the row that it was, so that it is the same."""
    for name, child in shape.children.items():
        old, new = before.get(name, []), after[name]
        for n, m in paired(child.model, old, new).items():
            new[n]["pk"] = old[m]["pk"]
            keep_keys(child, old[m], new[n])


def as_stored(content: dict) -> dict:
    """The content as the database gives it back."""
    return json.loads(json.dumps(content, cls=DjangoJSONEncoder))
