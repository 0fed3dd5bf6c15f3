"""Versions of the dataset: each publication is one, and old ones can still be had."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pyroaring import BitMap

from cases.choices import Naming, PlacePrecision, Scope, TimePrecision
from cases.models import Case, Region
from cases.visibility import EVER, NEVER
from curation.withdrawing import take_back, withdraw
from kb.exports import about, choosing, comparing, versions
from kb.exports.choosing import Chosen
from kb.exports.kept import Kept
from kb.exports.models import DatasetVersion, KeptRecord
from kb.exports.rows import rows
from kb.exports.tables import TABLES
from sources.models import Change
from strategies.models import Strategy
from tests.exports.test_tables import world
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    CountryFactory,
    FamilyFactory,
    FormFactory,
    LessonFactory,
    OrganisationFactory,
    RegionFactory,
    SourceFactory,
    StrategyFactory,
    call,
    cite,
    link,
)
from tests.test_index_of_cases import World

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


LESS = {
    "no country": {
        "place_precision": PlacePrecision.REGION,
        "country": None,
    },
    "no quarter": {"time_precision": TimePrecision.YEAR, "quarter_from": None},
    "no last year": {"period_to": None},
    "by its kind": {
        "naming": Naming.TYPE,
        "pseudonym": "",
        "organisation_kind": "civil-society",
    },
    "another name for it": {"pseudonym": "The other house"},
}


@pytest.mark.parametrize("values", LESS.values(), ids=LESS)
def test_what_is_told_less_closely_is_in_no_older_version(world, values):
    case = CaseFactory(
        title="Quagmire",
        naming=Naming.PSEUDONYM,
        pseudonym="The house",
        time_precision=TimePrecision.QUARTER,
        period_from=2019,
        period_to=2021,
        quarter_from=2,
        period_basis="stated",
    )
    versions.keep_up()
    published(case, title="Mended")
    versions.keep_up()
    assert [len(in_version(n)["cases"]) for n in (1, 2)] == [3, 3]
    if "country" in values:
        values = values | {"region": RegionFactory()}
    published(case, **values)
    versions.keep_up()
    assert [len(in_version(n)["cases"]) for n in (1, 2, 3)] == [2, 2, 3]
    assert KeptRecord.objects.filter(key=case.code).count() == 1
    published(case, title="Mended again")
    versions.keep_up()
    assert [len(in_version(n)["cases"]) for n in (1, 2, 3, 4)] == [2, 2, 3, 3]


def test_an_organisation_that_a_case_names_no_more_is_in_no_older_version(world):
    house, other = OrganisationFactory(), OrganisationFactory()
    case = CaseFactory(organisations=[house, other])
    versions.keep_up()
    published(case, title="Told anew")
    link(case, "organisations", [OrganisationFactory()])
    versions.keep_up()
    assert [len(in_version(n)["cases"]) for n in (1, 2)] == [3, 3]
    Case.organisations.through.objects.filter(organisation=house).delete()
    published(case)
    versions.keep_up()
    assert [len(in_version(n)["cases"]) for n in (1, 2, 3)] == [2, 2, 3]


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

    def overtaken(number, *given):
        news = compare(number, *given)
        KeptRecord.objects.filter(since=number).delete()  # as the other one begins
        return news

    compare = versions.compare
    with monkeypatch.context() as racing:
        racing.setattr(versions, "compare", overtaken)
        assert versions.keep_up().number == 1
    assert len(in_version(1)["cases"]) == 2
    assert versions.keep_up().number == 2
    assert len(in_version(2)["cases"]) == 3


def test_a_run_of_more_than_a_minute_is_left_alone(world, monkeypatch):
    versions.keep_up()
    published(world[0], title="Told anew")
    seen = []

    def slow(*given):
        seen.append(versions.keep_up())  # the next minute begins
        return compare(*given)

    compare = versions.compare
    monkeypatch.setattr(versions, "compare", slow)
    assert versions.keep_up().number == 2
    assert [made.number for made in seen] == [1]
    published(world[0], title="And again")
    assert versions.keep_up().number == 3  # whoever is ready lets others begin


def test_one_that_was_killed_is_waited_for_no_longer_than_two_minutes(world):
    versions.keep_up()
    published(world[0], title="Told anew")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert comparing.take_turn()
        assert versions.keep_up().number == 1
        clock.shift(timedelta(seconds=121))
        assert versions.keep_up().number == 2


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


class Publishing(World):
    """Things that happen to what is public, and to what rows of cases name."""

    def __init__(self, seed, clock):
        super().__init__(seed)
        self.clock = clock
        self.sources = [SourceFactory() for _ in range(3)]
        self.lessons = [LessonFactory() for _ in range(2)]

    def tell(self, record):
        kind = record._meta.model_name
        Change.objects.create(kind=kind, record_id=record.pk, what="changed")

    def some_case(self):
        public = list(Case.objects.published().order_by("code"))
        return self.chance.choice(public) if public else self.new()

    def cite_one(self):
        case, source = self.some_case(), self.chance.choice(self.sources)
        found = [case, *case.encounters.all()]
        found += [answer for line in found[1:] for answer in line.responses.all()]
        cite(self.chance.choice(found), source)
        call(self.some_case(), "Another name", source=source)

    def merge_sources(self):
        loser, winner = self.chance.sample(self.sources, 2)
        for relation in ("casecitation", "encountercitation", "responsecitation"):
            rows = getattr(loser, f"{relation}_set")
            rows.update(source=winner)
        self.turn(loser, live=False)

    def turn(self, record, *, live):
        type(record).objects.filter(pk=record.pk, withdrawn_at=None).update(live=live)
        self.tell(record)

    def take_a_record_back_or_let_it_in(self):
        terms = [*self.forms, *self.families, *self.strategies]
        others = [*self.organisations, *self.sources, *self.lessons]
        record = self.chance.choice([*terms, *others])
        self.turn(record, live=self.chance.random() < 0.7)

    def withdraw_a_case(self):
        withdraw(self.some_case(), by=None)

    def let_in(self):
        hidden = Case.objects.filter(live=False)
        hidden.update(withdrawn_at=None, visible_from=EVER, visible_until=NEVER)
        hidden.update(live=True)

    def tell_a_lesson_otherwise(self):
        lesson = self.chance.choice(self.lessons)
        type(lesson).objects.filter(pk=lesson.pk).update(text=str(self.chance.random()))
        link = type(lesson).cases.through.objects
        link.filter(lesson=lesson).delete()
        link.create(lesson=lesson, case=self.some_case())
        self.tell(lesson)

    def rename_a_region(self):
        region = self.some_case().region or self.countries[0].region
        type(region).objects.filter(pk=region.pk).update(
            name=f"Region {self.chance.random()}"
        )

    def move_a_country_within_the_world(self):
        one, other = self.chance.sample(self.countries, 2)
        other.refresh_from_db()
        type(one).objects.filter(pk=one.pk).update(region=other.region)

    def let_time_pass(self):
        self.clock.shift(timedelta(days=1))


HAPPENINGS = [
    name
    for name in dir(Publishing)
    if not name.startswith("_") and name not in ("some_case", "tell", "turn")
]
HAPPENINGS += ["let_in", "say_what_for"] * 3  # or soon there is nothing to see


@pytest.mark.parametrize("seed", range(2))
def test_what_changed_is_all_that_need_be_compared(seed, monkeypatch):
    is_known = []

    def changed_since(*given):
        found = comparing.changed_since(*given)
        is_known.append(found is not None)
        return found

    monkeypatch.setattr(versions, "changed_since", changed_since)
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC), tick=False) as clock:
        world = Publishing(seed, clock)
        for _ in range(6):
            world.new()
            world.cite_one()
        versions.keep_up()
        for _ in range(17):
            happened = world.chance.choices(HAPPENINGS, k=3)
            for happening in happened:
                getattr(world, happening)()
                made = versions.keep_up()
            assert versions.keep_up(every_case=True) == made, happened
    assert sum(is_known) > len(is_known) / 2  # not every case was read each time
    assert made.number > 12


def test_a_change_costs_the_same_among_few_as_among_many(monkeypatch):
    monkeypatch.setattr(comparing, "AT_ONCE", 5)
    monkeypatch.setattr(choosing, "AT_ONCE", 5)
    form = FormFactory()
    case = CaseFactory(lines=[(form,)])
    cite(case)
    asked = []
    for number in (1, 20):
        for _ in range(number):
            CaseFactory(country=case.country, lines=[(form,)])
        versions.keep_up()
        published(case, title=f"Told anew among {number}")
        with CaptureQueriesContext(connection) as queries:
            assert versions.keep_up().changed == {"cases": 1}
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_command_compares_what_nobody_noticed(world, monkeypatch, capsys):
    versions.keep_up()
    published(world[0], title="Told anew")
    monkeypatch.setattr(versions, "changed_since", lambda *_: BitMap())
    assert versions.keep_up().number == 1
    call_command("compare_dataset")
    assert "version is 2" in capsys.readouterr().out
    assert versions.current().changed == {"cases": 1}


def test_a_case_that_nobody_knows_any_more_is_found_to_be_gone(world):
    only = CaseFactory(country=world[0].country)
    versions.keep_up()
    only.delete()
    assert versions.keep_up().gone == {"cases": 1}


def test_what_was_withdrawn_goes_for_good_even_where_a_run_is_cut_short(
    world, monkeypatch
):
    versions.keep_up()

    def cut():
        raise OSError

    withdraw(world[0], by=None)
    with monkeypatch.context() as broken:
        broken.setattr(versions, "purge", cut)
        with pytest.raises(OSError):  # noqa: PT011
            versions.keep_up()
    assert KeptRecord.objects.filter(table="cases", key=world[0].code).exists()
    made = versions.keep_up()
    assert (made.number, made.gone["cases"]) == (2, 1)
    assert not KeptRecord.objects.filter(table="cases", key=world[0].code).exists()


def test_a_case_is_read_again_where_what_it_stands_in_was_changed():
    strategy, region = StrategyFactory(), RegionFactory()
    family = FamilyFactory()
    CaseFactory(only_region=region, lines=[(FormFactory(), strategy)])
    versions.keep_up()
    Strategy.objects.filter(pk=strategy.pk).update(definition="Told anew.")
    assert versions.keep_up().changed == {"strategies": 1}
    Strategy.objects.filter(pk=strategy.pk).update(family=family)
    assert versions.keep_up().changed == {"strategies": 1, "cases": 1}
    Region.objects.filter(pk=region.pk).update(name="Elsewhere")
    assert versions.keep_up().changed == {"cases": 1}


def test_time_alone_makes_a_version(world):
    now = timezone.now()
    over = now + timedelta(days=1)
    Case.objects.filter(pk=world[0].pk).update(visible_until=over)
    versions.keep_up()
    with time_machine.travel(over, tick=False):
        assert versions.keep_up().gone["cases"] == 1
    with time_machine.travel(now, tick=False):  # a clock that was put back
        assert versions.keep_up().added["cases"] == 1
