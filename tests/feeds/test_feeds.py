"""Feeds: valid, the same for the same content, and of what is public alone."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import search
from cases.choices import Scope
from sources.models import Change
from tests import factories as make
from tests.feeds.rfc4287 import ATOM, complaints

pytestmark = pytest.mark.django_db

SITE = settings.WAGTAILADMIN_BASE_URL
DAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(response):
    """A feed as a feed reader reads it."""
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert complaints(response.content) == []
    found = feedparser.parse(response.content)
    assert not found.bozo
    assert found.version == "atom10"
    return found


@pytest.fixture
def told():
    """A case of one form answered by one strategy."""
    form, strategy = make.FormFactory(), make.StrategyFactory()
    return make.CaseFactory(
        title="Told <first> & foremost",
        snapshot="It was <b>not</b> & never.",
        lines=[(form, strategy)],
        last_published_at=DAY,
        first_published_at=DAY - timedelta(days=2),
    )


def test_a_feed_tells_each_case_that_its_filter_finds(client, told):
    make.CaseFactory(title="Another", last_published_at=DAY + timedelta(days=1))
    found = read(client.get("/feeds/cases.atom"))
    assert [entry.title for entry in found.entries] == ["Another", told.title]
    entry = found.entries[1]
    assert entry.link == entry.id == f"{SITE}{told.get_absolute_url()}"
    assert entry.updated == "2026-05-01T12:00:00+00:00"
    assert entry.published == "2026-04-29T12:00:00+00:00"
    assert "&lt;b&gt;not&lt;/b&gt;" in entry.summary
    assert found.feed.title == "2 cases"
    assert found.feed.updated == "2026-05-02T12:00:00+00:00"

    form = told.encounters.get().form
    found = read(client.get(f"/feeds/cases.atom?form={form.slug}&sort=code"))
    assert [entry.title for entry in found.entries] == [told.title]
    assert found.feed.title == f"1 case of {form.name.lower()}"
    assert found.feed.id == f"{SITE}/feeds/cases.atom?form={form.slug}"
    assert found.feed.link == f"{SITE}/cases/?form={form.slug}"


def test_a_gap_has_a_feed_that_tells_when_it_fills(client, told):
    other = make.FormFactory()
    family = told.encounters.get().responses.get().strategy.family
    query = f"?answer={other.slug}~{family.slug}"
    page = client.get("/feeds/?axes=form-family").text
    assert f'href="/feeds/cases.atom{query}"' in page.partition("Cells that have")[0]
    empty = read(client.get(f"/feeds/cases.atom{query}"))
    assert empty.entries == []
    assert empty.feed.title.startswith("0 cases of ")

    make.CaseFactory(lines=[(other, make.StrategyFactory(family=family))])
    filled = read(client.get(f"/feeds/cases.atom{query}"))
    assert len(filled.entries) == 1
    assert filled.feed.id == empty.feed.id
    page = client.get("/feeds/?axes=form-family").text
    assert f'href="/feeds/cases.atom{query}"' in page.partition("Cells that have")[2]


def test_changes_have_a_feed_in_which_each_keeps_its_name(client, told):
    for n in range(2):
        Change.objects.create(
            kind="case", record_id=told.pk, what="changed", at=DAY, words=f"No. {n}."
        )
    gone = make.CaseFactory(withdrawn=True, code="C777", title="Quagmire")
    Change.objects.create(kind="case", record_id=gone.pk, what="withdrawn", at=DAY)
    found = read(client.get("/feeds/changes.atom"))
    assert "Quagmire" not in str(found)
    assert [entry.title for entry in found.entries] == [
        "A case was withdrawn (C777)",
        f"Changed: {told.title}",
        f"Changed: {told.title}",
    ]
    assert [entry.summary for entry in found.entries[1:]] == ["No. 1.", "No. 0."]
    Change.objects.create(kind="case", record_id=told.pk, what="changed")
    again = read(client.get("/feeds/changes.atom"))
    assert [e.id for e in again.entries[1:]] == [e.id for e in found.entries]


@pytest.mark.parametrize("address", ["/feeds/cases.atom?q=told", "/feeds/changes.atom"])
def test_who_has_a_feed_is_told_that_nothing_is_new(client, told, address):
    search.refresh()
    with time_machine.travel(DAY + timedelta(days=90), tick=False):
        first = client.get(address)
    with time_machine.travel(DAY + timedelta(days=91), tick=False):
        again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content
    assert not first.cookies
    assert "s-maxage" in first["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("cases.atom?nonsense=1", "nonsense=1"),
        ("cases.atom?form=nonsense", "form=nonsense"),
        ("cases.atom?form_match=some", "form_match=some"),
        ("cases.atom?page=2", "page=2"),
        ("cases.atom?q=%00", "q="),
        ("changes.atom?form=denial", "form"),
    ],
)
def test_what_a_feed_cannot_use_is_refused_and_named(client, query, named):
    response = client.get(f"/feeds/{query}")
    assert response.status_code == 400
    assert f"“{named}”" in response.text
    assert client.post("/feeds/cases.atom").status_code == 405


def test_a_feed_tells_only_what_may_be_given_away(client, told):
    kept = make.CaseFactory(title="Quagmire", origin="interview")
    make.ConsentFactory(case=kept, scopes=[Scope.TEXT, Scope.COUNTRY])
    make.CaseFactory(title="Quagmire", draft=True)
    make.CaseFactory(title="Quagmire", visible_until=DAY - timedelta(days=9))
    found = read(client.get("/feeds/cases.atom"))
    assert [entry.title for entry in found.entries] == [told.title]
    assert found.feed.title == "1 case"
    assert "1 case<" in client.get("/feeds/").text


def test_words_that_xml_cannot_hold_are_left_out_of_the_title(client):
    found = read(client.get("/feeds/cases.atom?q=told%01%EF%BF%BE%0Bword"))
    assert "told" in found.feed.title


def test_pages_lead_to_their_feeds(client, told):
    form = told.encounters.get().form
    for page, feed in {
        f"/cases/?form={form.slug}": f"/feeds/cases.atom?form={form.slug}",
        f"/matrix/?form={form.slug}": f"/feeds/cases.atom?form={form.slug}",
        "/changes/": "/feeds/changes.atom",
    }.items():
        head = client.get(page).text.partition("</head>")[0]
        link = re.search(r'<link rel="alternate" type="application/atom.xml".*?>', head)
        assert f'href="{feed}"' in link[0]
        assert client.get(feed).status_code == 200


def test_a_feed_names_nothing_outside(client, told):
    for address in ("/feeds/cases.atom", "/feeds/changes.atom"):
        text = client.get(address).content
        for element in ElementTree.fromstring(text).iter():  # noqa: S314 — our own
            assert element.tag.startswith(ATOM)
            for name, value in element.attrib.items():
                assert value.startswith(SITE) or "://" not in value, (name, value)


def test_a_feed_of_many_costs_as_much_as_one_of_few(client, told):
    def cost():
        client.get("/feeds/cases.atom")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/feeds/cases.atom").status_code == 200
        return len(asked)

    before = cost()
    make.CaseFactory.create_batch(60)
    assert cost() == before <= 4
    assert len(read(client.get("/feeds/cases.atom")).entries) == 50


def test_nothing_is_changed_before_it_was_published(client):
    """The first date is written a moment after that of the text."""
    later = DAY + timedelta(microseconds=4)
    make.CaseFactory(last_published_at=DAY, first_published_at=later)
    [entry] = feedparser.parse(client.get("/feeds/cases.atom").content).entries
    assert entry.updated == entry.published == later.isoformat()
