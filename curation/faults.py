"""What is wrong with a text, whoever reviewed it, so that it cannot be released."""

from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache, reduce
from operator import and_

from django.core.exceptions import ValidationError
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import Query
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Encounter, Response
from cases.visibility import Verdict
from sources import rows
from sources.models import Record
from sources.pointing import (
    child_relations,
    children,
    is_too_large,
    leading_on,
    load,
    nested,
)
from sources.prepared import Statement
from sources.sending import Asked

VERSIONS = ("latest_revision", "live_revision")  # Wagtail’s own keys, which it minds


def asked(record: Record) -> list[tuple]:
    """The questions whose answers unready() is told."""
    return [(RULES, record)] if has_one_question(type(record)) else []


def unready(
    record: Record, stored: Record, answers: list[list]
) -> Iterator[str | Promise]:
    """What is wrong with the text itself, or with what it points at.

    stored: the record as it is stored.
    """
    if record.merged_into_id:
        yield _("It was merged into another record.")
    record.stored_address = stored.address
    yield from broken(record, keeps_rules=any(answers))
    record.stored_address = None  # it may change
    yield from dict.fromkeys(doubled(record))
    yield from unsourced(record)
    yield from dict.fromkeys(pointing_at_drafts(record))


def broken(record: Record, *, keeps_rules: bool) -> Iterator[str | Promise]:
    """The rules that the text does not keep to.

    keeps_rules: whether it is known to keep to all rules of its table. If not, they are
    asked one by one, to know which.
    """
    failed: Collection[str] = ()
    try:
        record.full_clean(
            {*VERSIONS, *loaded(record)},
            # Whatever was public keeps its address, which nothing else can have.
            validate_unique=not record.first_published_at,
            validate_constraints=False,
        )
    except ValidationError as error:
        failed = error.error_dict
        yield from error.messages
    if failed or not keeps_rules:
        try:
            record.validate_constraints({*VERSIONS, *failed})
        except ValidationError as error:
            yield from error.messages


def loaded(record: Record) -> list[str]:
    """The fields that point at something, and it is there."""
    load(record)
    return [f.name for f in leading_on(type(record)) if f.is_cached(record)]


def disallowed(found: Verdict) -> Iterator[str | Promise]:
    """Why a case may not be seen now."""
    yield from found.obstacles
    if not found.obstacles and not (found.is_open and timezone.now() < found.until):
        yield _("The consent, or the review of a high risk, is out of date.")


def unsourced(row: models.Model) -> Iterator[str | Promise]:
    """Statements without a source."""
    if hasattr(row, "citations") and not row.citations.all():
        yield _("{what} cites no source.").format(what=row)
    for child in children(row):
        if isinstance(child, Encounter | Response):
            yield from unsourced(child)


def pointing_at_drafts(record: Record) -> Iterator[str | Promise]:
    """Records that the text shows, and that are not public themselves."""
    for other in shown_by(record):
        if other.merged_into_id:
            yield _("{what} was merged: choose {instead}.").format(
                what=other, instead=other.merged_into
            )
        elif not other.live:
            yield _("{what} is not public: release it first.").format(what=other)


def shown_by(record: Record) -> Iterator[Record]:
    """The records that a text shows."""
    for row in load(record):
        for field in leading_on(type(row)):
            is_record = issubclass(field.related_model, Record)
            if not is_record or field.name == "replaced_by":
                continue
            # What is not there any more is a fault of the field, told of elsewhere.
            if other := field.get_cached_value(row, None):
                yield other
    if isinstance(record, Case):
        yield from record.organisations.all()


def doubled(row: models.Model) -> Iterator[str | Promise]:
    """Nested rows of which a record, or such a row, may have only one."""
    for relation in child_relations(type(row)):
        rows = [*nested(row, relation)]
        for rule in relation.related_model._meta.constraints:
            if isinstance(rule, models.UniqueConstraint):
                names = [name for name in rule.fields if name != relation.field.name]
                found = Counter(values_of(child, names) for child in rows)
                if any(n > 1 and None not in values for values, n in found.items()):
                    yield rule.violation_error_message
        for child in rows:
            yield from doubled(child)


def values_of(row: models.Model, names: list[str]) -> tuple:
    """What a row holds in some fields, as its table holds it."""
    return tuple(getattr(row, row._meta.get_field(name).attname) for name in names)


class Given(models.Expression):
    """The value of a field, told when the question is asked."""

    def __init__(self, field: models.Field):
        super().__init__(output_field=field)

    def as_sql(self, compiler, connection) -> tuple[str, tuple]:
        return "%s", (self,)

    def as_postgresql(self, compiler, connection) -> tuple[str, tuple]:
        kind, *_length = self.output_field.db_type(connection).split("(")
        # A number that is too large is told of elsewhere, in words.
        return f"%s::{'numeric' if 'int' in kind else kind}", (self,)


class Rules:
    """Whether a record keeps to every rule of its table, in one question.

    It does not say which rule is broken: validate_constraints() does, rule by rule.
    """

    def put(self, line: BaseDatabaseWrapper, record: Record) -> Asked:
        """The question for a record: it has an answer if all are kept."""
        values = [
            field.get_db_prep_value(getattr(record, field.attname), line)
            for field in rows.own_fields(type(record))
        ]
        fitting = [None if is_too_large(value) else value for value in values]
        return rules_of(type(record), line.alias).asked(fitting, line)


RULES = Rules()


@cache
def has_one_question(model: type[Record]) -> bool:
    """Whether no rule of a table is about other rows, too, which is asked alone."""
    rules = model._meta.constraints
    return all(isinstance(rule, models.CheckConstraint) for rule in rules)


@cache
def rules_of(model: type[Record], using: str) -> Statement:
    """One question for all rules of a table, asked with the values of own_fields()."""
    rules, fields = model._meta.constraints, rows.own_fields(model)
    query = Query(None)
    for field in fields:
        query.add_annotation(Given(field), field.name, select=False)
    query.add_annotation(models.Value(1), "kept")
    query.add_q(reduce(and_, [rule.condition for rule in rules], models.Q()))
    text, values = query.get_compiler(using).as_sql()
    told = (
        (fields.index(value.output_field), None)
        if isinstance(value, Given)
        else (-1, value)
        for value in values
    )
    return Statement.of(connections[using], text, told)
