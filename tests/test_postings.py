"""What records hold is found at once, in the sets or waiting beside them."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import facets, postings, search
from cases.models import SearchWord, WaitingEntry
from sources.writing import write
from tests import factories as make

pytestmark = pytest.mark.django_db
WORDS = ["denial", "den", "dialogue", "^dialogue", "radio", "/en/radio", "ra"]
BEGINNINGS = ["den", "d", "ra", "^"]
OTHERS = 2 << postings.KIND_BITS  # where the numbers of another kind begin


def plainly(held, of_cases):
    """Token or beginning → numbers, looked up one by one in what each record holds."""
    mine = {n: words for n, words in held.items() if (n < OTHERS) == of_cases}
    whole = {t: {n for n, words in mine.items() if t in words} for t in WORDS}
    begun = {
        b: {n for n, words in mine.items() if any(w.startswith(b) for w in words)}
        for b in BEGINNINGS
    }
    return whole, begun


def read(of_cases, kept=None):
    sets = postings.read(WORDS, BEGINNINGS, of_cases=of_cases, kept=kept)
    return (
        {t: set(sets.union([t])) for t in WORDS},
        {b: set(sets.union([], b)) for b in BEGINNINGS},
    )


@pytest.mark.parametrize("seed", range(8))
def test_what_waits_is_read_like_what_is_settled(seed, monkeypatch):
    monkeypatch.setattr(postings, "MOST_WAITING", 6)
    chance, held = random.Random(seed), {}  # noqa: S311
    for _ in range(40):
        numbers = chance.sample(
            [*range(9), 70_000, OTHERS, OTHERS + 1], chance.randint(1, 3)
        )
        after = {n: set(chance.sample(WORDS, chance.randint(0, 4))) for n in numbers}
        moves = {n: (held.get(n, set()), after[n]) for n in numbers}
        write(*postings.change(moves, WaitingEntry.objects.count()))
        held.update(after)
        assert WaitingEntry.objects.count() <= postings.MOST_WAITING
        kept = {}
        for of_cases in (True, False):
            assert read(of_cases, kept) == plainly(held, of_cases)
        if chance.random() < 0.1:
            postings.settle()
        for of_cases in (True, False):
            assert read(of_cases) == plainly(held, of_cases)
            assert read(of_cases, kept) == plainly(held, of_cases)


def test_what_waits_is_read_once_until_something_changes():
    facets.with_words("quagmire", facets.view())
    for n in (1, 2):
        case = make.CaseFactory(title="Quagmire")
        search.follow(case)
        seen = facets.view()
        for word, is_asked in (("quagmire", True), ("quag*", False)):
            with CaptureQueriesContext(connection) as asked:
                found = facets.with_words(word, seen).numbers
            assert case.pk in found
            assert any("cases_waitingentry" in q["sql"] for q in asked) is is_asked
            assert len(found) == n


def test_a_few_records_wait_until_the_next_sweep():
    case = make.CaseFactory(title="Quagmire")
    search.follow(case)
    assert case.pk in WaitingEntry.objects.values_list("number", flat=True)
    assert not SearchWord.objects.filter(token=b"quagmire").exists()

    search.catch_up(facets.view().seen)

    assert not WaitingEntry.objects.exists()
    assert SearchWord.objects.filter(token=b"quagmire").exists()
    assert case.pk in postings.read(["quagmire"], [], of_cases=True).union(["quagmire"])
