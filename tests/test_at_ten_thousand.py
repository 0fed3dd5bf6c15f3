"""Ten thousand cases: the same numbers as a plain reference, at a fraction of the cost.

What is asserted are counts, and ratios so wide that a busy machine cannot turn them.
"""

import gzip
import random
import time
from functools import cache, partial

import pytest
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pyroaring import BitMap

from cases import facets, keeping, plain
from cases.choices import Actor, Evidence, Setting, Telling
from cases.filters import CaseFilter
from cases.importing import contain_regions
from cases.models import Case, Encounter, Response
from cases.search import count_anew
from cases.visibility import EVER, NEVER
from tests import factories as make
from tests import reference
from tests.test_facets import selections_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

CASES, STATES = 10_000, 1_000
NOT_STATED = reference.NOT_STATED


class World:
    """Cases made by chance, and what is true of them: told twice, counted once."""

    def __init__(self, chance):
        self.chance = chance
        asia = make.RegionFactory(code="991")
        regions = [make.RegionFactory(code="992", parent=asia), asia]
        contain_regions()
        self.countries = [
            make.CountryFactory(region=chance.choice([*regions, None]))
            for _ in range(40)
        ]
        self.forms = [
            make.FormFactory(mode=chance.choice(["passive", "active"]))
            for _ in range(9)
        ]
        families = [make.FamilyFactory() for _ in range(4)]
        self.strategies = [
            make.StrategyFactory(family=chance.choice(families)) for _ in range(30)
        ]
        self.organisations = [make.OrganisationFactory() for _ in range(60)]
        self.cases, self.links, self.met, self.answers = [], [], [], []
        self.true = {}  # lines by case key, of those that are public
        for key in range(1, CASES + 1):
            self.add(key)
        Case.objects.bulk_create(self.cases, batch_size=500)
        Case.organisations.through.objects.bulk_create(self.links, batch_size=500)
        Encounter.objects.bulk_create(self.met, batch_size=500)
        Response.objects.bulk_create(self.answers, batch_size=500)

    def some(self, values):
        """One of them, the first far more often than the last."""
        return values[
            min(int(self.chance.expovariate(4) * len(values)), len(values) - 1)
        ]

    def add(self, key):
        case = Case(
            pk=key,
            code=f"C{key + 100_000}",
            slug=f"made-{key}",
            title=f"Case {key}",
            origin="published-source",
            snapshot="what happened",
            country=self.some(self.countries),
            live=self.chance.random() < 0.94,
            visible_from=EVER,
            visible_until=NEVER,
            last_checked="2026-01-01",
            telling=self.some(Telling.values),
            evidence=self.some(Evidence.values),
        )
        self.cases.append(case)
        named = self.chance.sample(self.organisations, self.chance.choice([0, 1, 1, 2]))
        through = Case.organisations.through
        self.links += [through(case_id=key, organisation=one) for one in named]
        lines = []
        for form in dict.fromkeys(self.some(self.forms) for _ in range(2)):
            lines += self.meet(case, form)
        if case.live:
            slugs = {one.slug for one in named} or {NOT_STATED}
            for line in lines:
                line["organisation"] = slugs
            self.true[key] = lines

    def meet(self, case, form):
        encounter = Encounter(
            pk=len(self.met) + 1,
            case=case,
            form=form,
            form_basis="stated",
            actor=self.some(Actor.values),
            actor_basis="stated",
            setting=self.some(Setting.values),
            setting_basis="stated",
            text="what they met",
        )
        for name in ("actor", "setting"):
            if getattr(encounter, name) == NOT_STATED:
                setattr(encounter, f"{name}_basis", NOT_STATED)
        self.met.append(encounter)
        lines = []
        for strategy in dict.fromkeys(
            self.some(self.strategies) for _ in range(self.chance.choice([0, 1, 2]))
        ):
            response = Response(
                pk=len(self.answers) + 1,
                encounter=encounter,
                strategy=strategy,
                strategy_basis="stated",
                text="what was done",
                effect=NOT_STATED,
                visibility=NOT_STATED,
            )
            self.answers.append(response)
            lines.append(reference.line(case, encounter, response, ()))
        return lines or [reference.line(case, encounter, None, ())]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        made = World(random.Random(11))  # noqa: S311
        count_anew()  # else PostgreSQL takes minutes for what takes a second
        yield made
        transaction.set_rollback(True)


def test_a_thousand_states_find_what_a_plain_reference_finds(world):
    chance, words = random.Random(5), facets.vocabulary()  # noqa: S311
    having = cache(partial(cases_with, world.true))
    for _n in range(STATES):
        selection = selections_of(chance, words)
        expected = set(world.true)
        for name, values in selection.picked.items():
            sets = [having(name, value) for value in values]
            both = set.intersection if name in selection.every else set.union
            expected &= both(*sets)
        assert set(facets.found(selection).keys) == expected, selection


def cases_with(true, name, value):
    """The cases of which a line has a value: each line of each case is looked at."""
    return {
        key
        for key, lines in true.items()
        if any(reference.has(line, name, value) for line in lines)
    }


def test_numbers_are_those_of_the_tables(world):
    chance = random.Random(6)  # noqa: S311
    words = facets.vocabulary()
    for _n in range(3):
        selection = selections_of(chance, words)
        assert facets.shown(selection, words) == plain.shown(selection, words)


def quickest(act, times=3):
    taken = []
    for _n in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return min(taken)


def test_a_page_takes_a_quarter_of_what_the_tables_take_at_most(world):
    form = world.forms[0].slug
    numbers = iter(range(100))
    client = Client()
    client.get("/cases/")

    def ours():
        # Another page of the list each time: no page is kept yet.
        assert (
            client.get(f"/cases/?form={form}&page={next(numbers)}").status_code == 200
        )

    filters = CaseFilter(QueryDict(f"form={form}"))

    def tables():
        plain.shown(filters.selection, filters.vocabulary)
        list(plain.matching(filters.selection).order_by("telling", "code")[:20])

    assert quickest(ours) * 4 < quickest(tables)


def test_a_page_asks_three_questions_at_most(world):
    client, form = Client(), world.forms[1].slug
    client.get("/cases/")
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/cases/?form={form}")
    assert len(asked) <= 3


def test_a_case_takes_few_bytes_of_memory():
    index = facets.view().index
    index.order("")
    index.counts("country", BitMap())  # makes the columns
    # At a million, where sets are dense, it is less than 80.
    assert index.size() - index.crossings.size() < 110 * CASES
    # These do not grow with the cases: a number for each two values.
    values = sum(len(sets) for sets in index.sets.values())
    assert index.crossings.size() <= 4 * values**2


def test_a_first_view_is_small():
    page = Client().get("/cases/", headers={"accept-encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    with open(finders.find("css/site.css"), "rb") as file:
        styles = gzip.compress(file.read())
    assert len(page.content) + len(styles) <= 14_600


def test_a_change_is_read_and_not_everything(world, monkeypatch):
    facets.view()
    monkeypatch.setattr(keeping, "read", None)
    key = next(iter(world.true))
    Case.objects.filter(pk=key).update(live=False)
    assert key not in facets.view().seen
    Case.objects.filter(pk=key).update(live=True)
    assert key in facets.view().seen
