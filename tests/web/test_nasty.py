"""Bad input gets a 4xx and a sentence, or is left out and named; never a 500."""

import re
import time

import pytest

from tests.pace import seconds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

SLOWEST = 0.2  # seconds
MANY = "&".join(f"form=x{n}" for n in range(1100))
GET = [
    "/cases/?q=%00",
    "/cases/?q=a%00b",
    "/cases/?form=%00",
    "/cases/?q=%FF%FE",
    "/cases/?q=" + "w" * 7000,
    "/cases/?q=" + "word+" * 60,
    "/cases/?q=%22",
    "/cases/?q=%22denial",
    "/cases/?q=*",
    "/cases/?q=NEAR(a+b)",
    "/cases/?q=a+AND+OR+NOT",
    "/cases/?q=tokens:denial",
    "/cases/?q='+OR+1=1--",
    "/cases/?q=:*",
    "/cases/?q=!denial+%26+|",
    "/cases/?q=%3Cscript%3Ealert(1)%3C/script%3E",
    "/cases/?q=%D8%B9%D9%86%D9%81",
    "/cases/?q=%E1%80%99%E1%80%BC%E1%80%94%E1%80%BA%E1%80%99%E1%80%AC",
    "/cases/?q=%E0%A4%A8%E0%A5%87%E0%A4%AA%E0%A4%BE%E0%A4%B2",
    "/cases/?q=%C2%B2",
    "/cases/?" + "&".join(f"form=tag{n}" for n in range(60)),
    "/cases/?"
    + "&".join(f"strategy=tag{n}" for n in range(60))
    + "&strategy_match=all",
    "/cases/?form=denial&form=inertia&form=backlash&form=repression&form_match=all",
    "/cases/?form_match=some",
    "/cases/?page=1" + "0" * 23,
    "/cases/?page=-1",
    "/cases/?page=%C2%B2",
    "/cases/?page=1.5",
    "/cases/?page=" + "9" * 5000,
    "/cases/?page=",
    "/cases/?sort=drop+table",
    "/cases/?q=a&q=b",
    "/cases/?sort=code&sort=title",
    "/cases/?answer=~",
    "/cases/?answer=repression~",
    "/cases/?answer=~engagement",
    "/cases/?answer=repression~engagement~x",
    "/cases/?country=am",
    "/cases/?country=XX&region=000",
    "/cases/?%00=1",
    "/cases/?=",
    "/cases/?&&&&",
    "/cases/?form[]=denial",
    "/cases/?" + MANY,
    "/matrix/?axes=none",
    "/matrix/?axes=form-family&axes=form-actor",
    "/matrix/?" + MANY,
    "/matrix/?answer=repression~engagement&answer=backlash~not-stated&answer_match=all",
    "/compare/?case=C001&case=%00",
    "/compare/?" + "&".join(f"case=C{n:03d}" for n in range(150)),
    "/compare/?case=" + "C" * 3000,
    "/handout/?case=%00&case=%C2%B2&case=C" + "0" * 3000,
    "/handout/?strategy=%00",
    "/handout/?strategy=" + "a" * 3000,
    "/handout/?" + "&".join(f"case=C{n:03d}" for n in range(150)),
    "/handout.pdf?case=%FF",
    "/matrix.svg?q=%00",
    "/matrix.png?" + MANY,
    "/poster.pdf?axes=none&q=" + "w" * 7000,
    "/offline/%00",
    "/offline/..%2fedition.json",
    "/cases/%00/",
    "/cases/%FF/",
    "/cases/..%2f..%2fetc/",
    "/cases/" + "a" * 3000 + "/",
    "/countries/%C2%B2%C2%B2/",
    "/countries/zz/",
    "/forms/not-stated/",
    "/sources/-/",
    "//evil.example/",
    "/static/../kb/settings.py",
]


@pytest.mark.parametrize("address", GET, ids=range(len(GET)))
def test_a_nasty_address_is_answered(client, address):
    start = time.perf_counter()
    response = client.get(address, follow=False)
    took = time.perf_counter() - start

    assert response.status_code in (200, 301, 400, 404)
    assert took < SLOWEST or seconds(lambda: client.get(address)) < SLOWEST
    if response.status_code != 301:
        assert re.search(r"<h1>.+</h1>|<h1>\s*\S+", response.text)


@pytest.mark.parametrize(
    "method", ["post", "put", "patch", "delete", "trace", "options"]
)
@pytest.mark.parametrize("address", ["/", "/cases/", "/cases/nepal/", "/matrix/"])
def test_a_page_is_only_read(client, method, address):
    response = getattr(client, method)(address)
    assert response.status_code == 405
    assert "can only be read" in response.text


def test_a_forged_form_is_refused_with_a_sentence(client):
    client.handler.enforce_csrf_checks = True
    response = client.post("/cases/", {"a": "b"})
    assert response.status_code == 405
    assert "can only be read" in response.text


@pytest.mark.parametrize("host", ["evil.example", "a b", "127.0.0.1:x", "[::1"])
def test_another_host_is_refused_with_a_sentence(client, host):
    response = client.get("/", headers={"host": host})
    assert response.status_code == 400
    assert "cannot be read" in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"accept-encoding": "br;q=x, , gzip;q=-1"},
        {"cookie": "=;;\x7f; a"},
        {"cookie": "leaving"},
        {"if-none-match": '"' + "x" * 4000},
        {"if-modified-since": "never"},
        {"range": "bytes=5-1"},
        {"accept-language": "xx-" * 300},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_odd_headers_do_no_harm(client, headers):
    assert client.get("/cases/", headers=headers).status_code == 200


def test_what_is_not_used_is_named(client):
    text = client.get("/cases/?form=nonsense&zzz=1&page=77&q=a&q=b").text
    for part in ("form=nonsense", "zzz=1", "page=77", "q=a", "q=b"):
        assert f"<code>{part}</code>" in text


def test_markup_in_a_link_stays_text(client):
    text = client.get("/cases/?q=%3Cb%3Edenial&x=%3Cimg%20src=y%3E").text
    assert "<b>denial" not in text
    assert "<img src=y" not in text
