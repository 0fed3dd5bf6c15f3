"""The index of public cases: always what the tables say, whatever happened."""

import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import (
    DatabaseError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pyroaring import BitMap

from cases import contents, facets, keeping, reading
from cases.choices import Actor, Origin, Scope, Telling
from cases.contents import NOTHING, Version
from cases.index import Index
from cases.models import Case, ContentChange, Encounter, SavedIndex
from cases.selection import Selection
from cases.visibility import EVER, NEVER
from cases.windows import Windows
from tests import factories as make
from tests.serving import hang_up

pytestmark = pytest.mark.django_db

ALL = Selection()


@pytest.fixture(autouse=True)
def keeper(monkeypatch):
    """A process that has just started."""
    monkeypatch.setattr(keeping, "KEEPER", keeping.Keeper())
    return keeping.KEEPER


def keys(selection=ALL):
    return set(facets.found(selection).keys)


def test_it_asks_one_question_while_nothing_changes():
    make.CaseFactory()
    keys()
    with CaptureQueriesContext(connection) as asked:
        assert len(keys()) == 1
    assert len(asked) == 1


def test_drafts_are_no_change():
    country, form = make.CountryFactory(), make.FormFactory()
    before = contents.version()
    assert before != NOTHING
    case = make.CaseFactory(draft=True, country=country)
    case.save_revision()
    make.EncounterFactory(case=case, form=form)
    assert contents.version() == before


def test_a_case_may_point_at_a_term_that_is_not_public():
    case = make.CaseFactory()
    facets.view()
    hidden = make.OrganisationFactory(draft=True, country=case.country)
    Case.organisations.through.objects.create(case=case, organisation=hidden)
    assert facets.view().index.having("organisation", hidden.slug)
    assert hidden.slug not in facets.vocabulary()["organisation"]


class World:
    """Things that happen to what is public, by chance."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311
        self.forms = [make.FormFactory() for _ in range(3)]
        self.families = [make.FamilyFactory() for _ in range(2)]
        self.strategies = [
            make.StrategyFactory(family=self.chance.choice(self.families))
            for _ in range(4)
        ]
        self.organisations = [make.OrganisationFactory() for _ in range(4)]
        self.countries = [make.CountryFactory() for _ in range(3)]

    def some_case(self):
        return Case.objects.order_by("?").first() or self.new()

    def new(self):
        country = {"country": self.chance.choice(self.countries)}
        case = make.CaseFactory(
            organisations=self.chance.sample(
                self.organisations, self.chance.randrange(5)
            ),
            **self.chance.choice(
                [
                    *(country, country | {"draft": True}, {"placeless": True}),
                    *(country | {"origin": "interview"},) * 2,
                ]
            ),
        )
        self.meet(case)
        return case

    def meet(self, case=None):
        case = case or self.some_case()
        form, actor = self.chance.choice(self.forms), self.chance.choice(Actor.values)
        if case.encounters.filter(form=form, actor=actor).exists():
            form = None
        encounter = make.EncounterFactory(case=case, form=form, actor=actor)
        for strategy in self.chance.sample([*self.strategies, None], 2):
            make.ResponseFactory(encounter=encounter, strategy=strategy)

    def say_what_for(self):
        scopes = self.chance.sample(Scope.values, self.chance.randrange(9))
        make.ConsentFactory(case=self.some_case(), scopes=scopes)

    def take_back(self):
        Case.objects.filter(pk=self.some_case().pk).update(live=False)

    def let_in(self):
        Case.objects.filter(pk=self.some_case().pk).update(
            live=True, visible_from=EVER, visible_until=NEVER
        )

    def hide_for_a_time(self):
        hidden = timezone.now() + timedelta(days=self.chance.choice([-1, 1]))
        Case.objects.filter(pk=self.some_case().pk, live=True).update(
            visible_from=hidden, visible_until=hidden + timedelta(days=1)
        )

    def lose_encounters(self):
        for encounter in self.some_case().encounters.all():
            encounter.responses.all().delete()
            encounter.delete()

    def name_others(self):
        case = self.some_case()
        case.organisations.set(self.chance.sample(self.organisations, 1))
        case.save()

    def check_again(self):
        Case.objects.filter(pk=self.some_case().pk).update(
            last_checked="2026-02-03", telling=self.chance.choice(Telling.values)
        )

    def rename_a_term(self):
        term = self.chance.choice([*self.forms, *self.strategies, *self.organisations])
        term.slug = f"renamed-{self.chance.randrange(10**6)}"
        type(term).objects.filter(pk=term.pk).update(slug=term.slug)

    def move_a_strategy(self):
        strategy = self.chance.choice(self.strategies)
        family = self.chance.choice(self.families)
        type(strategy).objects.filter(pk=strategy.pk).update(family=family)

    def refile(self):
        form = self.chance.choice(self.forms)
        for encounter in Encounter.objects.order_by("?")[:2]:
            same = Encounter.objects.filter(
                case=encounter.case,
                form=form,
                actor=encounter.actor,
                setting=encounter.setting,
            )
            if not same.exists():
                Encounter.objects.filter(pk=encounter.pk).update(
                    form=form, form_basis="stated"
                )

    def move_a_country(self):
        country = self.chance.choice(self.countries)
        type(country).objects.filter(pk=country.pk).update(
            region=make.RegionFactory(), name=f"Land {self.chance.randrange(10**6)}"
        )

    def undo(self):
        """What is rolled back never was."""
        with transaction.atomic():
            self.chance.choice([self.new, self.take_back, self.rename_a_term])()
            keys()  # somebody looks at it all the same
            transaction.set_rollback(True)
        for term in [*self.forms, *self.strategies, *self.organisations]:
            term.refresh_from_db()


HAPPENINGS = [
    name for name in vars(World) if not name.startswith("_") and name != "some_case"
]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_it_says_what_the_tables_say(seed, keeper, monkeypatch):
    monkeypatch.setattr("cases.tallies.FEWEST_VALUES", 1)
    monkeypatch.setattr("cases.tallies.SPARSE", 0)
    monkeypatch.setattr("cases.index.MOST_MOVED", (3, 2_000)[seed % 3 > 0])
    monkeypatch.setattr("cases.index.LONG", 2)
    monkeypatch.setattr("cases.index.DENSE_BITS", 2)
    monkeypatch.setattr("cases.index.MOST_GAPS", 1_000_000)
    monkeypatch.setattr("cases.reading.AT_ONCE", (3, 20_000)[seed % 2])
    monkeypatch.setattr("cases.index.STRIDE", (2, 512)[seed % 2])
    monkeypatch.setattr("cases.crossings.MOST_ROWS", (3, 512)[seed % 2])
    monkeypatch.setattr("cases.crossings.MOST_VALUES", (5, 4_096)[seed % 3 > 0])
    world = World(seed)
    for _n in range(6):
        world.new()
    kept = keeping.save()
    read_anew = 0
    for step in range(40):
        happening = world.chance.choice(HAPPENINGS)
        getattr(world, happening)()
        if step % 3:
            continue
        before = keeper.kept
        same_as_anew(keeping.differences(), happening)
        for scope in (Scope.EXPORT, Scope.PACKAGE):
            assert set(facets.view().kept_back(scope)) == unallowed(scope), happening
        facets.view()
        read_anew += before is not None and keeper.kept is before
        told = keeper.kept.index
        for values in (*told.sets.values(), *told.pairs.values()):
            assert all(values.values()), "a value that no case has any more"
        for sort in ("", "code", "country", "checked"):
            in_order(told, sort)
        counted_one_by_one(told, world.chance)
        crossed_beforehand(told)
        crossed_with_the_rest(told, world.chance)
    # One that starts from what was saved long ago comes to the same.
    keeping.KEEPER = keeping.Keeper()
    assert keeping.saved().index.version == kept.index.version
    same_as_anew(keeping.differences(), "a start")


def counted_one_by_one(told, chance):
    """Counting few cases one by one comes to what crossing sets comes to."""
    everything = sorted(told.everything)
    found = set(chance.sample(everything, chance.randrange(len(everything) + 1)))
    for facet, sets in told.sets.items():
        expected = {value: len({*having} & found) for value, having in sets.items()}
        expected = {value: n for value, n in expected.items() if n}
        counts = told.counts(facet, BitMap(found))
        if counts is None:  # it had no values yet when the columns were made
            assert facet not in told.tallies[0].facets
            continue
        assert counts == expected, facet
        most = chance.randrange(1, len(sets) + 2)
        highest = told.counts(facet, BitMap(found), most)
        assert highest.items() <= counts.items(), facet
        lowest = sorted(counts.values(), reverse=True)[:most][-1:]
        assert all(value in highest for value in counts if [counts[value]] >= lowest)
    assert told.counts("no facet", BitMap(found)) is None


def crossed_beforehand(told):
    """What one filter finds is counted beforehand as crossing sets would count it."""
    rows = told.crossings.rows
    assert rows.keys() >= {("telling", value) for value in told.sets["telling"]}
    for (facet, value), row in rows.items():
        found = {*told.sets.get(facet, {}).get(value, ())}
        for other, sets in told.sets.items():
            expected = {name: len({*having} & found) for name, having in sets.items()}
            expected = {name: n for name, n in expected.items() if n}
            counts = told.crossings.counts(row, other)
            assert counts in (None, expected), (facet, value, other)
            assert counts is not None or other not in told.crossings.places.by_facet


def crossed_with_the_rest(told, chance):
    """How many cases found each set has is counted from those that were not found."""
    everything = sorted(told.everything)
    told.remembered.pop("rest", None)
    for n in (len(everything), 2, len(everything) // 2, 2):
        found = {*chance.sample(everything, min(n, len(everything)))}
        asked = BitMap(found)
        for sets in (*told.sets.values(), *told.pairs.values()):
            expected = {name: len({*one} & found) for name, one in sets.items()}
            assert told.crossed(sets.items(), asked) == expected
        is_by_rest = 2 <= len(found) <= len(everything) // 2
        remembered, _rest = told.remembered.get("rest", (None, None))
        assert (remembered is asked) == is_by_rest


def unallowed(scope):
    """Keys of the released cases that need a consent for this, and have none."""
    asked = Case.objects.filter(live=True).exclude(origin=Origin.PUBLISHED)
    newest = {c.pk: c.consents.order_by("recorded_at", "pk").last() for c in asked}
    return {key for key, said in newest.items() if not (said and said.covers(scope))}


def test_what_may_be_given_away_is_known_without_asking():
    told = make.ConsentFactory(case__origin="interview").case
    assert not facets.view().kept_back(Scope.EXPORT)
    make.ConsentFactory(case=told, scopes=[Scope.TEXT])
    with CaptureQueriesContext(connection) as asked:
        view = facets.view()
    assert [*view.kept_back(Scope.EXPORT)] == [told.pk]
    assert told.pk in view.seen
    assert not view.kept_back(Scope.TEXT)
    with CaptureQueriesContext(connection) as again:
        facets.view().kept_back(Scope.EXPORT)
    assert len(again) == 1 < len(asked)


def same_as_anew(differences, after):
    assert differences == [], after


def in_order(index, sort):
    """The order kept in step is the one that sorting makes."""
    found = index.first(index.everything, sort, 0, 1000)
    by = {
        "": lambda c: (c.telling, int(c.code[1:])),
        "code": lambda c: int(c.code[1:]),
        "country": lambda c: (
            (0, c.country.name.casefold()) if c.country else (1, ""),
            int(c.code[1:]),
        ),
        "checked": lambda c: (-c.last_checked.toordinal(), int(c.code[1:])),
    }[sort]
    cases = Case.objects.filter(pk__in=found).select_related("country")
    assert found == [case.pk for case in sorted(cases, key=by)], sort
    order = index.order(sort).tolist()
    assert order == found


def test_a_page_is_found_the_same_way_among_few_and_among_many(monkeypatch):
    for n in range(30):
        make.CaseFactory(telling=Telling.values[n % 2])
    index = facets.view().index
    some = index.having("telling", Telling.values[1])
    sorts = ["", "code", "checked"]
    assert not index.orders
    few = [index.first(some, sort, 4, 9) for sort in sorts]
    assert not index.orders  # 15 of 30 were sorted
    assert [keys[:2] for keys in few] == [index.first(some, s, 4, 6) for s in sorts]
    assert index.orders.keys() == {*sorts}  # and now looked for
    monkeypatch.setattr("cases.index.PATIENCE", 0)
    assert [keys[:2] for keys in few] == [index.first(some, s, 4, 6) for s in sorts]


@pytest.mark.parametrize(
    "day", ["1066-10-14", "1969-12-31", "2150-01-01", "9999-12-31"]
)
def test_an_odd_day_breaks_no_list(day, keeper):
    make.CaseFactory(last_checked="2026-01-01")
    case = make.CaseFactory(last_checked=day)
    assert case.pk in keys()
    assert len(facets.found(Selection(sort="checked"))[0:20]) == 2
    keeper.kept = None  # and so where all is read at once
    assert case.pk in keys()
    Case.objects.filter(pk=case.pk).update(title="Told anew")
    assert case.pk in keys()


def test_an_embargo_ends_at_its_minute_and_a_consent_too():
    at = datetime(2030, 1, 2, tzinfo=UTC)
    until = datetime(2030, 1, 5, tzinfo=UTC)
    case = make.CaseFactory(visible_from=at, visible_until=until)
    moments = [
        (at - timedelta(seconds=1), set()),
        (at, {case.pk}),
        (until - timedelta(seconds=1), {case.pk}),
        (until, set()),
        (at, {case.pk}),  # a clock that was put back
    ]
    for moment, expected in moments:
        with time_machine.travel(moment, tick=False):
            assert keys() == expected
            assert set(facets.counts_of("telling").values()) == {1} & {len(expected)}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_windows_are_read_to_the_microsecond_in_any_zone(zone):
    first = datetime(2031, 7, 1, 3, 4, 5, 600_007, tzinfo=UTC)
    spans = [
        (EVER, first),
        (first, NEVER),
        (first.replace(microsecond=0), first + timedelta(days=1)),
        (first.replace(microsecond=500_000), NEVER),
    ]
    cases = [make.CaseFactory(visible_from=a, visible_until=b) for a, b in spans[::-1]]
    make.CaseFactory()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE %s", [zone])
    expected = zip(cases, spans[::-1], strict=True)
    assert reading.windows() == Windows.of(
        {case.pk: reading.window(*span) for case, span in expected}
    )


def test_a_saved_index_is_what_a_process_starts_from(monkeypatch):
    country = make.ResponseFactory().encounter.case.country
    make.CaseFactory(visible_until=datetime(2099, 1, 1, tzinfo=UTC), country=country)
    call_command("build_index", stdout=open_nowhere())
    monkeypatch.setattr(keeping, "anew", broken)
    monkeypatch.setattr(keeping, "KEEPER", keeping.Keeper())
    assert len(keys()) == 2
    make.CaseFactory(country=country)
    assert len(keys()) == 3


def broken():
    raise AssertionError("read from the tables")


def open_nowhere():
    return type("Nowhere", (), {"write": lambda *_: None})()


@pytest.mark.parametrize(
    "damage",
    [
        lambda row: bytes(row.data)[:-1],
        lambda row: b"",
        lambda row: bytes(row.data).replace(b"form", b"from", 1),
    ],
    ids=["cut", "empty", "changed"],
)
def test_a_damaged_one_is_made_anew_and_told_of(damage, caplog, monkeypatch):
    make.ResponseFactory()
    keeping.save()
    row = SavedIndex.objects.get()
    SavedIndex.objects.update(data=damage(row))
    monkeypatch.setattr(keeping, "KEEPER", keeping.Keeper())
    assert len(keys()) == 1
    assert "cannot be used" in caplog.text
    assert keeping.differences() == []


def test_sets_stay_small_and_those_of_an_older_index_as_they_were():
    chance, keys = random.Random(7), range(1, 60_001)  # noqa: S311
    index = Index(
        everything=BitMap(keys), sets={"telling": {"described": BitMap(keys)}}
    )
    sets = index.everything, index.having("telling", "described")
    assert all(found.get_statistics()["n_run_containers"] for found in sets)
    before = [found.serialize() for found in sets]
    gone, now = set(chance.sample(keys, 20_000)), index
    for at in range(0, 20_000, 1_000):
        now = now.revised(Version(2, at), {*[*gone][at : at + 1_000]}, [], {})
    assert [found.serialize() for found in sets] == before
    for found in (now.everything, now.having("telling", "described")):
        assert found == BitMap(set(keys) - gone)
        assert len(found.serialize()) <= len(BitMap(found).serialize()) + 2 * 1_000


def test_one_in_many_rows_is_read_in_their_order_wherever_they_lie(monkeypatch):
    monkeypatch.setattr(keeping, "PART", 100)
    make.ResponseFactory()
    kept = keeping.save()
    rows = [*SavedIndex.objects.order_by("-part").values_list(*keeping.ROW)]
    assert len(rows) > 11
    SavedIndex.objects.all().delete()
    keeping.write_rows(rows)
    assert keeping.packed(keeping.saved()) == keeping.packed(kept)


@pytest.mark.parametrize(
    "ask", [keeping.saved, lambda: keeping.write_rows([(1, b"", "", 1, 1)])]
)
def test_what_goes_wrong_with_it_is_told_as_by_any_other_question(ask, monkeypatch):
    monkeypatch.setattr(connection, "errors_occurred", False)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE cases_savedindex RENAME TO elsewhere")
        with pytest.raises(DatabaseError), transaction.atomic():
            ask()
        transaction.set_rollback(True)
    assert connection.errors_occurred


def test_one_that_another_release_kept_is_made_anew(monkeypatch):
    told = make.CaseFactory(origin="interview")
    with monkeypatch.context() as before:
        before.setattr(keeping, "FORMAT", keeping.FORMAT - 1)
        before.setattr(reading, "kept_back", dict)  # it did not know of consents
        keeping.save()
    monkeypatch.setattr(keeping, "KEEPER", keeping.Keeper())
    assert [*facets.view().kept_back(Scope.EXPORT)] == [told.pk]


def test_an_older_database_is_read_anew():
    make.CaseFactory()
    assert len(keys()) == 1
    newest = contents.version()
    ContentChange.objects.filter(pk=newest.number).update(mark=newest.mark ^ 1)
    Case.objects.bulk_create([make.CaseFactory.build(country=make.CountryFactory())])
    assert len(keys()) == 2
    assert contents.changes_since(Version(newest.number, newest.mark)) is None


def test_where_no_change_was_ever_numbered_nothing_is_read_twice(monkeypatch):
    ContentChange.objects.all().delete()
    monkeypatch.setattr(keeping, "KEEPER", keeping.Keeper())
    kept = keeping.KEEPER.current()
    assert contents.changes_since(kept.index.version) == []
    assert keeping.KEEPER.current() is kept
    make.CaseFactory()
    assert len(keys()) == 1


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_reads_at_one_moment():
    make.CaseFactory()
    assert len(keys()) == 1
    keeping.save()
    ContentChange.objects.all().delete()  # as if an older copy were put back
    make.CaseFactory()
    assert len(keys()) == 2
    assert keeping.differences() == []


@pytest.mark.parametrize("meanwhile", ["the same case", "another", "a term"])
def test_what_is_committed_while_it_reads_is_not_missed(monkeypatch, meanwhile):
    one, other = make.CaseFactory(), make.CaseFactory()
    assert len(keys()) == 2
    Case.objects.filter(pk=one.pk).update(live=False)
    read, said = reading.asked, []

    def overtaken(some):
        if not said:
            said.append(some)
            if meanwhile == "a term":
                make.FormFactory()
            else:
                of = one if meanwhile == "the same case" else other
                Case.objects.filter(pk=of.pk).update(live=of is one)
        return read(some)

    monkeypatch.setattr(reading, "asked", overtaken)
    found = keeping.KEEPER.current()
    assert said
    assert found.index.version == contents.version()
    assert keeping.differences() == []
    expected = {"the same case": 2, "another": 0, "a term": 1}
    assert len(keys()) == expected[meanwhile]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="SQLite is no server that could hang up",
)
def test_its_question_finds_out_that_the_server_hung_up():
    before = contents.version()
    pid = connection.connection.info.backend_pid
    hang_up(connection)
    connection.close_if_unusable_or_obsolete()  # as at the start of each request
    assert contents.version() == before
    assert connection.connection.info.backend_pid != pid


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="SQLite is no server that could hang up",
)
def test_a_server_that_hangs_up_is_told_from_a_wrong_question():
    with pytest.raises(ProgrammingError):
        contents.told("SELECT id FROM nothing_of_this_name", "default")
    contents.version()  # the line holds
    hang_up(connection)
    with pytest.raises(OperationalError):
        contents.version()
    assert connection.connection.closed
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_its_question_is_answered_alike_with_and_without_a_cursor():
    make.CaseFactory()  # with a term and a place, which have no case
    first = contents.version()
    make.CaseFactory()
    since = Version(*first), NOTHING, Version(first.number, first.mark + 1)
    past = contents.version(), [contents.changes_since(one) for one in since]
    with CaptureQueriesContext(connection) as asked:
        assert past == (contents.version(), [contents.changes_since(o) for o in since])
    assert len(asked) == 1 + len(since)
    cases = {case for _number, _mark, case in past[1][0]}
    assert None in cases
    assert cases - {None}
    contents.forget_before(contents.version().number + 1)
    assert contents.version() == NOTHING
    assert contents.changes_since(NOTHING) == []


@pytest.mark.django_db(transaction=True)
def test_a_line_that_holds_is_not_tried_first(monkeypatch):
    contents.version()
    line = connections["default"]
    monkeypatch.setattr(line, "health_check_enabled", True)
    line.close_if_unusable_or_obsolete()  # as at the start of each request
    tried = []
    monkeypatch.setattr(line, "is_usable", lambda: tried.append(1))
    contents.version()
    assert not tried


def test_codes_are_numbers_however_they_are_read():
    """C0012 and C012 are two codes, to the database as to a case that changes."""
    codes = ["C001", "C012", "C0012", "C00012", "C999", "C9999999"]
    cases = [make.CaseFactory(code=code) for code in codes]
    read = keeping.anew().index.columns["code"]
    numbers = [int(read[case.pk]) for case in cases]
    assert numbers == [reading.code_number(code) for code in codes]
    assert len({*numbers}) == len(codes)


def test_what_a_server_that_is_behind_says_is_remembered_for_nobody(
    keeper, monkeypatch
):
    make.CaseFactory()
    newest = keeper.current()
    with monkeypatch.context() as behind:
        behind.setattr(keeping, "place", lambda: "elsewhere")
        behind.setattr(keeping, "caught_up", keeping.brought_up)  # in no transaction
        behind.setattr(contents, "changes_since", lambda known, using: None)
        behind.setattr(contents, "version", lambda using: NOTHING)
        old = keeper.current()
        assert old.index.version == newest.index.version
        assert old.index.everything == newest.index.everything
        old.index.public(timezone.now()).kept["pages"] = "an old page"
        old.index.cards["card"] = "an old card"
        old.index.remembered["others"] = "what was withdrawn"
    assert keeper.current() is newest
    assert not newest.index.cards
    assert "others" not in newest.index.remembered
    assert not newest.index.public(timezone.now()).kept


def test_a_difference_is_named(keeper, monkeypatch):
    case = make.EncounterFactory().case
    facets.view()
    index = keeper.kept.index
    index.crossings.rows["telling", case.telling][0] += 1
    with pytest.raises(CommandError, match=f"crossed with telling, {case.telling}"):
        call_command("check_index")
    del index.crossings.rows["telling", case.telling]
    with pytest.raises(CommandError, match=f"crossed with telling, {case.telling}"):
        call_command("check_index")
    index.sets["telling"][case.telling].discard(case.pk)
    with pytest.raises(CommandError, match=f"telling, {case.telling}: 1 cases"):
        call_command("check_index")
    monkeypatch.setattr(keeping, "KEEPER", keeping.Keeper())
    call_command("check_index", stdout=open_nowhere())


def test_it_is_small():
    """A case takes some bytes, and no objects of its own."""
    for _n in range(30):
        make.CaseFactory()
    index = facets.view().index
    index.counts("form", BitMap())  # makes the columns
    taken = index.size() - index.crossings.size()  # these do not grow with the cases
    assert taken < 80 * max(index.everything)  # it has a place for each key
    assert Index().size() == 0
