"""Public pages: who may see what, and what it costs."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from cases import search
from cases.models import Case
from tests.factories import (
    CaseFactory,
    CountryFactory,
    EncounterFactory,
    FormFactory,
    LessonFactory,
    NoteFactory,
    OrganisationFactory,
    RegionFactory,
    ResponseFactory,
    SourceFactory,
    StrategyFactory,
    call,
    child,
    cite,
)

pytestmark = pytest.mark.django_db


def full_case(form, strategy, country, source, **more):
    """A case with everything that a page shows."""
    case = CaseFactory(
        country=country, organisations=[OrganisationFactory(country=country)], **more
    )
    cite(case, source)
    call(case, "Another name", source=source)
    encounter = EncounterFactory(case=case, form=form)
    cite(encounter, source)
    cite(ResponseFactory(encounter=encounter, strategy=strategy), source)
    cite(
        LessonFactory(cases=[case], forms=[form], strategies=[strategy]),
        source,
    )
    cite(NoteFactory(country=country), source)
    return case


@pytest.fixture
def terms():
    form, strategy = FormFactory(slug="denial"), StrategyFactory(slug="radio")
    country, source = CountryFactory(code="XA"), SourceFactory(slug="brief")
    for record in (form, strategy, strategy.family):
        cite(record, source)
    child(form, "signs", text="A sign", source=source)
    return form, strategy, country, source


PAGES = [
    "/",
    "/cases/",
    "/cases/?form=denial&form=not-stated&q=case",
    "/cases/first/",
    "/matrix/",
    "/matrix/?axes=form-country",
    "/countries/",
    "/countries/xa/",
    "/forms/",
    "/forms/denial/",
    "/strategies/",
    "/strategies/radio/",
    "/lessons/",
    "/sources/",
    "/sources/brief/",
    "/sitemap.xml",
    "/data/",
    "/data/?form=denial",
    "/sitemap-cases.xml",
]


def costs(client):
    """How many queries each page asks."""
    asked = {}
    for address in PAGES:
        client.get(address)  # what is looked up once a process is looked up now
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        asked[address] = len(queries)
    return asked


def test_a_page_costs_the_same_for_two_rows_as_for_fifty(client, terms):
    full_case(*terms, slug="first")
    full_case(*terms)  # one related case; none would ask for nothing about it
    search.refresh()
    two = costs(client)

    for _ in range(48):
        full_case(*terms)
    search.refresh()

    assert costs(client) == two


def test_a_case_costs_the_same_for_one_encounter_as_for_fifty(client, terms):
    _form, strategy, _country, source = terms
    case = full_case(*terms, slug="first")
    client.get("/cases/first/")
    with CaptureQueriesContext(connection) as one:
        client.get("/cases/first/")

    for _ in range(49):
        encounter = EncounterFactory(case=case, form=FormFactory())
        cite(encounter, source)
        cite(ResponseFactory(encounter=encounter, strategy=strategy), source)
    client.get("/cases/first/")  # what changed is read once
    with CaptureQueriesContext(connection) as fifty:
        client.get("/cases/first/")

    assert len(fifty) == len(one)


@pytest.mark.parametrize("hidden", ["draft", "withdrawn"])
def test_what_is_not_public_is_on_no_page(client, terms, hidden):
    full_case(*terms, slug="first")
    full_case(*terms, slug="quagmire", title="Quagmire", **{hidden: True})
    LessonFactory(title="Quagmire", **{hidden: True})
    NoteFactory(title="Quagmire", country=terms[2], **{hidden: True})
    search.refresh()

    for address in [*PAGES, "/cases/?q=quagmire", "/compare/?case=C999"]:
        assert "uagmire" not in client.get(address).text.replace(
            "“quagmire”", ""
        ).replace('value="quagmire"', "").replace("q=quagmire", "").replace(
            "‘quagmire.’", ""
        ), address
    assert "1 case</h2>" in client.get("/cases/").text


def test_a_withdrawn_case_is_gone_and_says_nothing(client):
    CaseFactory(slug="quagmire", title="Secret title", withdrawn=True)
    response = client.get("/cases/quagmire/")
    assert response.status_code == 410
    assert "was withdrawn" in response.text
    assert "Secret title" not in response.text
    assert response["Cache-Control"] == "no-store"


def test_a_draft_is_not_found(client):
    CaseFactory(slug="quagmire", draft=True)
    assert client.get("/cases/quagmire/").status_code == 404


def test_a_draft_of_a_public_case_changes_nothing(client, terms):
    case = full_case(*terms, slug="first", title="As it was")
    search.refresh()
    before = [client.get(address).content for address in PAGES]

    case = Case.objects.get(pk=case.pk)
    case.title = "As it may be"
    case.encounters.all()[0].text = "Changed."
    case.save_revision()

    assert [client.get(address).content for address in PAGES] == before


@pytest.mark.parametrize("maker", [FormFactory, StrategyFactory])
def test_a_retired_term_says_what_replaced_it(client, maker):
    new = maker(name="The new word")
    old = maker(name="The old word", replaced_by=new)
    text = client.get(old.get_absolute_url()).text
    assert "no longer used" in text
    assert f'href="{new.get_absolute_url()}"' in text


@pytest.mark.parametrize("maker", [FormFactory, StrategyFactory])
def test_what_is_to_replace_a_term_is_not_told_before_it_is_public(client, maker):
    old = maker(replaced_by=maker(name="The coming word", draft=True))
    assert "The coming word" not in client.get(old.get_absolute_url()).text


def test_what_the_source_leaves_open_is_said(client):
    case = CaseFactory(slug="open", lines=[(None, None)])
    text = client.get(case.get_absolute_url()).text
    assert "Form not labelled by the source" in text
    assert "Not named by the source" in text
    assert "What is not stated" in text


HIDING = {
    "a region": ({"only_region": True}, "Southern Asia", "Southern Asia"),
    "no place": ({"placeless": True}, "Where it happened", ""),
    "another name": (
        {"naming": "pseudonym", "pseudonym": "A group of women"},
        "not its real name",
        "A group of women",
    ),
    "a kind": (
        {"naming": "type-only", "organisation_kind": "civil-society"},
        "Civil society organisation",
        "Civil society organisation",
    ),
}


@pytest.mark.parametrize("how", HIDING)
def test_a_case_says_no_more_than_it_may(client, how):
    values, on_page, in_lists = HIDING[how]
    region = RegionFactory(name="Southern Asia")
    if "only_region" in values:
        values = values | {"only_region": region}
    country = CountryFactory(name="Atlantis", region=region)
    values = {"country": country} | values if "naming" in values else values
    case = CaseFactory(code="C001", slug="first", **values)
    CaseFactory(code="C002")
    search.refresh()

    page = client.get(case.get_absolute_url()).text
    lists = [
        client.get(address).text
        for address in ("/cases/", "/compare/?case=C001&case=C002", "/matrix/")
    ]

    assert on_page in page
    assert all(in_lists in text for text in lists[:2])
    told = "Atlantis" in "".join([page, *lists])
    assert told == ("naming" in values)
    assert ("Not named by the source" in page) == ("naming" not in values)


PERIODS = {
    "2014": {"period_from": 2014},
    "2014–2016": {"period_from": 2014, "period_to": 2016},
    "2010s": {"time_precision": "decade", "period_from": 2010, "period_to": 2019},
    "1990s–2000s": {
        "time_precision": "decade",
        "period_from": 1990,
        "period_to": 2009,
    },
    "Q2 2014": {"time_precision": "quarter", "period_from": 2014, "quarter_from": 2},
    "Q2 2014–Q1 2015": {
        "time_precision": "quarter",
        "period_from": 2014,
        "quarter_from": 2,
        "period_to": 2015,
        "quarter_to": 1,
    },
}


@pytest.mark.parametrize("told", PERIODS)
def test_a_period_is_told_as_closely_as_it_may_be(client, told):
    case = CaseFactory(**PERIODS[told])
    text = client.get(case.get_absolute_url()).text
    assert re.search(rf"<dt>Period</dt><dd>{told} ", text)


def test_a_case_without_a_place_has_a_way_in(client):
    CaseFactory(placeless=True)
    for facet in ("country", "region"):
        assert "1 case" in client.get(f"/cases/?{facet}=not-stated").text


def test_where_nothing_is_found_each_filter_to_leave_out_is_named(client, terms):
    form, _strategy, country, _source = terms
    FormFactory(slug="silence", name="Silence")
    case = CaseFactory(country=country, evidence="study")
    EncounterFactory(case=case, form=form)
    asked = "form=silence&evidence=study"

    page = client.get(f"/cases/?{asked}").context

    assert page["total"] == 0
    told = [(way.label, way.query, way.count) for way in page["ways_out"]]
    assert told == [("Form of resistance: silence", "?evidence=study", 1)]
    for more, label in {
        "q=nowhere": "“nowhere”",
        "form=silence&form=not-stated": (
            "Form of resistance: form not stated or silence"
        ),
        "form=silence&form=denial&form_match=all": (
            f"Form of resistance: {form.name.lower()} and silence"
        ),
    }.items():
        ways = client.get(f"/cases/?evidence=study&{more}").context["ways_out"]
        assert [way.label for way in ways] == [label]


@pytest.fixture
def lands():
    """Thirty-three countries with a case each, the last with two."""
    countries = [CountryFactory(name=f"Land {place:02}") for place in range(33)]
    for country in [*countries, countries[-1]]:
        CaseFactory(country=country)
    return countries


HINT = "The 30 with most cases here, of 33."


def test_of_very_many_countries_those_with_most_cases_are_offered(client, lands):
    CaseFactory(placeless=True)
    page = client.get("/cases/").text
    assert HINT in page
    told = re.findall(r'name="country" value="[^"]*"> <span>([^<]*)', page)
    assert told == [f"Land {n:02}" for n in (*range(29), 32)] + ["Not told"]

    least = lands[29]
    page = client.get(f"/cases/?country={least.code}").text
    assert re.search(rf'value="{least.code}" checked> <span>Land 29</span>', page)
    CaseFactory.create_batch(2, country=least)
    page = client.get("/cases/").text
    assert "<span>Land 29</span>" in page
    assert "<span>Land 28</span>" not in page


@pytest.mark.parametrize("asked", ["/cases/?", "/matrix/?axes=form-strategy&"])
def test_all_countries_are_offered_to_those_who_ask_for_more(client, lands, asked):
    asked += f"country={lands[3].code}"
    page = client.get(asked).text
    link = re.search(r'href="(\?[^"]*more=country)#more"', page)[1]
    base = asked.partition("?")[0]

    more = client.get(base + link.replace("&amp;", "&"))

    assert not more.context["ignored"]
    assert more.text.count('name="country" value=') == 33
    assert f'value="{lands[3].code}" checked' in more.text
    assert HINT not in more.text
    assert 'id="more" open' in more.text
    assert '<input type="hidden" name="more" value="country">' in more.text
    if "matrix" in asked:
        assert more.context["axes"].name == "form-strategy"


def test_more_is_not_offered_where_no_other_country_has_a_case(client, lands):
    page = client.get(f"/cases/?country={lands[0].code}&evidence=study")
    assert "with most cases here" not in page.text


def test_more_of_something_that_is_no_facet_is_named(client, lands):
    page = client.get("/cases/?more=nonsense")
    assert page.context["ignored"] == ["more=nonsense"]
    assert HINT in page.text


def test_twenty_cases_stand_on_a_page(client):
    CaseFactory.create_batch(21)
    assert client.get("/cases/").text.count("<article") == 20
    assert client.get("/cases/?page=2").text.count("<article") == 1


def addresses(patterns, prefix=""):
    """Names of our public addresses that need no argument."""
    for pattern in patterns:
        if str(pattern.pattern).startswith("desk/"):
            continue
        if isinstance(pattern, URLPattern):
            if not pattern.pattern.converters and pattern.name:
                yield f"{prefix}{pattern.name}"
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses(pattern.url_patterns, f"{prefix}{inner}")


# Whoever asks is led away, or has to say for what.
NOT_ALONE = "pages:leave", "handouts:pdf"


@pytest.mark.parametrize(
    "name",
    [n for n in addresses(get_resolver().url_patterns) if n not in NOT_ALONE],
)
def test_every_page_opens_on_an_empty_database_and_is_read_only(client, name):
    response = client.get(reverse(name))
    assert response.status_code == (503 if name == "pages:readyz" else 200)
    assert client.post(reverse(name)).status_code == 405
