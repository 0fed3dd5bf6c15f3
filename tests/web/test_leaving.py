"""Leaving: what the server says, before any browser is asked."""

import pytest

from tests.web.test_headers import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


def test_leaving_forgets_and_marks(client, settings):
    settings.LEAVE_URL = "https://neutral.example/"
    first = client.get("/leave/")
    assert first.status_code == 200
    assert first["Refresh"] == "0;url=/leave/?now=1"
    assert first.cookies["leaving"].value == "1"
    assert "no-store" in first["Cache-Control"]
    assert "violence" not in first.text

    response = client.get("/leave/?now=1")

    assert response.status_code == 303
    assert response["Location"] == "https://neutral.example/"
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert "no-store" in response["Cache-Control"]
    marker = response.cookies["leaving"]
    assert marker.value == "1"
    assert marker["max-age"] == 15 * 60
    assert marker["httponly"]
    assert marker["samesite"] == "Lax"


@pytest.mark.parametrize("address", [*PAGES, "/no-such-page/", "/robots.txt"])
def test_the_marker_hides_every_page(client, address):
    client.cookies["leaving"] = "1"
    response = client.get(address)

    words = response.text.lower().replace(address.lower().replace("&", "&amp;"), "")
    assert "Continue?" in response.text
    assert "no-store" in response["Cache-Control"]
    for word in ("violence", "resistance", "women", "case", "stylesheet"):
        assert word not in words


def test_coming_back_ends_the_marker(client):
    client.cookies["leaving"] = "1"
    response = client.post("/leave/", {"next": "/matrix/?form=denial"})

    assert response.status_code == 303
    assert response["Location"] == "/matrix/?form=denial"
    assert response.cookies["leaving"]["max-age"] == 0


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "\\\\evil",
        "/leave/",
        "",
    ],
)
def test_coming_back_never_leads_elsewhere(client, target):
    assert client.post("/leave/", {"next": target})["Location"] == "/"
