"""What is wrong with a text, whoever reviewed it, so that it cannot be released."""

from collections.abc import Iterator
from functools import reduce
from operator import and_

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from modelcluster.models import get_all_child_relations

from cases.models import Case, Encounter, Response
from cases.visibility import Verdict
from sources import rows
from sources.models import Record
from sources.statements import is_parent

VERSIONS = ("latest_revision", "live_revision")  # Wagtail’s own keys, which it minds


def unready(record: Record) -> Iterator[str | Promise]:
    """What is wrong with the text itself, or with what it points at."""
    if record.merged_into_id:
        yield _("It was merged into another record.")
    try:
        record.full_clean(VERSIONS, validate_constraints=not keeps_all_rules(record))
    except ValidationError as error:
        yield from error.messages
    yield from unsourced(record)
    yield from dict.fromkeys(pointing_at_drafts(record))


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
    """The records that a text shows; asked for kind by kind of its rows."""
    by_kind: dict[type[models.Model], list[models.Model]] = {}
    for row in rows.all_of(record):
        by_kind.setdefault(type(row), []).append(row)
    for model, some in by_kind.items():
        fields = leading_on(model)
        models.prefetch_related_objects(some, *fields)
        for row in some:
            yield from filter(None, (getattr(row, field) for field in fields))
    if isinstance(record, Case):
        yield from record.organisations.all()


def leading_on(model: type[models.Model]) -> list[str]:
    """The fields of a record or nested row that lead to records which it shows."""
    return [
        field.name
        for field in model._meta.fields
        if field.is_relation
        and issubclass(field.related_model, Record)
        and not is_parent(field)
        and field.name not in ("merged_into", "replaced_by")
    ]


def keeps_all_rules(record: Record) -> bool:
    """Whether a record keeps to every rule of its table, asked in one question.

    It does not say which rule is broken: validate_constraints() does, rule by rule.
    """
    rules = [rule for _model, some in record.get_constraints() for rule in some]
    if not all(isinstance(rule, models.CheckConstraint) for rule in rules):
        return False  # a rule about other rows has to be asked by itself
    values = {
        field.name: models.Value(getattr(record, field.attname), field)
        for field in record._meta.concrete_fields
        if not field.generated
    }
    return reduce(and_, [rule.condition for rule in rules], models.Q()).check(values)
