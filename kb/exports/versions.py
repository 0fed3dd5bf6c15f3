"""Versions of the dataset: a number for each state that was published, and its rows.

keep_up() runs after the sweep of each minute. Nothing is made while a record is being
published, and nothing at all where nothing changed.
"""

from itertools import batched
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Max

from cases import contents, facets, keeping
from cases.contents import Version
from cases.index import View
from kb.exports.choosing import Chosen
from kb.exports.comparing import (
    AT_ONCE,
    MODELS,
    SHAPE,
    Difference,
    changed_since,
    compare,
    end_turn,
    shape,
    take_turn,
)
from kb.exports.models import DatasetVersion, KeptRecord
from kb.exports.tables import TABLES
from sources.models import Change, Record


class Standing(NamedTuple):
    """How far the content has come."""

    number: int
    mark: int
    told: int | None  # the newest that the public was told of
    since: float  # the newest moment at which a case came or went by itself
    shape: str

    def __str__(self):
        return " ".join(map(str, self))


def current() -> DatasetVersion | None:
    """The newest version; none before the first sweep."""
    return DatasetVersion.objects.first()


def standing(seen: View) -> Standing:
    """How far the content has come, as cheaply as it can be told."""
    told = Change.objects.aggregate(n=Max("pk"))["n"]
    return Standing(*seen.index.version, told, seen.since, SHAPE)


class Overtaken(Exception):  # noqa: N818 — no fault: the other one makes it
    """Another process is making the same version."""


def keep_up(*, every_case: bool = False) -> DatasetVersion | None:
    """Make a version if what is public has changed since the newest one.

    Only what may have changed is read, where that is known; every case, if that is
    asked for.
    """
    newest, now = current(), standing(facets.view())
    if newest and newest.standing == str(now) and not every_case:
        return newest
    if not take_turn():
        return newest  # and what is missing gets its number in a minute
    try:
        return renewed(every_case=every_case)
    except (Overtaken, IntegrityError):
        return current()  # and so here
    finally:
        end_turn()


def renewed(*, every_case: bool) -> DatasetVersion:
    """The newest version, made now if something differs from the one before."""
    seen = facets.view()
    newest, now = current(), standing(seen)
    number = newest.number + 1 if newest else 1
    KeptRecord.objects.filter(since__gte=number).delete()  # of a run that was cut short
    compared = {
        "change": now.number,
        "mark": now.mark,
        "moment": now.since,
        "shape": shape(),
    }
    cases = None if every_case else changed_since(newest, seen)
    news = compare(number, Chosen(seen=seen), cases)
    if newest is None or news.is_anything:
        newest = numbered(number, compared, news)
        now = tell(now)
    purge()
    # Last of all: whoever is cut short before begins again from what was compared.
    found = DatasetVersion.objects.filter(pk=newest.pk)
    found.update(standing=str(now), **compared)
    return found.get()


def tell(now: Standing) -> Standing:
    """Let kept pages go, which name the version before; how far the content is then."""
    with transaction.atomic():
        contents.touch()
    known = Version(now.number, now.mark)
    changes = contents.changes_since(known, keeping.place())
    if changes is None or len(changes) != 1:
        return now  # something happened meanwhile: it is looked at in a minute
    number, mark, _case = changes[0]
    return now._replace(number=number, mark=mark)


def purge() -> None:
    """Drop what was withdrawn from all versions, for good."""
    for name, model in MODELS.items():
        if issubclass(model, Record):
            gone = model.objects.withdrawn().order_by()
            keys = gone.values_list(TABLES[name].key[0], flat=True)
            for some in batched(keys, AT_ONCE, strict=False):
                KeptRecord.objects.filter(table=name, key__in=some).delete()


@transaction.atomic
def numbered(number: int, compared: dict, news: Difference) -> DatasetVersion:
    """Let a version count: from now on it is the newest."""
    made = DatasetVersion.objects.create(
        number=number,
        added=news.added,
        changed=news.changed,
        gone=news.gone,
        **compared,
    )
    if KeptRecord.objects.filter(since=number).count() != news.written:
        raise Overtaken
    for some in batched(news.ended, AT_ONCE, strict=False):
        KeptRecord.objects.filter(pk__in=some).update(before=number)
    return made
