"""Pages of filters are kept until something changes, and not a moment longer."""

import gzip
from datetime import UTC, datetime
from io import BytesIO

import pytest
import time_machine
from django.db import (
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext

from cases import search
from cases.filters import MOST_VALUES
from cases.keeping import KEEPER
from cases.models import Case
from curation.roles import AUTHORS
from kb.exports import versions
from kb.pages import caching
from kb.pages.charset import read_as_utf8
from tests import factories as make
from tests.desk import at_desk, person

pytestmark = pytest.mark.django_db

ADDRESSES = ["/cases/", "/cases/?form=not-stated&q=told", "/matrix/?axes=form-country"]


def cost(client, address, **headers):
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address, headers=headers)
    return len(asked), response


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_kept_page_is_the_page_and_costs_one_question(client, address):
    make.ResponseFactory()
    fresh = client.get(address)
    queries, kept = cost(client, address)
    assert queries == 1
    assert kept.content == fresh.content
    assert kept.headers == fresh.headers


def test_whatever_changes_is_seen_in_the_next_answer(client):
    case = make.ResponseFactory().encounter.case
    assert case.title in client.get("/cases/").text
    Case.objects.filter(pk=case.pk).update(title="Told anew")
    assert "Told anew" in client.get("/cases/").text
    form = case.encounters.get().form
    type(form).objects.filter(pk=form.pk).update(name="Called otherwise")
    assert "Called otherwise" in client.get("/cases/").text
    Case.objects.filter(pk=case.pk).update(live=False)
    assert "Told anew" not in client.get("/cases/").text


@pytest.mark.parametrize(
    "kind", [make.LessonFactory, make.NoteFactory, make.SourceFactory]
)
def test_what_search_finds_beside_cases_goes_with_it(client, kind):
    make.CaseFactory()
    record = kind(title="Zanzibar tells")
    search.follow(record)
    address = "/cases/?q=zanzibar"
    assert record.title in client.get(address).text
    record.title = "Zanzibar told"
    record.save()
    assert record.title in client.get(address).text
    kind._meta.model.objects.filter(pk=record.pk).update(live=False)
    assert "Zanzibar t" not in client.get(address).text


def test_a_page_names_the_newest_version_of_the_data(client):
    make.CaseFactory()
    versions.keep_up()
    assert "Version 1" in client.get("/cases/").text
    make.CaseFactory()
    assert "Version 1" in client.get("/cases/").text
    versions.keep_up()
    assert "Version 2" in client.get("/cases/").text


def test_a_page_goes_at_the_minute_at_which_a_case_does(client):
    until = datetime(2030, 1, 5, 12, 30, tzinfo=UTC)
    make.CaseFactory(title="Until noon", visible_until=until)
    with time_machine.travel(until.replace(minute=29, second=59), tick=False):
        assert "Until noon" in client.get("/cases/").text
        assert "Until noon" in client.get("/cases/").text
    with time_machine.travel(until, tick=False):
        assert "Until noon" not in client.get("/cases/").text


def test_the_order_of_parameters_is_no_other_page(client):
    make.CaseFactory(telling="described")
    first = client.get("/cases/?telling=described&sort=code")
    queries, second = cost(client, "/cases/?sort=code&telling=described")
    assert queries == 1
    assert second.content == first.content


@pytest.mark.parametrize("asked", ["page={}", "country={}", "wrong={}"])
def test_the_order_of_what_is_asked_twice_makes_no_other_page(client, asked):
    values = [make.CaseFactory().country_id for _n in range(MOST_VALUES + 2)]
    values = values if "country" in asked else ["1", "2"]
    pairs = [asked.format(value) for value in values]
    first = client.get(f"/cases/?{'&'.join(pairs)}").text
    KEEPER.kept = None
    assert client.get(f"/cases/?{'&'.join(pairs[::-1])}").text == first


@pytest.mark.parametrize(
    "charset", ["cp037", "utf-16", "rot13", '"cp037"', "cp037; x=y"]
)
@pytest.mark.parametrize("name", ["charset", "charset ", "CharSet*"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_no_header_lets_an_address_be_read_otherwise(client, charset, name, method):
    make.CaseFactory(title="Of this form", telling="described")
    make.CaseFactory(title="Of no form", telling="named-only")
    value = f"utf-8''{charset}" if "*" in name else charset
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/cases/",
        "QUERY_STRING": "telling=described",
        "CONTENT_TYPE": f"x/y; {name}={value}",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "http",
    }
    handler = ClientHandler()
    answer = read_as_utf8(lambda environ, _start: handler(environ))(environ, None)
    assert answer.status_code == (405 if method == "POST" else 200)
    shown = client.get("/cases/?telling=described").text
    assert "Of this form" in shown
    assert "Of no form" not in shown


def test_it_is_compressed_once_and_read_by_all(client):
    make.CaseFactory()
    plain = client.get("/cases/")
    _queries, packed = cost(client, "/cases/", accept_encoding="gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert plain["ETag"] != packed["ETag"]
    assert "Accept-Encoding" in packed["Vary"]
    again = client.get(
        "/cases/", headers={"accept-encoding": "gzip", "if-none-match": packed["ETag"]}
    )
    assert again.status_code == 304
    assert not again.content


@pytest.mark.parametrize("first", ["GET", "HEAD"])
def test_whoever_asks_first_makes_the_page_for_all(client, first):
    """With another browser, another method, or a page from before."""
    make.CaseFactory()
    client.generic(first, "/cases/", headers={"if-none-match": '"old"'})
    queries, plain = cost(client, "/cases/")
    assert (queries, plain.status_code) == (1, 200)
    assert plain["Content-Length"] == str(len(plain.content))
    head = client.head("/cases/", headers={"if-none-match": plain["ETag"]})
    assert (head.status_code, head["ETag"]) == (200, plain["ETag"])
    assert client.get("/cases/", headers={"if-match": '"old"'}).status_code == 412


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError, 503, "away for a moment"),
        (InterfaceError, 503, "away for a moment"),
        (ProgrammingError, 500, "on our side"),
    ],
)
def test_a_base_that_breaks_is_told_of_in_a_page_like_all(
    client, monkeypatch, error, status, words
):
    def broken():
        raise error

    client.raise_request_exception = False
    monkeypatch.setattr("cases.facets.view", broken)
    response = client.get("/cases/")
    assert response.status_code == status
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert words in response.text


def test_one_who_leaves_is_asked_first(client):
    assert client.get("/cases/").status_code == 200
    client.cookies["leaving"] = "1"
    client.get("/leave/")
    assert "continue" in client.get("/cases/").text.lower()


def test_who_is_signed_in_neither_fills_the_shelf_nor_reads_it(client, monkeypatch):
    desk = at_desk(person("author", AUTHORS))
    assert client.get("/cases/").status_code == 200
    monkeypatch.setattr(caching.Page, "of", None)
    monkeypatch.setattr(caching.Page, "answer", None)
    assert desk.get("/cases/").status_code == 200
    assert desk.get("/cases/?sort=code").status_code == 200


def test_what_is_kept_has_a_limit(client, monkeypatch):
    make.CaseFactory()
    monkeypatch.setattr(caching, "MOST_BYTES", 3_000)
    for n in range(20):
        client.get(f"/cases/?page={n}")
    shelf = caching.facets.view().kept["pages"]
    assert shelf.size <= 3_000
    assert shelf.size == sum(page.size for page in shelf.pages.values())


def test_two_who_make_the_same_page_take_the_room_of_one():
    shelf, page = caching.Shelf(), caching.Page(b"x" * 90, "name", {"Vary": "Cookie"})
    shelf.put(("en", "/cases/", ""), page)
    shelf.put(("en", "/cases/", ""), page)
    assert shelf.size == 100


def test_a_withdrawn_case_is_gone_everywhere_within_a_minute():
    most_lag = 10  # of a replica: tests/test_replicas.py refuses more
    assert sum(caching.SECONDS.values()) + most_lag <= 60


def test_a_refusal_is_not_kept(client):
    assert client.get("/cases/?" + "&a=1" * 2000).status_code == 400
    assert client.get("/cases/").status_code == 200
