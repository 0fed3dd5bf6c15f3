"""Guesses: a word that was spelled otherwise, a title that is not written out yet."""

import pytest

from cases import search
from cases.guessing import did_you_mean, mistakes, suggestions
from cases.models import Case
from tests.factories import CaseFactory, FormFactory, StrategyFactory, call

pytestmark = pytest.mark.django_db


@pytest.fixture
def known():
    """A few public records, and a draft."""
    made = CaseFactory(code="C9100", title="Surveillance of offices", slug="offices")
    CaseFactory(title="Campaigns of sabotage")
    CaseFactory(title="Quagmire", draft=True)
    form = FormFactory(name="Deflection", slug="deflection")
    call(form, "Disavowal")
    StrategyFactory(name="Survey of attitudes")
    search.refresh()
    return made


@pytest.mark.parametrize(
    ("written", "meant", "count"),
    [
        ("denial", "denial", 0),
        ("dnial", "denial", 1),
        ("deniial", "denial", 1),
        ("denial", "denual", 1),
        ("denila", "denial", 1),
        ("backlash", "blacklsah", 2),
        ("", "ab", 2),
        ("abc", "xyz", 3),
    ],
)
def test_mistakes_are_letters_left_out_put_in_changed_or_swapped(written, meant, count):
    assert mistakes(written, meant) == count
    assert mistakes(meant, written) == count


@pytest.mark.parametrize(
    ("query", "guess"),
    [
        ("survaillance", "surveillance"),
        ("usrveillance", "surveillance"),
        ("survaillance of ofices", "surveillance of offices"),
        ("disavowel", "disavowal"),
        ("surveillance", None),
        ("surveil", None),
        ("C101", None),
        ("quagmyre", None),
        ("xylophone", None),
        ("offices xylophone", None),
        ("", None),
        ('"survaillance of"', None),
    ],
)
def test_a_guess_is_a_word_of_the_base_that_finds_something(known, query, guess):
    assert did_you_mean(query) == guess


def test_the_word_of_most_records_is_guessed_among_words_equally_alike():
    CaseFactory(title="Petition")
    CaseFactory.create_batch(2, title="Partition")
    search.refresh()

    assert did_you_mean("pertition") == "partition"


def test_a_case_that_left_is_guessed_no_longer_before_search_has_noticed(known):
    assert did_you_mean("survaillance")

    Case.objects.filter(pk=known.pk).update(live=False)

    assert did_you_mean("survaillance") is None
    assert "Surveillance of offices" not in names("surv")


def names(beginning):
    return [suggestion.name for suggestion in suggestions(beginning)]


@pytest.mark.parametrize(
    ("beginning", "found"),
    [
        ("surv", ["Survey of attitudes", "Surveillance of offices"]),
        ("SURVEI", ["Surveillance of offices"]),
        ("off", ["Surveillance of offices"]),
        ("of off", ["Surveillance of offices"]),
        ("disav", ["Disavowal"]),
        ("quag", []),
        ("s", []),
        ("", []),
        ("\0", []),
    ],
)
def test_titles_and_names_with_a_word_that_begins_so_are_suggested(
    known, beginning, found
):
    assert names(beginning) == found


def test_no_more_than_eight_are_suggested():
    CaseFactory.create_batch(12, title="Surveillance")
    search.refresh()

    assert len(names("surv")) == 8


def test_the_page_of_suggestions_links_to_each(client, known):
    response = client.get("/suggest/?q=surv")

    assert '<a href="/cases/offices/">Surveillance of offices</a>' in response.text
    assert response["Cache-Control"] == "public, max-age=20"
    assert not response.cookies


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/suggest/?q=disav&format=json", {}),
        ("/suggest/?q=disav", {"accept": "application/json"}),
    ],
)
def test_a_program_gets_suggestions_as_json(client, known, address, headers):
    response = client.get(address, headers=headers)

    told = {"name": "Disavowal", "title": "Deflection", "address": "/forms/deflection/"}
    assert response.json() == {"suggestions": [told]}
    assert "Accept" in response["Vary"]


@pytest.mark.parametrize("query", ["%00", "%C2%B2", "a" * 7000, "%22", "-", "%FF", "*"])
def test_odd_input_suggests_nothing_and_fails_nowhere(client, known, query):
    response = client.get(f"/suggest/?q={query}&format=json")

    assert response.json() == {"suggestions": []}
