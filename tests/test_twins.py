"""What is nearly there already is pointed out, once, and costs little to find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.models import Case, Organisation
from sources.models import Source
from sources.names import matching
from sources.twins import alike, near, within, words_of
from strategies.models import Strategy
from tests import factories as make
from tests.factories import call


def distance(one, other):
    """How many letters differ, found the slow way."""
    if not one or not other:
        return len(one or other)
    return min(
        distance(one[1:], other) + 1,
        distance(one, other[1:]) + 1,
        distance(one[1:], other[1:]) + (one[0] != other[0]),
    )


@given(st.text("abc", max_size=5), st.text("abc", max_size=5), st.integers(0, 3))
def test_within_agrees_with_the_slow_way(one, other, most):
    assert within(one, other, most) == (distance(one, other) <= most)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Türkiye Kadın Ağı", "turkiye kadin agi"),
        ("Women’s Fund", "womens-fund"),
        ("Fund for Women", "Women, fund for"),
        ("Radio programme", "Radio programe"),
        ("Community dialogue", "Community dialogues"),
        ("Religion, gender and backlash", "Religion, gender and backlash: a study"),
        ("Đorđe", "Dorde"),
        ("Shirkat Gah", "ShirkatGah"),
    ],
)
def test_close_names_are_alike(one, other):
    assert alike(words_of(one), words_of(other))
    assert alike(words_of(other), words_of(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Denial", "Inertia"),
        ("Radio", "Ratio of one"),
        ("SWV", "SWA"),
        ("Dialogue with police", "Dialogue with clergy"),
        ("Backlash", "Backlash and how it was met in three countries"),
    ],
)
def test_other_names_are_not(one, other):
    assert not alike(words_of(one), words_of(other))


@pytest.mark.django_db
def test_aliases_count_and_the_record_itself_does_not():
    strategy = make.StrategyFactory(name="Reframing narratives")
    call(strategy, "Changing the story")
    assert near(Strategy, ["Changing the  Story!"]) == [strategy]
    assert near(Strategy, ["Changing the story"], but=strategy.pk) == []
    assert near(Strategy, ["Quiet diplomacy", "", None]) == []


@pytest.mark.django_db
def test_what_was_merged_is_no_twin():
    winner = make.SourceFactory(title="The whole report")
    make.SourceFactory(title="The whole reprt", draft=True, merged_into=winner)
    assert near(Source, ["The whole report"]) == [winner]


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 30])
def test_it_asks_once_a_model(size, django_assert_num_queries):
    for n in range(size):
        call(make.OrganisationFactory(name=f"Alike {n}"), f"Another {n}")
    with django_assert_num_queries(3):  # names, aliases, what was found
        assert near(Organisation, ["Alike 0"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["guven", "GÜVEN kadın", "c123", "other word", "a-slug-of"]
)
def test_a_chooser_finds_by_name_alias_code_and_address(query):
    case = make.CaseFactory(
        code="C123", title="Kadınlar için Güven", slug="a-slug-of-it", draft=True
    )
    call(case, "Other words for it")
    make.CaseFactory(title="Something else")
    assert matching(Case, query) == [case.pk]


@pytest.mark.django_db
def test_what_begins_with_the_query_comes_first():
    later = make.SourceFactory(title="On denial")
    first = make.SourceFactory(title="Denial in print")
    assert matching(Source, "denial") == [first.pk, later.pk]
