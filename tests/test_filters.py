"""The query string: what is known is used, the rest is left out and named."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import facets
from cases.filters import CaseFilter
from cases.models import Case
from cases.selection import Selection
from tests.plain_filters import PlainFilter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


@pytest.mark.parametrize(
    ("query", "picked", "ignored"),
    [
        ("", {}, []),
        ("form=denial", {"form": ("denial",)}, []),
        ("form=denial&form=denial", {"form": ("denial",)}, []),
        ("form=inertia&form=denial", {"form": ("denial", "inertia")}, []),
        ("form=denial&form=nonsense", {"form": ("denial",)}, ["form=nonsense"]),
        ("form=nonsense", {}, ["form=nonsense"]),
        ("nonsense=1", {}, ["nonsense=1"]),
        ("nonsense", {}, ["nonsense"]),
        ("form=not-stated", {"form": ("not-stated",)}, []),
        ("country=am", {}, ["country=am"]),
        ("country=FR", {}, ["country=FR"]),
        ("region=142", {"region": ("142",)}, []),
        (
            "answer=repression~engagement",
            {"answer": ("repression~engagement",)},
            [],
        ),
        ("answer=repression~nobody", {}, ["answer=repression~nobody"]),
        ("sort=nonsense", {}, ["sort=nonsense"]),
        ("form_match=some", {}, ["form_match=some"]),
        ("form=\x00", {}, ["form="]),
        ("sort=code&sort=title", {}, ["sort=code", "sort=title"]),
        ("page=2", {}, []),
    ],
)
def test_what_is_used_and_what_is_ignored(query, picked, ignored):
    filters = CaseFilter(QueryDict(query))
    assert filters.selection.picked == picked
    assert filters.ignored == ignored


@pytest.mark.parametrize(
    ("words", "used"),
    [
        ("radio", True),
        ("", True),
        ("\u00b2", True),
        ("!?", False),
        ("x" * 201, False),
        ("a " * 13, True),
    ],
)
def test_words_that_cannot_be_used_are_named(words, used):
    filters = CaseFilter(QueryDict(urlencode({"q": words})))
    assert (filters.ignored == []) == used


def test_all_of_a_facet_has_a_limit():
    values = list(CaseFilter(QueryDict()).vocabulary["strategy"])[:20]
    query = "&".join(f"strategy={value}" for value in values)
    filters = CaseFilter(QueryDict(f"{query}&strategy_match=all"))
    assert filters.ignored == ["strategy_match=all"]
    assert not filters.selection.every


def test_what_is_ignored_is_shown_short():
    ignored = CaseFilter(QueryDict("zzz=" + "w" * 5000)).ignored
    assert len(ignored[0]) <= 60


def test_there_is_one_link_for_each_selection():
    one = Selection("radio", {"form": ("inertia", "denial")}, frozenset({"form"}))
    other = Selection("radio", {"form": ("denial", "inertia")}, frozenset({"form"}))
    assert one.query() == other.query()
    assert one.query() == "?q=radio&form=denial&form=inertia&form_match=all"


@pytest.mark.parametrize(
    ("sort", "first"),
    [("", "C001"), ("code", "C001"), ("country", "C001"), ("checked", "C001")],
)
def test_cases_come_in_the_order_asked_for(sort, first):
    codes = codes_of(f"sort={sort}")
    assert codes[0] == first
    assert len(codes) == 8


def test_what_is_told_comes_before_what_is_only_named():
    assert codes_of("")[:2] == ["C001", "C006"]


def codes_of(query):
    found = CaseFilter(QueryDict(query)).found
    return [case.code for case in Case.objects.in_order_of(found[0:20])]


NAMES = [
    *facets.ALL,
    *(f"{name}_match" for name in facets.ALL),
    "q",
    "sort",
    "page",
    "x",
]
VALUES = [
    *("denial", "repression", "passive", "engagement", "AM", "142", "state", "all"),
    *(
        "any",
        "code",
        "checked",
        "title",
        "2",
        "",
        " ",
        "\0",
        "radio",
        "!?",
        "not-stated",
    ),
    *("repression~engagement", "denial~", "denial~media", "denial~not-stated"),
]


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=8))
def test_a_form_of_the_library_understands_the_same(pairs):
    data = QueryDict(urlencode(pairs))
    ours, theirs = CaseFilter(data), PlainFilter(data)
    assert ours.selection == theirs.selection
    assert sorted(set(ours.ignored)) == sorted(set(theirs.ignored))
