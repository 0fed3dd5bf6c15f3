"""The desk stays quick: as many queries for ten thousand cases as for ten."""

import pytest
from django.db import connection
from django.template import Template
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from curation.roles import AUTHORS, REVIEWERS
from tests import factories as make
from tests.desk import at_desk, person
from tests.pace import seconds

pytestmark = pytest.mark.django_db

LIST = "wagtailsnippets_cases_case:list"
EDIT = "wagtailsnippets_cases_case:edit"


@pytest.fixture(autouse=True)
def unwatched_templates(monkeypatch, lenient_templates):
    """Tests watch each template, which doubles the time: here as a server does it."""
    monkeypatch.setattr(Template, "_render", lambda self, c: self.nodelist.render(c))


@pytest.fixture
def desk():
    return at_desk(person("author", AUTHORS, REVIEWERS))


def many(n):
    """Cases without anything in them."""
    country = make.CountryFactory()
    Case.objects.bulk_create(
        make.CaseFactory.build(
            code=f"C{k:06}", slug=f"many-{k}", country=country, live=k % 2 == 0
        )
        for k in range(n)
    )


def test_the_list_is_quick_and_costs_the_same_for_many(desk, django_assert_num_queries):
    many(60)
    desk.get(reverse(LIST))  # what is asked once a process is asked now
    with CaptureQueriesContext(connection) as few:
        desk.get(reverse(LIST))
    Case.objects.all().delete()
    many(10_000)

    with django_assert_num_queries(len(few)):
        page = desk.get(reverse(LIST))

    assert "of 10,000" in page.content.decode() or "10000" in page.content.decode()
    assert seconds(lambda: desk.get(reverse(LIST))) < 1


def test_the_queue_costs_the_same_for_many_drafts(desk, django_assert_num_queries):
    make.CaseFactory(draft=True, has_unpublished_changes=True)
    with CaptureQueriesContext(connection) as few:
        desk.get(reverse("curation:queue"))
    for _n in range(20):
        make.CaseFactory(draft=True, has_unpublished_changes=True)
    with django_assert_num_queries(len(few)):
        desk.get(reverse("curation:queue"))


def test_a_case_with_thirty_responses_opens_in_two_seconds(desk):
    case = make.CaseFactory()
    for _n in range(6):
        encounter = make.EncounterFactory(case=case)
        make.cite(encounter)
        for _m in range(5):
            make.cite(make.ResponseFactory(encounter=encounter))
    desk.get(reverse(EDIT, args=[case.pk]))  # templates are compiled once a process

    page = desk.get(reverse(EDIT, args=[case.pk]))

    assert page.status_code == 200
    assert page.content.decode().count('-text" id="id_encounters') >= 36
    assert seconds(lambda: desk.get(reverse(EDIT, args=[case.pk]))) < 2
