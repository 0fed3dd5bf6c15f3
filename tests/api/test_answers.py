"""What holds for every answer to a program, whoever asks and however."""

import gzip
import re
from html import unescape

import brotli
import pytest
import time_machine

from kb.exports import versions
from kb.exports.tables import TABLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

KEPT = "public, max-age=0, s-maxage=20, stale-while-revalidate=10, stale-if-error=20"
ADDRESSES = ["/api/v1/cases", "/api/v1/facets", "/api/v1/cases/C001"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_answer_may_be_kept_and_is_checked(client, address):
    for accepted in ("", "gzip", "br, gzip"):
        first = client.get(address, headers={"accept-encoding": accepted})
        assert first["Cache-Control"] == KEPT
        assert not first.cookies
        head = client.head(address, headers={"accept-encoding": accepted})
        assert head["ETag"] == first["ETag"]
        headers = {"accept-encoding": accepted, "if-none-match": first["ETag"]}
        again = client.get(address, headers=headers)
        assert again.status_code == 304
        assert not again.content
        assert again["Access-Control-Allow-Origin"] == "*"


def test_an_answer_names_the_version_of_the_dataset_and_its_day(client):
    told = client.get("/api/v1/forms").json()["about"]
    assert (told["version"], told["date"]) == ("", None)
    with time_machine.travel("2031-02-03"):
        versions.keep_up()
        told = client.get("/api/v1/forms").json()["about"]
    assert (told["version"], told["date"]) == ("1", "2031-02-03")


def test_an_answer_is_small_for_those_who_can_read_it(client):
    plain = client.get("/api/v1/forms")
    packed = client.get("/api/v1/forms", headers={"accept-encoding": "gzip"})
    smaller = client.get("/api/v1/forms", headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert smaller["Content-Encoding"] == "br"
    assert gzip.decompress(packed.content) == plain.content
    assert brotli.decompress(smaller.content) == plain.content
    assert len(smaller.content) < len(packed.content) < len(plain.content) / 2
    for response in (plain, packed, smaller):
        assert "Accept-Encoding" in response["Vary"]
    refused = client.get("/api/v1/forms", headers={"accept-encoding": "br;q=0"})
    assert "Content-Encoding" not in refused


def test_scripts_of_any_site_may_read_and_nothing_else(client):
    asked = client.options(
        "/api/v1/cases", headers={"access-control-request-method": "GET"}
    )
    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    for response in (asked, client.get("/api/v1/cases"), client.get("/api/v1/x")):
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response
    assert "Access-Control-Allow-Origin" not in client.get("/cases/")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ["/api/v1/cases", "/api/v1/", "/api/v1/x/y"])
def test_it_can_only_be_read(client, method, address):
    client.handler.enforce_csrf_checks = True
    response = getattr(client, method)(address)
    assert response.status_code == 405
    assert "GET" in response["Allow"]
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/nothing", 404),
        ("/api/v2/cases", 404),
        ("/api/", 404),
        ("/api/v1/cases?" + "a=1&" * 1100, 400),
        ("/api/v1/cases?q=" + "w" * 7000, 400),
        ("/api/v1/cases?q=%FF", 400),
        ("/api/v1/cases/" + "C" * 3000, 404),
        ("/api/v1/cases?cursor=" + "W" * 9000, 400),
        ("/api/v1/cases?cursor=" + "W1tbW1tb" * 900, 400),
    ],
)
def test_every_error_is_told_as_a_problem(client, address, status):
    response = client.get(address)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == status
    assert told["title"]
    assert str(told["detail"]).endswith((".", "/"))
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_fault_of_ours_is_a_problem_too(client, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("secret words")

    client.raise_request_exception = False
    monkeypatch.setattr("kb.api.views.asked", broken)
    response = client.get("/api/v1/cases")
    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert "secret words" not in response.text


def test_people_find_each_table_and_filter_on_its_page(client):
    page = client.get("/api/v1/").text
    for name in TABLES:
        assert f'href="/api/v1/{name}"' in page
        assert f'href="/data/{name}/"' in page
    for name in ("form", "answer", "country_match", "q", "sort"):
        assert (f"<code>{name}</code>" in page) == (name != "country_match")
    for address in re.findall(r"<li><a href=\"(/api/v1/[^\"]*)\">/api", page):
        response = client.get(unescape(address))
        assert response.status_code == 200
        assert response.json().get("rows", True), address
    assert "<script" not in page.partition("<body")[2]
