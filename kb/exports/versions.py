"""Versions of the dataset: a number for each state that was published, and its rows.

keep_up() runs after the sweep of each minute. Nothing is made while a record is being
published, and nothing at all where nothing changed.
"""

from itertools import batched
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Max

from cases import contents, facets, keeping
from cases.choices import Naming, PlacePrecision, TimePrecision
from cases.contents import Version
from cases.index import View
from cases.models import Organisation
from kb.exports.choosing import Chosen
from kb.exports.comparing import (
    AT_ONCE,
    MODELS,
    OWN,
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
from sources.choices import NOT_STATED
from sources.models import Change, Record

# Columns of a case, and their values from what tells most to what tells least.
MOST_TOLD_FIRST = {
    "place_precision": PlacePrecision.values,
    "naming": Naming.values,
    "time_precision": TimePrecision.values[::-1],
}
# And those that say it.
OF_PLACE_AND_TIME = ("country", "region", "period_from", "period_to")


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
        now = told(now)
    purge()
    # Last of all: whoever is cut short before begins again from what was compared.
    found = DatasetVersion.objects.filter(pk=newest.pk)
    found.update(standing=str(now), **compared)
    return found.get()


def told(now: Standing) -> Standing:
    """How far the content is once a version was made, if nothing else happened."""
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
    """Let a version count: from now on it is the newest.

    Kept pages go, which name the one before; and with it what tells too much by now.
    """
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
    forget_what_tells_more(number)
    contents.touch()
    return made


def forget_what_tells_more(number: int) -> None:
    """Drop older readings of cases that tell more than the readings of a version do.

    Of a case whose place, time or organisation is told less closely from now on, old
    files must not go on telling it. All of a reading goes: its texts may tell it too.
    """
    cases = KeptRecord.objects.filter(table=OWN)
    fresh, last = cases.filter(since=number).order_by("key"), ""
    while some := list(fresh.filter(key__gt=last)[:AT_ONCE]):
        new, last = {row.key: row for row in some}, some[-1].key
        older = cases.filter(key__in=new).exclude(before=None)
        more = [row.pk for row in older if tells_more(row, than=new[row.key])]
        KeptRecord.objects.filter(pk__in=more).delete()


def tells_more(reading: KeptRecord, than: KeptRecord) -> bool:
    """Whether a reading of a case says more closely where, when or who it was.

    An organisation that is taken back itself is left out wherever rows are read. What
    older programs did not keep yet, the reading does not tell.
    """
    [new], [old] = than.read()[OWN], reading.read()[OWN]
    old = {**new, "organisations": [], **old}
    is_finer = any(
        values.index(old[name]) < values.index(new[name])
        for name, values in MOST_TOLD_FIRST.items()
    )
    is_told = any(old[name] != NOT_STATED == new[name] for name in OF_PLACE_AND_TIME)
    is_renamed = old["pseudonym"] not in ("", new["pseudonym"])
    if is_finer or is_told or is_renamed:
        return True
    lost = {*old["organisations"]} - {*new["organisations"], NOT_STATED}
    return Organisation.objects.published().filter(slug__in=lost).exists()
