"""What differs between two versions of a record, field by field, nested rows included.

Both versions are plain dicts, as revisions hold them. Rows are told apart by their key;
a row that a draft added has none until the draft is public, so rows without a partner
are paired with the one whose content is most alike.
"""

import difflib
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _
from modelcluster.models import get_all_child_relations

from sources.models import Alias, Citation
from sources.pointing import STATE, is_parent

ALIKE = 0.5  # rows that share less are two different rows
HINT = 40  # letters that tell a row from its neighbours


class Kind(models.TextChoices):
    """What became of a value or a row."""

    ADDED = "added", _("added")
    REMOVED = "removed", _("removed")
    CHANGED = "changed", _("changed")
    MOVED = "moved", _("moved")


@dataclass(frozen=True)
class Difference:
    """One thing that differs: where, and what stood there before and after."""

    path: tuple[str, ...]
    before: str
    after: str
    kind: Kind

    @property
    def where(self) -> str:
        """The path as one line."""
        return " › ".join(self.path)

    @property
    def pieces(self) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
        """Both texts in pieces, each with whether the other text lacks it."""
        return marked(self.before, self.after)


@dataclass(frozen=True)
class Named:
    """A row’s place in words: which kind, which number, and its content for a hint."""

    model: type[models.Model]
    number: int
    row: dict


@dataclass(frozen=True)
class Raw:
    """A difference before keys are turned into words."""

    path: tuple[Named | models.Field, ...]
    before: object
    after: object
    kind: Kind


def differences(
    model: type[models.Model], before: dict, after: dict
) -> list[Difference]:
    """All that differs between two versions, in the order of the form."""
    raw = list(between(model, before, after, ()))
    words = Words(raw)
    return [words.told(found) for found in raw]


def between(
    model: type[models.Model], before: dict, after: dict, path: tuple
) -> Iterator[Raw]:
    """What differs between two versions of one row, and of all rows in it."""
    for field in fields(model):
        old, new = value_of(field, before), value_of(field, after)
        if old != new:
            yield Raw((*path, field), old, new, Kind.CHANGED)
    for field in model._meta.many_to_many:
        old, new = before.get(field.name, []), after.get(field.name, [])
        for key in old:
            if key not in new:
                yield Raw((*path, field), key, None, Kind.REMOVED)
        for key in new:
            if key not in old:
                yield Raw((*path, field), None, key, Kind.ADDED)
    for relation in get_all_child_relations(model):
        yield from between_rows(relation, before, after, path)


def between_rows(
    relation: models.ManyToOneRel, before: dict, after: dict, path: tuple
) -> Iterator[Raw]:
    """What differs between two lists of nested rows."""
    model = relation.related_model
    old, new = rows(relation, before), rows(relation, after)
    pairs = paired(model, old, new)
    moved = moves([pairs[n] for n in range(len(new)) if n in pairs])
    for n, row in enumerate(new):
        at = (*path, Named(model, n + 1, row))
        if n not in pairs:
            yield from whole(model, row, at, Kind.ADDED)
            continue
        if pairs[n] in moved:
            yield Raw(at, pairs[n] + 1, n + 1, Kind.MOVED)
        yield from between(model, old[pairs[n]], row, at)
    stayed = set(pairs.values())
    for n, row in enumerate(old):
        if n not in stayed:
            at = (*path, Named(model, n + 1, row))
            yield from whole(model, row, at, Kind.REMOVED)


def whole(
    model: type[models.Model], row: dict, path: tuple, kind: Kind
) -> Iterator[Raw]:
    """A row that stands in one version only, and each row in it."""
    pair = (None, row) if kind == Kind.ADDED else (row, None)
    yield Raw(path, *pair, kind)
    for relation in get_all_child_relations(model):
        for n, child in enumerate(rows(relation, row)):
            at = (*path, Named(relation.related_model, n + 1, child))
            yield from whole(relation.related_model, child, at, kind)


def fields(model: type[models.Model]) -> list[models.Field]:
    """The fields that are a row’s own text: no key, no state, no place in the list."""
    return [
        field
        for field in model._meta.fields
        if field.serialize
        and not field.primary_key
        and not is_parent(field)
        and field.name not in STATE
        and field.name != "sort_order"
    ]


def rows(relation: models.ManyToOneRel, data: dict) -> list[dict]:
    """The nested rows of a version, in their order."""
    found = data.get(relation.get_accessor_name(), [])
    return sorted(found, key=lambda row: row.get("sort_order") or 0)


def value_of(field: models.Field, row: dict) -> object:
    """A field’s value; a version older than the field has its default."""
    if field.name in row:
        return row[field.name]
    return None if field.null else field.get_default()


def paired(model: type[models.Model], old: list[dict], new: list[dict]) -> dict:
    """Which new row (by place) is which old one, by key and then by content."""
    places = {row["pk"]: n for n, row in enumerate(old) if row.get("pk") is not None}
    pairs = {n: places[row["pk"]] for n, row in enumerate(new) if row["pk"] in places}
    left = [n for n in range(len(old)) if n not in set(pairs.values())]
    right = [n for n in range(len(new)) if n not in pairs]
    if not left or not right:
        return pairs
    own = {id(row): own_words(model, row) for row in (*old, *new)}
    whole_words = {id(row): all_words(model, row) for row in (*old, *new)}

    def score(a: int, b: int) -> tuple[float, float]:
        one, other = id(old[a]), id(new[b])
        whole = alike(whole_words[one], whole_words[other])
        return max(alike(own[one], own[other]), whole), whole

    scores = {(a, b): score(a, b) for a in left for b in right}
    for a, b in sorted(scores, key=lambda ab: (scores[ab], -abs(ab[0] - ab[1])))[::-1]:
        if scores[a, b][0] >= ALIKE and a in left and b in right:
            pairs[b] = a
            left.remove(a)
            right.remove(b)
    return pairs


def own_words(model: type[models.Model], row: dict) -> Counter:
    """The words that a row says beyond what every row says."""
    found = Counter()
    for field in fields(model):
        value = value_of(field, row)
        if value not in (None, "") and value != field.get_default():
            found.update((field.name, word) for word in str(value).split())
    return found


def all_words(model: type[models.Model], row: dict) -> Counter:
    """The words of a row and of the rows in it."""
    found = own_words(model, row)
    for relation in get_all_child_relations(model):
        for child in rows(relation, row):
            found.update(all_words(relation.related_model, child))
    return found


def alike(one: Counter, other: Counter) -> float:
    """How much two rows share: 1 for all of it, 0 for nothing."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def moves(places: list[int]) -> set[int]:
    """The fewest old places that must move for the rows to stand as they do now."""
    ends: list[int] = []  # the smallest end of a rising run of each length
    lengths = []
    for place in places:
        at = bisect_left(ends, place)
        ends[at : at + 1] = [place]
        lengths.append(at + 1)
    wanted, stay = len(ends), set()
    for place, length in zip(reversed(places), reversed(lengths), strict=True):
        if length == wanted:
            stay.add(place)
            wanted -= 1
    return set(places) - stay


class Words:
    """Turns differences into words; asks for what keys stand for once a model."""

    def __init__(self, raw: list[Raw]):
        wanted: dict[type[models.Model], set] = {}
        for field, key in (pair for found in raw for pair in keys_in(found)):
            wanted.setdefault(field.related_model, set()).add(key)
        self.names = {
            model: {
                str(row.pk): str(row)
                for row in model._base_manager.filter(pk__in=keys).order_by()
            }
            for model, keys in wanted.items()
        }

    def told(self, raw: Raw) -> Difference:
        """A difference as a person reads it."""
        path = tuple(self.label(step) for step in raw.path)
        last = raw.path[-1]
        if isinstance(last, models.Field):
            before, after = self.value(last, raw.before), self.value(last, raw.after)
        elif raw.kind == Kind.MOVED:
            before, after = str(raw.before), str(raw.after)
        else:
            before, after = self.row(last, raw.before), self.row(last, raw.after)
        return Difference(path, before, after, raw.kind)

    def label(self, step: Named | models.Field) -> str:
        """What a step of a path is called."""
        if isinstance(step, models.Field):
            return capfirst(str(step.verbose_name))
        name = f"{capfirst(str(name_of(step.model)))} {step.number}"
        hint = next(filter(None, self.values(step)), "")
        return f"{name} ({Truncator(hint).chars(HINT)})" if hint else name

    def values(self, named: Named) -> Iterator[str]:
        """The values of a row that tell it from others: a record, a name, a text."""
        for field in hints(named.model):
            yield self.value(field, value_of(field, named.row))

    def row(self, named: Named, row: dict | None) -> str:
        """A whole row, one field a line."""
        if row is None:
            return ""
        lines = [
            f"{self.label(field)}: {words}"
            for field in fields(named.model)
            if (words := self.value(field, value_of(field, row)))
        ]
        return "\n".join(lines)

    def value(self, field: models.Field, value: object) -> str:
        """A value in words."""
        if value in (None, ""):
            return ""
        if field.is_relation:
            gone = _("no longer there")
            return str(self.names[field.related_model].get(str(value), gone))
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, list | dict):
            return json.dumps(value, ensure_ascii=False)
        return str(value)


def keys_in(raw: Raw) -> Iterator[tuple[models.Field, object]]:
    """Every key that has to be put in words for a difference."""
    found = []
    for step in raw.path:
        if isinstance(step, models.Field):
            found += [(step, raw.before), (step, raw.after)]
        else:
            found += [(f, value_of(f, step.row)) for f in fields(step.model)]
    for field, value in found:
        if field.is_relation and value is not None:
            yield field, value


def hints(model: type[models.Model]) -> list[models.Field]:
    """The fields whose values tell a row from its neighbours, best first."""
    return [
        field
        for field in fields(model)
        if field.is_relation
        or (
            isinstance(field, models.CharField | models.TextField) and not field.choices
        )
    ]


def name_of(model: type[models.Model]) -> str | Promise:
    """What a kind of nested row is called."""
    if issubclass(model, Alias):
        return _("other name")
    if Citation in model.__bases__ and not hasattr(model, "text"):
        return _("citation")
    return model._meta.verbose_name


def marked(
    before: str, after: str
) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Two texts in pieces, each with whether the other text lacks it."""
    old, new = (re.findall(r"\S+\s*|\s+", text) for text in (before, after))
    left, right = [], []
    matcher = difflib.SequenceMatcher(None, old, new)
    for what, a, b, c, d in matcher.get_opcodes():
        differs = what != "equal"
        left += [("".join(old[a:b]), differs)] if b > a else []
        right += [("".join(new[c:d]), differs)] if d > c else []
    return left, right
