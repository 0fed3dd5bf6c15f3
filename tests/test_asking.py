"""What a query asks for, what search makes of odd ones, and what is marked."""

import pytest

from cases import facets, postings, search
from cases.asking import meant_by, understood
from cases.entries import entry_of
from cases.models import SearchEntry, SearchWord
from cases.snippets import Marker

TEXTS = {
    1: ("Backlash", "They said that violence against women was a private matter."),
    2: ("Denial of violence", "Women spoke against it. No violence, they said."),
    3: ("Deflection", "A private matter of the ministry."),
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def known():
    made = [entry_of("case", k, title=a, text=b) for k, (a, b) in TEXTS.items()]
    search.replace("case", TEXTS, made)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("violence women", {1, 2}),
        ('"violence against women"', {1}),
        ('"violence against women', {1, 2}),
        ("“private matter”", {1, 3}),
        ('"violence no"', set()),
        ('"denial of violence"', {2}),
        ('"violence women"', set()),
        ('"women"', {1, 2}),
        ('"woman"', set()),
        ("woman", {1, 2}),
        ("violence -backlash", {2}),
        ('women -"private matter"', {2}),
        ("minist", {3}),
        ("minist matter", set()),
        ("minist* matter", {3}),
        ("the ministry", {3}),
        ("the women", {1, 2}),
        ("the", {1, 2, 3}),
        ("the of", {3}),
        ("-violence", set()),
        ("-", set()),
        ('"', set()),
        ('""', set()),
        ("*", set()),
        ("\0", set()),
        ("ministry\0", {3}),
        ("²", set()),
        ("a" * 7000, set()),
        ("women " * 1200, {1, 2}),
        ("' OR 1=1 --", set()),
        ("NEAR(a b) AND OR NOT", set()),
    ],
)
def test_a_query_finds(known, query, keys):
    assert set(search.find_cases(query).numbers) == keys


def test_a_query_is_one_question_to_the_database(known, django_assert_num_queries):
    with django_assert_num_queries(1):
        search.find_cases("the women -backlash minist*")


def test_titles_come_first_then_exact_words_then_first_lines_then_the_newest():
    late = "so " * 50
    texts = {
        1: ("Campaigns", "Late."),
        2: ("Other", "Campaigns."),
        3: ("Other", f"{late} campaigns"),
        4: ("Other", "A campaign."),
        5: ("Other", f"{late} campaigns"),
        6: ("Campaign", "Late."),
    }
    made = [entry_of("case", k, title=a, text=b) for k, (a, b) in texts.items()]
    search.replace("case", texts, made)

    hits = search.find_cases("campaigns")
    keys = hits.numbers

    assert hits.ranked(keys) == [1, 6, 2, 5, 3, 4]
    assert hits.ranked(keys, most=2) == [1, 6]
    assert hits.ranked(keys - type(keys)([1, 2])) == [6, 5, 3, 4]


def test_a_stop_word_of_one_language_hides_no_record_of_another():
    texts = {1: ("en", "Son preference"), 2: ("es", "Son campañas")}
    made = [
        entry_of("case", k, title=title, text="", language=language)
        for k, (language, title) in texts.items()
    ]
    search.replace("case", texts, made)

    assert set(search.find_cases("son preference").numbers) == {1}
    assert set(search.find_cases("son campaña").numbers) == {2}
    assert set(search.find_cases("son*").numbers) == {1, 2}


def test_a_beginning_with_a_digit_is_one_only_if_asked():
    made = [entry_of("case", k, title=f"C00{k}", text="") for k in (5, 51)]
    search.replace("case", (5, 51), [*made])

    assert set(search.find_cases("C005").numbers) == {5}
    assert set(search.find_cases("C005*").numbers) == {5, 51}


def test_what_is_replaced_leaves_nothing_behind(known):
    search.replace("case", TEXTS, [])

    assert not SearchEntry.objects.exists()
    assert not search.find_cases("violence").numbers
    postings.settle()
    assert not SearchWord.objects.exists()


def test_words_are_told_in_order_without_what_is_left_out():
    assert meant_by('Women "the matter" -violence women') == ["women", "the", "matter"]


def test_a_query_of_stop_words_asks_for_them():
    assert not any(word.needless_in for word in understood("the of").wanted)
    assert all(word.needless_in for word in understood("the of women").wanted[:2])


@pytest.mark.parametrize(
    ("language", "text", "query", "marked"),
    [
        ("en", "Two campaigns and a campaign.", "campaign", ["campaigns", "campaign"]),
        ("en", "A matter of the ministry.", "the ministry", ["ministry"]),
        ("en", "Said women, the women said.", '"women said"', ["women", "said"]),
        ("en", "Violence and women.", "violence -women", ["Violence"]),
        ("es", "La educación y las campañas.", "campana", ["campañas"]),
        ("sr", "Насиље над женама.", "nasilje žena", ["Насиље", "женама"]),
        ("tr", "KADINLAR geldi.", "kadin", ["KADINLAR"]),
        ("ar", "قالت المرأة.", "المراه", ["المرأة"]),
        ("ur", "پاکستان میں", "پاكستان", ["پاکستان"]),
        ("ne", "महिलाहरूले भने", "महिला", ["महिलाहरूले"]),
        ("hy", "Կանանց խմբերը", "կանանց", ["Կանանց"]),
        ("my", "ဒေသခံရေဒီယိုက", "ရေဒီယို", ["ရေဒီယို"]),
    ],
)
def test_what_was_found_is_marked(language, text, query, marked):
    told = Marker(query, language).snippet(text)

    assert [part.split("</mark>")[0] for part in told.split("<mark>")[1:]] == marked
    assert told.replace("<mark>", "").replace("</mark>", "") == text


def test_in_a_long_text_without_spaces_at_least_the_first_hit_is_marked():
    told = Marker("ရေဒီယို", "my").snippet("ဒေသခံ" * 80 + "ရေဒီယို" + "က" * 300)
    assert "<mark>ရေ" in told
    assert len(told) < 150


def test_hits_beyond_the_piece_are_not_told():
    text = f"A campaign. {'Other words. ' * 40}A campaign."
    assert Marker("campaign").snippet(text).count("<mark>") == 1


def test_what_words_find_is_remembered_until_it_takes_too_much(
    known, monkeypatch, django_assert_num_queries
):
    seen = facets.view()
    each = facets.with_words("violence", seen).size
    monkeypatch.setattr(facets, "MOST_BYTES", 2 * each)

    with django_assert_num_queries(1):
        first, again = (facets.with_words("women", seen) for _ in "12")
    with django_assert_num_queries(0):
        facets.with_words("violence", seen)
    with django_assert_num_queries(2):
        facets.with_words("matter", seen)
        facets.with_words("violence", seen)

    assert again is first
    assert each >= sum(map(len, [first.numbers, *first.criteria[0]]))
