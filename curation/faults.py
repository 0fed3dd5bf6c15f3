"""What is wrong with a text, whoever reviewed it, so that it cannot be released."""

from collections.abc import Collection, Iterator
from functools import cache, reduce
from operator import and_

from django.core.exceptions import ValidationError
from django.db import connections, models, router
from django.db.models.sql import Query
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from modelcluster.models import get_all_child_relations

from cases.models import Case, Encounter, Response
from cases.visibility import Verdict
from sources import rows
from sources.models import Record
from sources.prepared import Statement, sent

VERSIONS = ("latest_revision", "live_revision")  # Wagtail’s own keys, which it minds


def unready(record: Record) -> Iterator[str | Promise]:
    """What is wrong with the text itself, or with what it points at."""
    if record.merged_into_id:
        yield _("It was merged into another record.")
    yield from broken(record)
    yield from unsourced(record)
    yield from dict.fromkeys(pointing_at_drafts(record))


def broken(record: Record) -> Iterator[str | Promise]:
    """The rules that the text does not keep to."""
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
    if failed or not keeps_all_rules(record):
        try:
            record.validate_constraints({*VERSIONS, *failed})
        except ValidationError as error:
            yield from error.messages


def loaded(record: Record) -> list[str]:
    """The fields that point at something, and it is there."""
    rows.fetch(record)
    return [f.name for f in rows.leading_on(type(record)) if f.is_cached(record)]


def disallowed(found: Verdict) -> Iterator[str | Promise]:
    """Why a case may not be seen now."""
    yield from found.obstacles
    if not found.obstacles and not (found.is_open and timezone.now() < found.until):
        yield _("The consent, or the review of a high risk, is out of date.")


def unsourced(row: models.Model) -> Iterator[str | Promise]:
    """Statements without a source."""
    if hasattr(row, "citations") and not row.citations.all():
        yield _("{what} cites no source.").format(what=row)
    for relation in get_all_child_relations(row):
        for child in getattr(row, relation.get_accessor_name()).all():
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
    for row in rows.fetch(record):
        for field in rows.leading_on(type(row)):
            is_record = issubclass(field.related_model, Record)
            # What is not there any more is a fault of the field, told of elsewhere.
            if is_record and field.name != "replaced_by" and field.is_cached(row):
                yield getattr(row, field.name)
    if isinstance(record, Case):
        yield from record.organisations.all()


class Given(models.Expression):
    """The value of a field, told when the question is asked."""

    def __init__(self, field: models.Field):
        super().__init__(output_field=field)

    def as_sql(self, compiler, connection) -> tuple[str, tuple]:
        return "%s", (self,)

    def as_postgresql(self, compiler, connection) -> tuple[str, tuple]:
        kind, *_length = self.output_field.db_type(connection).split("(")
        return f"%s::{kind}", (self,)


@cache
def rules_of(model: type[Record], using: str) -> Statement | None:
    """One question for all rules of a table, asked with the values of own_fields().

    Nothing where a rule is about other rows, too: it has to be asked by itself.
    """
    rules, fields = model._meta.constraints, rows.own_fields(model)
    if not all(isinstance(rule, models.CheckConstraint) for rule in rules):
        return None
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


def keeps_all_rules(record: Record) -> bool:
    """Whether a record keeps to every rule of its table, asked in one question.

    It does not say which rule is broken: validate_constraints() does, rule by rule.
    """
    line = connections[router.db_for_read(type(record))]
    rules = rules_of(type(record), line.alias)
    if rules is None:
        return False
    values = [
        field.get_db_prep_value(getattr(record, field.attname), line)
        for field in rows.own_fields(type(record))
    ]
    [kept] = sent(line, [rules.asked(values, line)])
    return bool(kept)
