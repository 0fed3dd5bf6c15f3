"""The API tells the rows that files hold, page by page, and no others."""

from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases import search
from cases.choices import Scope
from cases.models import Case
from curation.withdrawing import withdraw
from kb.exports.choosing import chosen
from kb.exports.columns import Kind
from kb.exports.rows import rows
from kb.exports.tables import TABLES
from tests import factories as make

pytestmark = pytest.mark.django_db

SITE = settings.WAGTAILADMIN_BASE_URL
HOME = "/api/v1/"


def ask(client, address, status=200):
    response = client.get(f"{HOME}{address}")
    assert response.status_code == status, response.text
    return response.json()


def pages(client, address):
    """All pages that an address leads to."""
    while address:
        found = ask(client, address)
        yield found
        address = (found["next"] or "").removeprefix(f"{SITE}{HOME}")


def told(client, address):
    """All rows that an address leads to."""
    return [row for page in pages(client, address) for row in page["rows"]]


def numbered(row, table):
    """A row of a file as programs read it."""
    return {
        column.name: None
        if column.kind == Kind.INTEGER and row[column.name] == ""
        else str(row[column.name])
        if column.kind == Kind.DATE
        else row[column.name]
        for column in table.columns
    }


def spelled(found):
    return Counter(map(repr, found))


@pytest.fixture
def world(db):
    """Four cases that share terms, with citations of each kind."""
    source, country = make.SourceFactory(), make.CountryFactory()
    form, strategy = make.FormFactory(slug="denial"), make.StrategyFactory(slug="radio")
    organisation = make.OrganisationFactory(country=country, slug="an-organisation")
    make.call(organisation, "Its other name", source=source)
    for record in (form, strategy, strategy.family, organisation):
        make.cite(record, source)
    make.child(form, "signs", text="A sign", source=source)
    made = [
        make.CaseFactory(
            code=f"C{n:03d}",
            country=country,
            organisations=[organisation],
            telling="described" if n % 2 else "named-only",
            lines=[(None, strategy), (form, strategy, None), (form,)],
        )
        for n in range(1, 5)
    ]
    for case in made:
        make.cite(case, source)
        make.call(case, "Another name", source=source)
        for encounter in case.encounters.all():
            make.cite(encounter, source)
            for response in encounter.responses.all():
                make.cite(response)
    other = make.EncounterFactory(case=made[0], actor="media")
    make.cite(other)
    make.LessonFactory(cases=made[:2], forms=[form], strategies=[strategy])
    make.LessonFactory(cases=made[2:])
    search.refresh()
    return made


QUERIES = [
    *(
        "",
        "answer=denial~radio&sort=code",
        "q=case",
        "case=C002",
        "strategy=not-stated",
    ),
    *("form=denial&form=not-stated&form_match=all", "telling=described&actor=family"),
]


@pytest.mark.parametrize("query", QUERIES)
def test_the_rows_of_all_pages_are_those_of_the_files(client, world, query):
    for name, table in TABLES.items():
        expected = [
            numbered(row, table) for row in rows(table, chosen(QueryDict(query)))
        ]
        found = told(client, f"{name}?limit=19&{query}")
        assert spelled(found) == spelled(expected), name
        if name == "cases" and query != "q=case":
            assert found == expected  # in the order of the list


@pytest.mark.parametrize("name", TABLES)
def test_a_page_costs_three_questions_however_large(client, world, name):
    inner = {"cases": "&include=encounters,responses,citations"}.get(name, "")

    def cost(address):
        with CaptureQueriesContext(connection) as asked:
            assert len(ask(client, address)["rows"]) >= 1
        return len(asked)

    ask(client, "cases?q=case")  # what changed is read once, by whoever asks first
    assert cost(f"{name}?limit=1{inner}") <= 3
    assert cost(f"{name}?limit=200{inner}") <= 3
    assert cost(f"{name}?form=denial&q=case{inner}") <= 3


def test_one_record_costs_three_questions(client, world):
    ask(client, "cases")
    for address in ("cases/C001", "responses/C001/2/1", "forms/denial"):
        with CaptureQueriesContext(connection) as asked:
            ask(client, address)
        assert len(asked) <= 3


def test_a_record_stands_at_its_key(client, world):
    for name, table in TABLES.items():
        for row in told(client, name) if table.key else ():
            key = "/".join(str(row[part]) for part in table.key)
            assert ask(client, f"{name}/{key}") == row
    for address in (
        "cases/C999",
        "responses/C001/9/9",
        "responses/C001",
        "citations/1",
    ):
        assert ask(client, address, 404)["status"] == 404
    assert ask(client, "cases/%00", 404)
    assert ask(client, "nothing", 404)["detail"].startswith("There is no table")


def test_rows_that_belong_to_a_row_are_put_into_it(client, world):
    inner = ask(client, "cases?case=C001&include=encounters,responses,citations")
    (row,) = inner["rows"]
    assert row["encounters"] == told(client, "encounters?case=C001")
    assert row["responses"] == told(client, "responses?case=C001")
    cited = [c for c in told(client, "citations?case=C001") if c["key"] == "C001"]
    assert spelled(row["citations"]) == spelled(cited)
    (row,) = [
        r for r in told(client, "encounters?include=responses") if r["responses"]
    ][:1]
    assert {r["encounter"] for r in row["responses"]} == {row["encounter"]}


def test_only_the_columns_asked_for_are_told(client, world):
    found = ask(client, "cases?fields=title,code&include=encounters")["rows"]
    assert all(set(row) == {"title", "code", "encounters"} for row in found)
    assert set(ask(client, "encounters/C001/1?fields=text")) == {"text"}


@pytest.mark.parametrize("query", ["", "&sort=code", "&q=case"])
def test_rows_that_come_and_go_between_pages_repeat_none_and_hide_none(
    client, world, query
):
    first = ask(client, f"cases?limit=2{query}")
    seen = [row["code"] for row in first["rows"]]
    make.CaseFactory(code="C000", telling="described")
    Case.objects.filter(code=seen[0]).update(live=False)
    search.refresh()
    rest = first["next"].removeprefix(f"{SITE}{HOME}")
    seen += [row["code"] for row in told(client, rest)]
    assert sorted(set(seen) - {"C000"}) == [f"C{n:03d}" for n in range(1, 5)]
    assert len(set(seen)) == len(seen)


def test_rows_of_one_case_go_on_in_the_next_page(client, world):
    whole = told(client, "citations")
    assert whole == told(client, "citations?limit=9")
    assert len(whole) > 20


def test_what_may_not_be_given_away_is_in_no_answer(client, world):
    make.CaseFactory(draft=True, title="Quagmire", code="C700")
    make.CaseFactory(title="Quagmire", visible_until=timezone.now() - timedelta(days=1))
    kept = make.CaseFactory(title="Quagmire", code="C701", origin="interview")
    make.cite(make.EncounterFactory(case=kept))
    make.ConsentFactory(case=kept, scopes=[s for s in Scope if s != Scope.EXPORT])
    make.LessonFactory(title="Of it", cases=[kept, world[0]])
    make.SourceFactory(draft=True, slug="quagmire")
    search.refresh()
    for name in (*TABLES, "facets"):
        answer = client.get(f"{HOME}{name}").text
        assert "uagmire" not in answer
        assert "C70" not in answer
    assert ask(client, "facets")["about"]["cases"] == 4
    assert ask(client, "cases/C701", 404)
    assert ask(client, "cases?case=C701", 400)["parameters"] == ["case=C701"]
    assert ask(client, "cases?q=quagmire")["rows"] == []

    withdraw(world[1], by=None)
    assert ask(client, f"cases/{world[1].code}", 410)["title"] == "Gone"
    assert ask(client, f"encounters/{world[1].code}/1", 410)


def test_a_merged_record_leads_on(client, world):
    form = make.FormFactory(
        slug="disavowal", live=False, first_published_at=timezone.now()
    )
    there = type(form).objects.get(slug="denial")
    type(form).objects.filter(pk=form.pk).update(merged_into=there)
    response = client.get(f"{HOME}forms/disavowal")
    assert response.status_code == 301
    assert response["Location"] == f"{SITE}{HOME}forms/denial"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("cases?nonsense=1", "nonsense=1"),
        ("cases?form=nonsense", "form=nonsense"),
        ("cases?q=%00", "q="),
        ("cases?sort=x", "sort=x"),
        ("cases?page=2", "page=2"),
        *((f"cases?limit={n}", f"limit={n}") for n in ("0", "201", "²", "-1", "1.5")),
        ("cases?limit=", "limit"),
        ("cases?limit=1&limit=2", "limit=1"),
        ("cases?fields=code,nonsense", "fields=nonsense"),
        ("cases?fields=", "fields"),
        ("cases?include=cases", "include=cases"),
        ("cases?cursor=", "cursor"),
        ("cases?cursor=nonsense", "cursor=nonsense"),
        ("cases?cursor=WyJmb3JtcyIsMCwiYSIsMV0", "cursor=WyJmb3JtcyIsMCwiYSIsMV0"),
        ("cases?cursor=WzFd", "cursor=WzFd"),
        ("cases?case=C999", "case=C999"),
        ("cases?case=²", "case=²"),
        ("cases/C001?form=denial", "form"),
        ("facets?limit=1", "limit=1"),
        ("facets?case=C001", "case"),
        ("openapi.json?a=1", "a"),
    ],
)
def test_what_cannot_be_used_is_named(client, world, query, named):
    response = client.get(f"{HOME}{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert named in response.json()["parameters"]
    assert f"{SITE}{HOME}" in response.json()["detail"]
    assert response["Cache-Control"] == "no-store"


def test_a_cursor_is_good_for_its_own_list_alone(client, world):
    for first, other in (
        ("cases?limit=1&sort=code", "cases?limit=1"),
        ("cases?limit=1&q=case", "cases?limit=1&sort=code"),
        ("lessons?limit=1", "encounters?limit=1"),
    ):
        cursor = ask(client, first)["next"].partition("cursor=")[2]
        assert ask(client, f"{other}&cursor={cursor}", 400)
        assert ask(client, f"{first}&cursor={cursor}")["rows"]


def test_a_number_beside_a_value_is_the_number_of_cases_it_gives(client, world):
    for query in ("", "form=denial", "form=denial&form_match=all&telling=described"):
        counts = ask(client, f"facets?{query}")
        for facet in (*counts["facets"], *counts["pairs"]):
            for value in facet["values"]:
                for mode in ("any", "all"):
                    if value[mode] is None:
                        continue
                    data = QueryDict(query, mutable=True)
                    data.appendlist(facet["name"], value["value"])
                    if facet["name"] != "country":
                        data[f"{facet['name']}_match"] = mode
                    if facet["match"] != mode and f"{facet['name']}_match" not in data:
                        continue
                    if value["all"] is None:
                        data.pop(f"{facet['name']}_match", None)
                    found = chosen(data)
                    assert len(found) == value[mode], (query, facet["name"], value)
    values = {v["value"] for f in counts["facets"] for v in f["values"]}
    assert "not-stated" in values


def links(value, path=()):
    """(path, text) of all texts in an answer."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from links(one, (*path, name))
    elif isinstance(value, list):
        for one in value:
            yield from links(one, path)
    elif isinstance(value, str):
        yield path, value


OUTSIDE = {("rows", "url"), ("about", "licence"), ("info", "license", "url")}


def test_no_answer_names_anything_outside_but_what_sources_say(client, eight_cases):
    for name in (*TABLES, "facets", "openapi.json"):
        for path, text in links(ask(client, name)):
            address = urlsplit(text)
            if address.netloc and path not in OUTSIDE:
                assert text.startswith(SITE), (name, path, text)
    page = client.get(HOME).text
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_where_nothing_is_public_every_list_is_empty(client):
    search.refresh()
    for name in TABLES:
        assert told(client, f"{name}?limit=1") == []
    assert told(client, "cases?q=word") == told(client, "cases?sort=country") == []
    assert ask(client, "cases?case=C001", 400)
    assert ask(client, "facets")["about"]["all_cases"] == 0
    assert client.get(f"{HOME}openapi.json").status_code == 200
