"""What the text of a record points at, and how that is loaded: a question a kind."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from django.db import models
from modelcluster.models import get_all_child_relations

from sources.prepared import Prepared, together

# What a revision holds besides the text.
STATE = frozenset(
    {
        *("live", "has_unpublished_changes", "live_revision", "latest_revision"),
        *("first_published_at", "last_published_at"),
        *("go_live_at", "expire_at", "expired"),
        *("locked", "locked_at", "locked_by"),
        *("withdrawn_at", "merged_into", "visible_from", "visible_until"),
    }
)


def all_of(row: models.Model) -> Iterator[models.Model]:
    """A record, and every row that is nested in it."""
    yield row
    for child in children(row):
        yield from all_of(child)


def children(row: models.Model) -> Iterator[models.Model]:
    """The rows right below a record, or below such a row."""
    for relation in child_relations(type(row)):
        yield from nested(row, relation)


def nested(
    row: models.Model, relation: models.ForeignObjectRel
) -> Iterable[models.Model]:
    """The rows of one kind right below a record, or below such a row.

    A cluster keeps those that it was given by the name of the relation. To look there
    takes a tenth of what its manager does, and a release looks a hundred times.
    """
    name = relation.get_accessor_name()
    given = row.__dict__.get("_cluster_related_objects", {})
    return given[name] if name in given else getattr(row, name).all()


@cache
def child_relations(model: type[models.Model]) -> tuple[models.ForeignObjectRel, ...]:
    """What leads from a record or nested row to the rows that are nested in it."""
    return (*get_all_child_relations(model),)


def load(
    record: models.Model, lists: Mapping[str, list[int]] | None = None
) -> list[models.Model]:
    """Load what a text points at, and is not loaded; give all_of() its rows.

    lists: the keys that it lists of others, by the name of the list, for a record that
    has no list yet.
    """
    rows, places, lists = [*all_of(record)], defaultdict(list), lists or {}
    for row in rows:
        for field in leading_on(type(row)):
            key = getattr(row, field.attname)
            if key is None or is_too_large(key) or field.is_cached(row):
                continue  # what no key can be is not there
            places[field.related_model].append((row, field))
    asked = [
        (by_key(model), [*{getattr(row, field.attname) for row, field in pointing}])
        for model, pointing in places.items()
    ]
    for name, keys in lists.items():
        asked.append((by_key(record._meta.get_field(name).related_model), keys))
    answers = iter(together(*asked))
    for pointing in places.values():
        found = {other.pk: other for other in next(answers)}
        for row, field in pointing:
            if other := found.get(getattr(row, field.attname)):
                field.set_cached_value(row, other)
    for name in lists:
        setattr(record, name, next(answers))
    return rows


def is_too_large(value: object) -> bool:
    """Whether a value is a number that no database takes."""
    return isinstance(value, int) and value.bit_length() > 63


@cache
def leading_on(model: type[models.Model]) -> tuple[models.ForeignKey, ...]:
    """The fields of a record or nested row that its text points at others with."""
    return tuple(
        field
        for field in model._meta.concrete_fields
        if field.is_relation and not is_parent(field) and field.name not in STATE
    )


def is_parent(field: models.Field) -> bool:
    """Whether a field is the ParentalKey of a nested row."""
    return type(field).__name__ == "ParentalKey"


@cache
def by_key(model: type[models.Model]) -> Prepared:
    """The question for rows of a kind by their keys."""
    return Prepared(lambda keys: model._base_manager.filter(pk__in=keys))
