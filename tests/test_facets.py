"""A number shown is the number you get: facets and matrix against a plain reference."""

import random
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from unittest import mock

import pytest
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import facets, plain
from cases.choices import Actor, Effect, Evidence, Setting, Telling, Visibility
from cases.filters import CaseFilter
from cases.importing import contain_regions
from cases.models import Case, Country, Organisation, ResistanceForm
from cases.search import count_anew
from cases.selection import Selection
from cases.visibility import EVER
from tests import reference
from tests.factories import (
    CaseFactory,
    CountryFactory,
    EncounterFactory,
    FamilyFactory,
    FormFactory,
    OrganisationFactory,
    RegionFactory,
    ResponseFactory,
    StrategyFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """A small world made by chance, the same each time; gone after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        make(random.Random(7))  # noqa: S311
        count_anew()  # PostgreSQL plans badly for tables that it takes for empty
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def facets_of_few_values_are_numbered_too(monkeypatch):
    monkeypatch.setattr("cases.tallies.FEWEST_VALUES", 1)


def make(chance):
    asia = RegionFactory(code="142")
    regions = [RegionFactory(code="034", parent=asia), asia, RegionFactory(code="150")]
    countries = [
        CountryFactory(code=code, region=region)
        for code, region in zip(
            ["PK", "NP", "XA", "RS"], [*regions, None], strict=False
        )
    ]
    contain_regions()
    forms = [
        FormFactory(slug=f"form-{n}", mode=("passive", "active")[n > 2])
        for n in range(5)
    ]
    families = [FamilyFactory(slug=f"family-{n}") for n in range(3)]
    strategies = [
        StrategyFactory(slug=f"strategy-{n}", family=chance.choice(families))
        for n in range(6)
    ]
    organisations = [
        OrganisationFactory(slug=f"organisation-{n}", country=countries[0])
        for n in range(3)
    ]
    yesterday, tomorrow = (timezone.now() + timedelta(days=n) for n in (-1, 1))
    hidden = [
        {"draft": True},
        {"withdrawn": True},
        {"visible_from": EVER, "visible_until": yesterday},  # its consent ended
        {"visible_from": tomorrow},  # an embargo
        {"draft": True, "visible_from": None, "visible_until": None},  # no consent
    ]
    for n in range(45):
        case = CaseFactory(
            code=f"C{n + 70_100}",  # as no other test names one
            **chance.choice(
                [
                    *({"country": country} for country in countries),
                    *({"only_region": region} for region in regions),
                    {"placeless": True},
                ]
            ),
            telling=chance.choice(Telling.values),
            evidence=chance.choice(Evidence.values),
            organisations=chance.sample(organisations, chance.choice([0, 0, 1, 2])),
            **chance.choice([{}] * 10 + hidden),
        )
        for form in chance.sample([*forms, None], chance.choice([0, 1, 2, 3])):
            encounter = EncounterFactory(
                case=case,
                form=form,
                actor=chance.choice(Actor.values),
                setting=chance.choice(Setting.values),
            )
            for strategy in chance.sample([*strategies, None], chance.randrange(4)):
                ResponseFactory(
                    encounter=encounter,
                    strategy=strategy,
                    effect=chance.choice(Effect.values),
                    visibility=chance.choice(Visibility.values),
                )


VALUES = {
    "form": [*(f"form-{n}" for n in range(5)), "not-stated"],
    "mode": ["passive", "active", "not-stated"],
    "strategy": [*(f"strategy-{n}" for n in range(6)), "not-stated"],
    "family": [*(f"family-{n}" for n in range(3)), "not-stated"],
    "country": ["PK", "NP", "XA", "not-stated"],
    "region": ["142", "034", "150", "not-stated"],
    "actor": Actor.values,
    "setting": Setting.values,
    "effect": Effect.values,
    "visibility": Visibility.values,
    "telling": Telling.values,
    "evidence": Evidence.values,
    "organisation": [*(f"organisation-{n}" for n in range(3)), "not-stated"],
}
VALUES["answer"] = [
    f"{form}~{how}"
    for form in VALUES["form"]
    for how in [*VALUES["strategy"], *VALUES["family"][:-1]]
]
VALUES["met_by"] = [f"{f}~{a}" for f in VALUES["form"] for a in VALUES["actor"]]
VALUES["met_in"] = [f"{f}~{s}" for f in VALUES["form"] for s in VALUES["setting"]]
SINGLE = {"country", "telling", "evidence"}


def selections_of(chance, words):
    """Some filters by chance, among the values of a vocabulary."""
    picked = {
        name: tuple(sorted(chance.sample(list(words[name]), min(2, len(words[name])))))
        for name in chance.sample(sorted(facets.FACETS), chance.choice([1, 2, 3]))
    }
    every = {name for name in picked if name not in SINGLE and chance.random() < 0.3}
    if chance.random() < 0.3:
        halves = (chance.choice(list(words[n])) for n in ("form", "strategy"))
        picked["answer"] = ("~".join(halves),)
    return Selection(picked=picked, every=frozenset(every))


@st.composite
def selections(draw):
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True))
    picked = {
        name: tuple(
            sorted(draw(st.sets(st.sampled_from(VALUES[name]), min_size=1, max_size=3)))
        )
        for name in names
    }
    every = draw(st.sets(st.sampled_from(names))) if names else set()
    return Selection(picked=picked, every=frozenset(every - SINGLE))


MANY = 10_000


class InTables:
    """The same questions asked in SQL."""

    shown = staticmethod(plain.shown)
    shown_pairs = staticmethod(plain.shown_pairs)

    def codes(self, selection):
        return set(plain.matching(selection).values_list("code", flat=True))


class InSets:
    """The index that pages use."""

    shown = staticmethod(facets.shown)
    shown_pairs = staticmethod(facets.shown_pairs)

    def codes(self, selection):
        found = facets.found(selection)
        cases = Case.objects.in_order_of(found[0:MANY])
        assert [case.pk for case in cases] == found[0:MANY]
        return {case.code for case in cases}


class InRows(InSets):
    """The same, where all cases are taken for few, and looked at one by one."""

    taking = {"cases.tallies.SPARSE": 0}

    def shown(self, *args):
        with self.taken():
            return facets.shown(*args)

    def shown_pairs(self, *args):
        with self.taken():
            return facets.shown_pairs(*args)

    def taken(self):
        taken = ExitStack()
        for name, value in self.taking.items():
            taken.enter_context(mock.patch(name, value))
        return taken


class InRest(InRows):
    """The same, where many cases are counted from all the others."""

    taking = {
        "cases.index.LONG": 0,
        "cases.index.DENSE_BITS": 2.5,  # what two in five have is a field of bits
        "cases.index.SPARSE_BITS": MANY,
        "cases.index.MOST_GAPS": MANY,
    }


# The index is quick enough for many states; SQL is asked a few.
ENGINES = {
    "sets": (InSets(), 300),
    "rows": (InRows(), 100),
    "rest": (InRest(), 100),
    "tables": (InTables(), 40),
}
engines = pytest.mark.parametrize("engine", ENGINES)


def codes(selection):
    return InSets().codes(selection)


def expected(cases, selection):
    return reference.result(cases, selection.picked, selection.every)


def reparsed(selection):
    return CaseFilter(QueryDict(selection.query().removeprefix("?"))).selection


@engines
def test_every_state_shows_what_it_finds(engine):
    cases, words = reference.world(), facets.vocabulary()
    engine, states = ENGINES[engine]

    @settings(max_examples=states)
    @given(selections())
    def check(selection):
        assert engine.codes(selection) == expected(cases, selection)
        for name, counts in engine.shown(selection, words).items():
            for value, count in counts.items():
                more = selection.adding(name, value)
                assert count == len(expected(cases, more)), (name, value)

    check()


def test_what_is_offered_beside_one_value_is_what_each_adds():
    cases, words = reference.world(), facets.vocabulary()
    for name, values in VALUES.items():
        for value in values:
            selection = Selection(picked={name: (value,)})
            told = facets.offered(selection, words, facets.found(selection))
            for facet, counts in told.items():
                assert [*counts] == [*words[facet]]
                for other, count in counts.items():
                    more = selection.adding(facet, other)
                    assert count == len(expected(cases, more)), (facet, other)


def test_values_that_no_case_has_are_counted_beside_one_that_some_have():
    cases, seen = reference.world(), facets.view()
    for name, value in seen.index.crossings.rows:
        n = len(expected(cases, Selection(picked={name: (value,)})))
        for some in (["none has", value], [value, "nor", "this"]):
            counts = [n * (one == value) for one in some]
            told = seen.in_step((name, value), name, some)
            assert [*told.items()] == [*zip(some, counts, strict=True)]
    assert seen.in_step(None, "form", ["x"]) is None
    assert seen.in_step(("form", "none has"), "form", ["x"]) is None
    assert seen.in_step((name, value), "no facet", ["x"]) is None


@engines
def test_pairs_show_what_they_find(engine):
    cases = reference.world()
    engine, states = ENGINES[engine]

    @settings(max_examples=min(states, 100))
    @given(selections(), st.sampled_from(sorted(facets.PAIRS)))
    def check(selection, name):
        for value, count in engine.shown_pairs(selection, name).items():
            assert count == len(expected(cases, selection.adding(name, value)))

    check()


def test_a_further_facet_never_finds_more():
    cases = reference.world()

    @settings(max_examples=300)
    @given(selections(), st.sampled_from(sorted(VALUES)), st.data())
    def check(selection, name, data):
        value = data.draw(st.sampled_from(VALUES[name]))
        if not selection.values(name):
            more = selection.adding(name, value)
            assert expected(cases, more) <= expected(cases, selection)
            assert codes(more) <= codes(selection)

    check()


def test_the_order_of_parameters_never_matters():
    @settings(max_examples=60)
    @given(selections(), st.randoms(use_true_random=False))
    def check(selection, chance):
        parts = selection.query().removeprefix("?").split("&")
        chance.shuffle(parts)
        shuffled = CaseFilter(QueryDict("&".join(parts)))
        assert shuffled.ignored == []
        assert shuffled.selection.picked == selection.picked
        assert shuffled.selection.query() == selection.query()
        assert shuffled.found.keys == facets.found(selection).keys

    check()


@pytest.mark.parametrize("axes", facets.AXES.values(), ids=lambda axes: axes.name)
def test_each_cell_is_the_list_that_its_link_opens(axes):
    cases, words = reference.world(), facets.vocabulary()

    @settings(max_examples=15)
    @given(selections(), st.randoms(use_true_random=False))
    def check(selection, chance):
        table = facets.table(selection, axes, words)
        totals = [*table.row_totals.values(), *table.column_totals.values()]
        cells = [*table.cells.values(), *totals, table.total]
        for cell in cells:
            assert cell.count == len(expected(cases, cell.selection)), cell
        for cell in chance.sample(cells, 3):
            assert cell.count == len(expected(cases, reparsed(cell.selection))), cell

    check()


def test_the_matrix_hides_no_case():
    cases = reference.world()
    table = facets.table(Selection(), facets.AXES["form-family"], facets.vocabulary())
    stood = set()
    for cell in table.cells.values():
        stood |= expected(cases, cell.selection)
    assert stood == set(cases)


@pytest.mark.parametrize("withdrawn", [0, 3])
def test_of_very_many_values_those_with_most_cases_are_offered(monkeypatch, withdrawn):
    """As if all were counted, whatever is picked; of equal ones the first of all.

    One that was withdrawn is not offered, and takes no place from the others.
    """
    facet = replace(facets.FACETS["organisation"], most=4)
    monkeypatch.setitem(facets.FACETS, "organisation", facet)
    chance = random.Random(11)  # noqa: S311
    country, form = Country.objects.first(), ResistanceForm.objects.first()
    organisations = [
        OrganisationFactory(name=letter, country=country) for letter in "hgfedcba"
    ]
    for n in range(40):  # those with most cases have fewest of the form
        place = min(chance.randrange(8), chance.randrange(8))
        lines = [(form,)] if place > 3 or n % 9 == 0 else []
        some = organisations[place : place + chance.randint(0, 2)]
        CaseFactory(organisations=some, lines=lines, country=country)
    gone = {organisation.slug for organisation in organisations[:withdrawn]}
    Organisation.objects.filter(slug__in=gone).update(live=False)
    words = facets.vocabulary()
    assert gone.isdisjoint(words["organisation"])
    for picked in ({}, {"form": (form.slug,)}, {"organisation": ("not-stated",)}):
        for selection in (Selection(picked=picked), Selection("no such", picked)):
            all_of_it = facets.shown(selection, words)["organisation"]
            places = {value: n for n, value in enumerate(words["organisation"])}
            assert list(all_of_it) == list(places)
            best = sorted(places, key=lambda v: (-all_of_it[v], places[v]))[:4]
            chosen = {*best, *picked.get("organisation", ())}
            if all_of_it["not-stated"]:
                chosen.add("not-stated")
            expected = [(v, all_of_it[v]) for v in places if v in chosen]

            told = facets.offered(selection, words, facets.found(selection))
            assert list(told["organisation"].items()) == expected
            assert told["form"] == facets.shown(selection, words)["form"]
            found = facets.found(selection)
            more = facets.offered(selection, words, found, "organisation")
            assert more == facets.shown(selection, words)
