"""Made-up cases are the same everywhere, keep the rules, and are as many as asked."""

import argparse
from collections import Counter

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Count
from django.utils import timezone
from pyroaring import BitMap

from cases import facets, search
from cases.entries import entries_for
from cases.models import (
    Case,
    Encounter,
    Organisation,
    Response,
    SearchEntry,
    SearchWord,
)
from cases.selection import Selection
from cases.visibility import unsettled
from tests.scale import batches
from tests.scale.generate import size
from tests.scale.inventing import BATCH, FIRST, World
from tests.scale.loading import COLUMNS, Link, load

CASES = 300
SEED = 5

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("made_up")]


@pytest.fixture(scope="module")
def world(content, django_db_blocker):
    with django_db_blocker.unblock():
        return World(SEED, CASES)


@pytest.fixture(scope="module")
def told():
    """What was counted while the cases were written."""
    return {}


@pytest.fixture(scope="module")
def made_up(world, told, django_db_blocker):
    """The eight cases and 300 made-up ones."""
    before = triggers_with(django_db_blocker)
    with django_db_blocker.unblock(), transaction.atomic():
        told["triggers"] = before
        told["steps"] = []
        told["fates"] = load(world, told["steps"].append)
        yield
        transaction.set_rollback(True)


def triggers_with(blocker):
    with blocker.unblock():
        return triggers()


def triggers():
    """Every trigger of our own that is in force, as the database spells it.

    On PostgreSQL every constraint and index, too.
    """
    question = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        if connection.vendor == "sqlite"
        else "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgenabled = 'O'"
        " UNION SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE convalidated"
        " UNION SELECT indexname, indexdef FROM pg_indexes ORDER BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def own():
    return Case.objects.filter(pk__gte=FIRST)


def as_text(value):
    """A value of either database, or of the generator, in one spelling."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list):  # PostgreSQL reads JSON by itself
        return "[" + ", ".join(f'"{part}"' for part in value) + "]"
    return str(value).removesuffix("+00:00")


def stored(model):
    """The rows of a table in the columns that the generator writes."""
    names, table = ", ".join(COLUMNS[model]), model._meta.db_table
    where = {Link: "case_id", Encounter: "id", Response: "id"}.get(model, "")
    condition = f"{where or COLUMNS[model][0]} >= {FIRST}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {table} WHERE {condition}")  # noqa: S608
        return sorted([as_text(value) for value in row] for row in cursor.fetchall())


@pytest.mark.parametrize("model", COLUMNS, ids=lambda model: model._meta.db_table)
def test_the_tables_hold_what_the_seed_says(world, model):
    """The generator’s rows know no database: so both hold the same ones."""
    again = World(SEED, CASES)
    batch = again.batch(0)
    rows = dict(
        zip(
            COLUMNS,
            (
                again.organisation_rows,
                *(batch.cases, batch.links, batch.encounters, batch.responses),
                *(batch.consents, batch.risks),
            ),
            strict=True,
        )
    )[model]

    assert rows
    assert stored(model) == sorted([as_text(value) for value in row] for row in rows)


def test_another_seed_makes_other_cases(world):
    assert world.batch(0).cases != World(SEED + 1, CASES).batch(0).cases


def test_batches_join_without_overlap():
    both = World(SEED, BATCH + CASES)
    first, second = (both.batch(start) for start in both.starts())

    numbers = [row[0] for row in (*first.cases, *second.cases)]
    assert numbers == list(range(FIRST, FIRST + BATCH + CASES))
    assert first.encounters[-1][0] < second.encounters[0][0]
    assert first.responses[-1][0] < second.responses[0][0]


def test_there_are_as_many_cases_as_asked(told):
    assert own().count() == CASES
    assert told["fates"].total() == CASES
    assert told["steps"][-1] == CASES


def test_as_many_are_published_as_the_generator_says(told):
    assert own().published().count() == told["fates"]["published"]
    assert own().filter(withdrawn_at=None, live=False).count() == told["fates"]["draft"]
    assert own().exclude(withdrawn_at=None).count() == told["fates"]["withdrawn"]
    assert set(told["fates"]) >= {"published", "draft", "withdrawn"}


def test_cases_have_about_as_many_encounters_and_responses_as_meant():
    described = own().count()

    assert 1.6 < Encounter.objects.filter(case__in=own()).count() / described < 2.1
    responses = Response.objects.filter(encounter__case__in=own()).count()
    assert 2.2 < responses / described < 3.0


def test_some_countries_and_organisations_have_far_more_cases_than_others():
    by_country = Counter(own().values_list("country", flat=True)).most_common()
    most = Organisation.objects.annotate(n=Count("cases")).order_by("-n")[0]

    assert by_country[0][1] > 5 * by_country[len(by_country) // 2][1]
    assert most.n > 20


def test_search_knows_of_each_case_what_it_would_write_itself():
    written = SearchEntry.objects.filter(kind="case", record_id__gte=FIRST)
    fields = [f.attname for f in SearchEntry._meta.concrete_fields if not f.primary_key]
    keys = own().published().values_list("pk", flat=True)

    made = {entry.record_id: entry for entry in entries_for("case", keys)}

    assert len(written) == len(made) > 200
    for entry in written:
        for name in fields:
            assert getattr(entry, name) == getattr(made[entry.record_id], name)


def test_a_word_of_a_text_finds_its_case():
    entry = SearchEntry.objects.filter(kind="case", record_id__gte=FIRST).last()
    word = max(entry.title.split(), key=len)

    assert entry.record_id in search.find_cases(word).numbers


def test_search_finds_the_organisations():
    found = SearchEntry.objects.filter(kind="organisation", record_id__gte=FIRST)

    assert found.count() == Organisation.objects.filter(pk__gte=FIRST).count()


def test_the_safety_file_allows_what_is_shown(told):
    """The sweep would take back nothing but what is past its time."""
    astray = [*unsettled(timezone.now(), range(FIRST, FIRST + CASES))]

    assert len(astray) == told["fates"]["expired"]


def test_triggers_keys_and_indexes_are_as_they_were(told):
    assert triggers() == told["triggers"]


def test_words_are_held_as_search_would_have_them():
    before = held_words()
    search.index_anew()
    assert held_words() == before


def held_words():
    rows = SearchWord.objects.values_list("token", "part", "numbers")
    return {(bytes(token), part): BitMap.deserialize(n) for token, part, n in rows}


@pytest.mark.parametrize(
    "broken",
    [{"code": "1"}, {"telling": "shrug"}, {"visible_from": None}],
    ids=lambda broken: next(iter(broken)),
)
def test_rules_still_hold_for_what_was_loaded(broken):
    public = own().published()[:1].values("pk")

    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk__in=public).update(**broken)


def test_a_new_case_gets_a_number_of_its_own():
    copied = own().first()
    copied.pk, copied.code, copied.slug = None, "C999", "one-more"

    copied.save()

    assert copied.pk >= FIRST + CASES


def test_filters_find_made_up_cases():
    counts = facets.counts_of("form")

    assert sum(counts.values()) > CASES
    assert len(facets.found(Selection())) == Case.objects.published().count()


@pytest.mark.parametrize(
    ("text", "number"),
    [("300", 300), ("10k", 10_000), ("1M", 1_000_000)],
)
def test_sizes_are_written_short(text, number):
    assert size(text) == number


@pytest.mark.parametrize("text", ["", "0", "9m", "-1", "1.5k", "many", "²"])
def test_other_sizes_are_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        size(text)


@pytest.fixture
def asked_for(monkeypatch):
    """Where the batches begin that are made, in the order in which they are."""
    starts, make = [], batches.whole

    def counted(world, start):
        starts.append(start)
        return make(world, start)

    monkeypatch.setattr(batches, "whole", counted)
    return starts


def test_two_databases_have_each_batch_made_once(world, asked_for, tmp_path):
    alone = batches.unpacked(batches.packed(world, 0))
    for _database in range(2):
        shared = batches.in_common(World(SEED, CASES), 0, tmp_path)
        assert batches.unpacked(shared) == alone
    assert asked_for == [0, 0]
    assert {path.suffix for path in tmp_path.iterdir()} == {".lock"}


def test_a_database_with_other_terms_has_batches_of_its_own(asked_for, tmp_path):
    here, there = World(SEED, CASES), World(SEED, CASES)
    there.strategies.reverse()
    for world in (here, there):
        batches.in_common(world, 0, tmp_path)
    assert asked_for == [0, 0]
