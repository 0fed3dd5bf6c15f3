"""Small files that programs ask for by name."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
import time_machine

from cases.models import Case
from kb.pages import sitemap
from kb.pages.sitemap import SITEMAPS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


def test_robots_names_the_sitemap(client):
    text = client.get("/robots.txt").text
    assert "Sitemap: http://testserver/sitemap.xml" in text
    assert "Disallow: /leave/" in text


def test_the_sitemap_lists_every_public_address_and_no_other(client):
    Case.objects.filter(slug="nepal").update(live=False)
    parts = locations(client.get("/sitemap.xml"))
    assert len(parts) == len(SITEMAPS)
    found = [address for part in parts for address in locations(client.get(part))]

    assert "http://testserver/cases/armenia-society-without-violence/" in found
    assert "http://testserver/cases/nepal/" not in found
    assert len(found) == len(set(found))
    for address in found:
        assert client.get(address.removeprefix("http://testserver")).status_code == 200


def locations(response):
    """The addresses in a file for search engines."""
    assert response.status_code == 200
    tree = ElementTree.fromstring(response.content)  # noqa: S314
    return [node.text for node in tree.iter() if node.tag.endswith("loc")]


def test_a_sitemap_of_many_cases_comes_in_parts(client, monkeypatch):
    monkeypatch.setattr(sitemap.Cases, "limit", 3)
    parts = [part for part in locations(client.get("/sitemap.xml")) if "cases" in part]
    assert [part.partition("?")[2] for part in parts] == ["", "p=2", "p=3"]
    found = [address for part in parts for address in locations(client.get(part))]
    assert len(set(found)) == len(found) == Case.objects.published().count()
    assert client.get("/sitemap-cases.xml?p=4").status_code == 404
    assert client.get("/sitemap-drafts.xml").status_code == 404


def test_the_icon_says_nothing(client):
    response = client.get("/favicon.ico")
    assert response["Content-Type"] == "image/x-icon"
    assert len(response.content) < 2000


@pytest.mark.parametrize("year", [2026, 2031, 2099])
def test_the_security_contact_cannot_expire_unseen(client, year):
    now = datetime(year, 5, 1, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        text = client.get("/.well-known/security.txt").text

    fields = dict(line.split(": ", 1) for line in text.splitlines())
    left = datetime.fromisoformat(fields["Expires"]) - now
    assert 30 < left.days < 365
    assert fields["Contact"].startswith(("mailto:", "https:"))


def test_health_is_told(client):
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").status_code == 200


def test_a_database_that_does_not_answer_is_not_ready(client):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kb.pages.wellknown.Region.objects", Broken())
        response = client.get("/readyz")
    assert response.status_code == 503
    assert "not ready" in response.text


class Broken:
    """Questions to a database that does not answer."""

    def exists(self):
        from django.db import OperationalError

        raise OperationalError
