"""Versions of the dataset: each publication is one, and old ones can still be had."""

import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.choices import Scope
from cases.models import Case
from curation.withdrawing import take_back, withdraw
from kb.exports import about, versions
from kb.exports.choosing import Chosen
from kb.exports.kept import Kept
from kb.exports.models import DatasetVersion, KeptRecord
from kb.exports.rows import rows
from kb.exports.tables import TABLES
from sources.models import Change
from tests.exports.test_tables import world
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    CountryFactory,
    LessonFactory,
    OrganisationFactory,
    call,
    cite,
)

__all__ = ["world"]
pytestmark = pytest.mark.django_db


def in_version(number):
    kept = Kept(DatasetVersion.objects.get(pk=number))
    return {name: list(kept.rows(table)) for name, table in TABLES.items()}


def is_exact():
    return about.live(Chosen()).about.is_exact


def sorted_rows(found):
    return {name: sorted(map(str, some)) for name, some in found.items()}


def published(case, **values):
    """What a release does to a case, as far as versions see it."""
    type(case).objects.filter(pk=case.pk).update(**values)
    Change.objects.create(kind="case", record_id=case.pk, what="changed")


def test_the_newest_version_holds_what_is_public_now(world):
    versions.keep_up()
    now = {name: list(rows(t, Chosen())) for name, t in TABLES.items()}
    assert all(now.values())
    assert sorted_rows(in_version(1)) == sorted_rows(now)
    assert is_exact()


def test_the_sweep_makes_them():
    call_command("sweep", verbosity=0)
    assert versions.current().number == 1


def test_a_publication_makes_a_version_and_nothing_else_does(world):
    assert versions.keep_up().number == 1
    published(world[0])  # nothing in it reads differently
    assert not is_exact()
    assert versions.keep_up().number == 1
    assert is_exact()

    published(world[0], title="Told anew")
    made = versions.keep_up()
    assert (made.number, made.added, made.changed, made.gone) == (
        *(2, {}, {"cases": 1}, {}),
    )
    CaseFactory(country=world[0].country)
    made = versions.keep_up()
    assert (made.number, made.added, made.changed) == (3, {"cases": 1}, {})
    old, new = in_version(1)["cases"][0], in_version(2)["cases"][0]
    assert old["title"] != new["title"] == "Told anew"
    assert [len(in_version(n)["cases"]) for n in (1, 2, 3)] == [2, 2, 3]
    assert KeptRecord.objects.filter(table="cases").count() == 4


def test_what_was_withdrawn_is_in_no_version_nor_kept(world):
    only = CaseFactory(
        title="Quagmire",
        country=CountryFactory(name="Nowhere else"),
        organisations=[OrganisationFactory(name="Only there")],
    )
    cite(only)
    call(only, "Quagmire, too")
    LessonFactory(cases=[only, world[0]])
    source = only.citations.get().source.slug
    versions.keep_up()
    before = in_version(1)
    for word in ("Quagmire", "Nowhere else", "Only there", source, only.code):
        assert word in str(before)

    withdraw(only, by=None)
    for _ in range(2):
        after = in_version(1)
        for word in ("Quagmire", "Nowhere else", "Only there", source, only.code):
            assert word not in str(after)
        versions.keep_up()
    assert len(in_version(1)["cases"]) == 2
    assert DatasetVersion.objects.get(pk=2).gone["cases"] == 1
    assert not KeptRecord.objects.filter(key=only.code).exists()


def test_what_is_taken_back_comes_back_to_its_versions_only_when_it_is_public(world):
    versions.keep_up()
    take_back(world[0])
    assert len(in_version(1)["cases"]) == 1
    assert versions.keep_up().number == 2
    Case.objects.filter(pk=world[0].pk).update(live=True)
    assert len(in_version(1)["cases"]) == 2


def test_time_alone_takes_a_case_out_of_every_version(world):
    versions.keep_up()
    over = timezone.now() - timedelta(seconds=1)
    Case.objects.filter(pk=world[0].pk).update(visible_until=over)
    assert len(in_version(1)["cases"]) == 1


def test_a_consent_that_no_longer_covers_it_does_too(world):
    told = CaseFactory(origin="interview")
    ConsentFactory(case=told)
    versions.keep_up()
    assert len(in_version(1)["cases"]) == 3
    ConsentFactory(case=told, scopes=[Scope.TEXT])
    assert len(in_version(1)["cases"]) == 2
    assert versions.keep_up().gone == {"cases": 1, "countries": 1}


def test_a_run_that_was_cut_short_leaves_nothing(world, monkeypatch):
    versions.keep_up()
    CaseFactory(country=world[0].country)

    def cut(*_):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(versions, "numbered", cut)
        with pytest.raises(OSError):  # noqa: PT011
            versions.keep_up()
    assert len(in_version(1)["cases"]) == 2
    assert versions.keep_up().added == {"cases": 1}
    assert len(in_version(2)["cases"]) == 3


def test_of_two_that_make_a_version_at_once_one_gives_way(world, monkeypatch):
    versions.keep_up()
    CaseFactory(country=world[0].country)

    def overtaken(number, found):
        news = compare(number, found)
        KeptRecord.objects.filter(since=number).delete()  # as the other one begins
        return news

    compare = versions.compare
    with monkeypatch.context() as racing:
        racing.setattr(versions, "compare", overtaken)
        assert versions.keep_up().number == 1
    assert len(in_version(1)["cases"]) == 2
    assert versions.keep_up().number == 2
    assert len(in_version(2)["cases"]) == 3


def test_a_failure_stops_no_sweep_and_tells_nothing(world, monkeypatch, caplog):
    def broken():
        raise ValueError(world[0].title)

    monkeypatch.setattr(versions, "keep_up", broken)
    logging.getLogger("kb").addHandler(caplog.handler)
    with pytest.raises(CommandError):
        call_command("sweep", verbosity=0)
    logging.getLogger("kb").removeHandler(caplog.handler)
    assert "ValueError" in caplog.text
    assert world[0].title not in caplog.text
