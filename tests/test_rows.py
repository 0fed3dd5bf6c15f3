"""A record is written with its nested rows as it says, and only where it differs."""

import random
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sources import rows
from sources.history import content_of
from sources.pointing import all_of
from sources.prepared import together
from sources.writing import write
from tests import factories as make
from tests.factories import call, cite

pytestmark = pytest.mark.django_db
KEYS = frozenset({"pk", "case", "encounter", "parent"})
NESTED = ("citations", "aliases", "encounters", "responses")


@pytest.fixture
def case():
    case = make.CaseFactory(lines=[(make.FormFactory(), make.StrategyFactory())] * 1)
    make.ResponseFactory(encounter=case.encounters.get())
    make.EncounterFactory(case=case, form=make.FormFactory())
    call(case, "Another word")
    for row in [*all_of(case)]:
        if hasattr(row, "citations"):
            cite(row)
    return case


def told(content):
    """What a record says, in no order, without the keys that the database gives."""
    return {
        name: sorted(map(told, value), key=str) if name in NESTED else value
        for name, value in content.items()
        if name not in KEYS
    }


def changed(content, chance, numbers):
    """Let some nested rows go, some come, and some say something else."""
    for name in NESTED:
        for row in content.get(name, []):
            changed(row, chance, numbers)
            if "text" in row and chance.random() < 0.4:
                row["text"] = f"Told anew, {next(numbers)}."
            if "locator" in row and chance.random() < 0.4:
                row["locator"] = f"Page {next(numbers)}"
        if content.get(name) and chance.random() < 0.4:
            content[name].remove(chance.choice(content[name]))
        if content.get(name) and name != "encounters" and chance.random() < 0.4:
            more = without_keys(chance.choice(content[name]))
            if name == "responses":
                more["strategy"] = make.StrategyFactory().pk  # one answer a strategy
            content[name].append(more)
    if content.get("encounters") and chance.random() < 0.4:
        more = without_keys(chance.choice(content["encounters"]))
        content["encounters"].append({**more, "form": make.FormFactory().pk})


def store(record):
    """Write a record and its nested rows."""
    write(rows.row_of(record))
    rows.write_nested(record, together(*rows.asked(record)))


def without_keys(row):
    """The same row as one that nobody has stored."""
    fresh = {name: value for name, value in row.items() if name not in NESTED}
    nested = {
        name: [without_keys(r) for r in row[name]] for name in NESTED if name in row
    }
    return {**fresh, **nested, "pk": None}


@pytest.mark.parametrize("seed", range(12))
def test_whatever_changed_is_stored_as_it_is_said(case, seed):
    chance, numbers = random.Random(seed), count()  # noqa: S311
    for _ in range(4):
        content = content_of(case)
        changed(content, chance, numbers)
        store(case.with_content_json(content))
        assert told(content_of(case)) == told(content)


def test_nothing_is_written_for_a_row_that_says_the_same(case):
    same = case.with_content_json(content_of(case))
    with CaptureQueriesContext(connection) as asked:
        store(same)
    reading = "SELECT", "EXECUTE select"
    told = [q["sql"] for q in asked if not q["sql"].startswith(reading)]
    assert len(told) == 1
    assert told[0].startswith(('UPDATE "cases_case"', "EXECUTE update"))


def test_one_row_more_costs_no_more_questions(case):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            store(case.with_content_json(content_of(case)))
        return len(asked)

    before = questions()
    for encounter in case.encounters.all():
        cite(make.ResponseFactory(encounter=encounter))
    assert questions() == before


@pytest.mark.parametrize("nested", [("encounters", "form"), ("responses", "strategy")])
def test_rows_may_swap_what_only_one_may_have(case, nested):
    name, field = nested
    content = content_of(case)
    holder = content if name == "encounters" else content["encounters"][0]
    first, second = holder[name]
    first[field], second[field] = second[field], first[field]
    store(case.with_content_json(content))
    assert told(content_of(case)) == told(content)


def test_two_encounters_may_exchange_their_answers(case):
    content = content_of(case)
    one, other = content["encounters"]
    answer = {**without_keys(one["responses"][0]), "strategy": 1_000_000}
    make.StrategyFactory(pk=1_000_000)
    one["responses"], other["responses"] = one["responses"][:1], [answer]
    store(case.with_content_json(content))
    content = content_of(case)
    one, other = content["encounters"]
    one["responses"], other["responses"] = other["responses"], one["responses"]
    store(case.with_content_json(content))
    assert told(content_of(case)) == told(content)
