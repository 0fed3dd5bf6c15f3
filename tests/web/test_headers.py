"""Headers that keep readers safe, and pages that may be kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cases.models import Case
from cases.search import refresh

KEPT = "public, max-age=0, s-maxage=20, stale-while-revalidate=10, stale-if-error=20"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

PAGES = [
    "/",
    "/about/",
    "/safety/",
    "/changes/",
    "/cases/",
    "/cases/armenia-society-without-violence/",
    "/matrix/",
    "/compare/?case=C001&case=C006",
    "/countries/",
    "/countries/am/",
    "/forms/",
    "/forms/denial/",
    "/strategies/",
    "/strategies/keep-goal-lower-profile/",
    "/lessons/",
    "/sources/",
    "/sources/untf-brief-resistance/",
    "/data/",
    "/data/cases.csv",
]
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
}


@pytest.mark.parametrize("address", [*PAGES, "/no-such-page/"])
def test_every_page_is_locked_down(client, address):
    response = client.get(address)
    policy = response["Content-Security-Policy"]

    assert {part.strip() for part in policy.split(";")} == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    assert not response.cookies


@pytest.mark.parametrize("address", PAGES)
def test_a_page_may_be_kept_and_is_checked(client, address):
    response = client.get(address, headers={"accept-encoding": "gzip"})
    again = client.get(
        address,
        headers={"accept-encoding": "gzip", "if-none-match": response["ETag"]},
    )

    assert response["Cache-Control"] == KEPT
    assert {"Cookie", "Accept-Encoding"} <= set(response["Vary"].split(", "))
    assert again.status_code == 304
    assert not again.content


def test_a_change_ends_what_was_kept(client):
    before = client.get("/cases/nepal/")
    Case.objects.filter(slug="nepal").update(title="Nepal, told anew")
    refresh()

    after = client.get("/cases/nepal/", headers={"if-none-match": before["ETag"]})

    assert after.status_code == 200
    assert "told anew" in after.text


@pytest.mark.parametrize("address", ["/no-such-page/", "/cases/?" + "a=1&" * 300])
def test_errors_are_not_kept(client, address):
    assert client.get(address)["Cache-Control"] == "no-store"


def test_an_error_of_ours_says_so_and_asks_no_database(client, monkeypatch, caplog):
    def broken(*args):
        raise RuntimeError("secret words")

    client.raise_request_exception = False
    monkeypatch.setattr("kb.pages.views.facets.counts_of", broken)

    response = client.get("/?q=private")

    assert response.status_code == 500
    assert "on our side" in response.text
    assert "secret words" not in response.text


PROBE = """
import django; django.setup()
from django.conf import settings
from django.test import Client
plain = Client().get("/healthz", headers={"host": "example.org"})
page = Client().get("/safety/", headers={"host": "example.org"})
safe = Client().get("/robots.txt", secure=True, headers={"host": "example.org"})
print(plain.status_code, page.status_code, page["Location"])
print(safe["Strict-Transport-Security"])
"""


def settings_in(**variables):
    """Run the probe with these variables alone."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROBE],
        cwd=Path(__file__).resolve().parents[2],
        env=kept | {"DJANGO_SETTINGS_MODULE": "kb.settings"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_is_https_only(tmp_path):
    done = settings_in(
        SECRET_KEY="x" * 60,
        ALLOWED_HOSTS="example.org",
        SECURITY_CONTACT="mailto:a@example.org",
        DATABASE_URL="sqlite://:memory:",
    )
    assert done.stdout.splitlines() == [
        "200 301 https://example.org/safety/",
        "max-age=63072000; includeSubDomains; preload",
    ], done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "SECURITY_CONTACT"])
def test_a_missing_setting_names_itself_and_the_readme(missing):
    variables = {
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "example.org",
        "SECURITY_CONTACT": "mailto:a@example.org",
    }
    del variables[missing]

    done = settings_in(**variables)

    assert done.returncode
    assert f"{missing} is missing: see README, section “Settings”" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEAVE_URL", "www.wikipedia.org"),
        ("LEAVE_URL", "javascript:1"),
        ("SECURITY_CONTACT", "somebody"),
        ("INSECURE_HTTP", "true"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(name, value):
    variables = {
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "example.org",
        "SECURITY_CONTACT": "mailto:a@example.org",
    }

    done = settings_in(**variables | {name: value})

    assert done.returncode
    assert f"{name} is {value!r}" in done.stderr
