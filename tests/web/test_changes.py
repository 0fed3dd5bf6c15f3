"""What everybody is told of changes, and nothing more."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.search import KINDS
from curation.withdrawing import take_back, withdraw
from kb.pages.changes import MODELS, ONE
from sources.models import Change
from tests import factories as make

KEPT = "public, max-age=0, s-maxage=20, stale-while-revalidate=10, stale-if-error=20"

pytestmark = pytest.mark.django_db

MAKERS = {
    "case": make.CaseFactory,
    "resistanceform": make.FormFactory,
    "strategyfamily": make.FamilyFactory,
    "strategy": make.StrategyFactory,
    "organisation": make.OrganisationFactory,
    "lesson": make.LessonFactory,
    "contextnote": make.NoteFactory,
    "source": make.SourceFactory,
}
DAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


def change(record, what="published", **values):
    kind = record._meta.model_name
    return Change.objects.create(
        kind=kind, record_id=record.pk, what=what, **{"at": DAY} | values
    )


def named(kind):
    """A record whose title and slug are found wherever they stand."""
    word = "name" if hasattr(MAKERS[kind]._meta.model, "name") else "title"
    return MAKERS[kind](slug="quagmire", **{word: "Quagmire"})


def test_every_kind_of_record_is_told_of():
    assert set(MODELS) == set(ONE) == set(MAKERS)
    assert len(KINDS) == len(MODELS)


@pytest.mark.parametrize("kind", MAKERS)
def test_a_public_record_is_named_and_linked(client, kind):
    record = named(kind)
    change(record, "changed", words="A date was put right.")
    text = client.get("/changes/").text
    assert f'href="{record.get_absolute_url()}"' in text
    assert "Quagmire" in text
    assert "A date was put right." in text
    assert "1 May 2026" in text


def spoil(record, how):
    if how == "withdrawn":
        withdraw(record, by=None)
    elif how == "hidden":
        take_back(record)
    else:
        type(record).objects.update(live=False)


@pytest.mark.parametrize("how", ["withdrawn", "hidden", "a draft"])
@pytest.mark.parametrize("kind", MAKERS)
def test_what_is_not_public_is_not_named(client, kind, how):
    record = named(kind)
    change(record, "changed", words="Quagmire was put right.")
    spoil(record, how)

    for address in ("/changes/", "/withdrawn.json", "/sitemap-cases.xml"):
        assert "uagmire" not in client.get(address).text
    text = client.get("/changes/").text
    assert (str(ONE[kind]) in text) == (how != "a draft")
    if kind == "case" and how != "a draft":
        assert f"({record.code})" in text
    listed = client.get("/withdrawn.json").json()
    gone = [sha256(record.get_absolute_url().encode()).hexdigest()]
    assert listed["paths_sha256"] == ([] if how == "a draft" else gone)
    assert bool(listed["cases"]) == (kind == "case" and how != "a draft")


def test_a_case_past_its_time_is_listed_for_mirrors_before_the_sweep(client):
    yesterday = timezone.now() - timedelta(days=1)
    make.CaseFactory(code="C007", visible_until=yesterday)
    make.CaseFactory(code="C008", visible_from=timezone.now() + timedelta(days=1))
    assert client.get("/withdrawn.json").json()["cases"] == ["C007"]


def test_what_is_public_again_is_no_longer_listed(client):
    told = make.CaseFactory()
    take_back(told)
    type(told).objects.update(live=True)
    found = client.get("/withdrawn.json").json()
    assert found == {"cases": [], "paths_sha256": []}


def test_a_list_for_mirrors_may_be_kept_and_is_checked(client):
    response = client.get("/withdrawn.json")
    assert response["Cache-Control"] == KEPT
    assert response["Content-Type"] == "application/json"
    again = client.get("/withdrawn.json", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_the_newest_change_stands_first_fifty_a_page(client):
    told = make.CaseFactory(title="The case")
    for n in range(51):
        change(told, "changed", words=f"Number {n}.", at=DAY + timedelta(minutes=n))
    first, second = (client.get(f"/changes/?page={n}").text for n in (1, 2))
    assert first.index("Number 50.") < first.index("Number 49.")
    assert "Number 0." in second
    assert "Number 0." not in first
    assert client.get("/changes/?page=²").status_code == 200


def test_changes_cost_the_same_for_one_as_for_fifty(client):
    def asked(address):
        client.get(address)  # what changed is read once, by whoever asks first
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    def one_of_each():
        for maker in MAKERS.values():
            change(maker())
            gone = maker()
            withdraw(gone, by=None)

    addresses = "/changes/", "/withdrawn.json"
    one_of_each()
    few = [asked(address) for address in addresses]
    for _ in range(5):
        one_of_each()
    assert [asked(address) for address in addresses] == few


@pytest.mark.parametrize("kind", ["case", "resistanceform", "strategy", "source"])
def test_the_page_of_a_record_lists_its_changes(client, kind):
    record = MAKERS[kind]()
    client.get(record.get_absolute_url())  # what changed is read once
    with CaptureQueriesContext(connection) as none:
        assert "All changes" not in client.get(record.get_absolute_url()).text
    change(record)
    change(record, "changed", words="A date was put right.", at=DAY + timedelta(1))
    change(MAKERS[kind](), words="Nothing to do with it.")
    client.get(record.get_absolute_url())
    with CaptureQueriesContext(connection) as some:
        text = client.get(record.get_absolute_url()).text

    assert text.index("2 May 2026") < text.index("1 May 2026")
    assert "Changed: A date was put right." in text
    assert "Nothing to do" not in text
    assert len(some) == len(none)


@pytest.mark.parametrize("kind", ["case", "resistanceform", "strategy", "source"])
def test_the_page_of_what_was_withdrawn_says_nothing_of_it(client, kind):
    record = named(kind)
    withdraw(record, by=None)
    response = client.get(record.get_absolute_url(), headers={"referer": "/quagmire/"})
    told = f"{response.headers} {response.text}"
    assert response.status_code == 410
    assert response["Cache-Control"] == "no-store"
    assert "uagmire" not in told
    if kind == "case":
        assert record.code not in told


def test_files_tell_of_what_they_change(eight_cases):
    assert set(Change.objects.values_list("what", flat=True)) == {"published"}
    kinds = Change.objects.order_by().values_list("kind", flat=True).distinct()
    assert set(kinds) == set(MAKERS)
    counted = Change.objects.count()

    call_command("load_kb", verbosity=0, stdout=StringIO())
    assert Change.objects.count() == counted
    MAKERS["source"]._meta.model.objects.filter(slug="untf-brief-resistance").update(
        title="Something else"
    )
    call_command("load_kb", verbosity=0, stdout=StringIO())
    assert Change.objects.first().what == "changed"
    assert Change.objects.count() == counted + 1
