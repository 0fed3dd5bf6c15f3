"""From the first address to the desk, in a real browser under the desk’s policy."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.browser.test_axe import AXE, RUN, TAGS

pytestmark = [pytest.mark.browser, pytest.mark.first]

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
WATCH = """document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});"""


@pytest.fixture
def manage(site, database):
    """Run a command on the database of the served site."""

    def run(*arguments):
        command = [sys.executable, "manage.py", *arguments]
        environment = {**os.environ, "DATABASE_URL": database}
        return subprocess.check_output(  # noqa: S603
            command, cwd=ROOT, env=environment, text=True
        )

    return run


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def newcomer(manage, visit, site, complaints):
    """A page at the one-time address of a new admin; all its complaints are kept."""

    def begin(name, site=site):
        path = re.search(r"/desk/account/\S+", manage("make_admin", name))[0]
        page = visit(f"{site}/safety/", width=360)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda told: complaints.append(told.text) if told.type == "error" else None,
        )
        page.context.add_init_script(WATCH)
        page.goto(site + path)
        return page

    return begin


def code_now(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def activate(page, secret):
    """Type the code; the next one if its half minute ended on the way."""
    codes = page.get_by_label("Unused codes")
    refused = page.get_by_text("Incorrect code")
    for _time in range(2):
        page.get_by_label("Authenticator code").fill(code_now(secret))
        page.get_by_role("button", name="Activate").click()
        codes.or_(refused).first.wait_for()
        if codes.count():
            break


def fits(page):
    """A page is no wider than a phone, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.evaluate(AXE)
    found = page.evaluate(RUN, [TAGS, []])
    assert not found, found


def set_password(page):
    page.get_by_label("New Password", exact=False).first.fill(PASSWORD)
    page.get_by_label("New Password (again)").fill(PASSWORD)
    fits(page)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("heading", name="Your account").wait_for()


def walk_our_screens(page, site, name):
    """Invite somebody, look at them, and find it in the log; axe finds nothing."""
    page.goto(f"{site}/desk/curation/people/")
    page.get_by_role("heading", name="People").wait_for()
    assert page.get_by_role("link", name="with-app").is_visible()
    is_accessible(page)
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Name of the account").fill(name)
    page.get_by_label("Reviewers: check sources").check()
    is_accessible(page)
    page.get_by_role("button", name="Invite").click()
    assert "/set-up/" in page.get_by_label("One-time address").input_value()
    is_accessible(page)
    page.get_by_role("link", name="Back to people").click()
    page.get_by_role("link", name=name).click()
    is_accessible(page)
    page.get_by_role("button", name="Disable the account").click()
    page.goto(f"{site}/desk/curation/log/")
    assert page.get_by_role("cell", name="invited somebody").count()
    is_accessible(page)


def is_accessible(page):
    """axe finds nothing in what is ours on a screen of the desk."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE)
    ours = RUN.replace("axe.run(document", "axe.run('main'")
    explained = [
        # The first heading of a part has none before it for axe to compare with.
        ("heading-order", "h1, h2"),
        # What is scrolled out of view, axe cannot see.
        ("color-contrast", ".w-overflow-x-auto *"),
    ]
    found = page.evaluate(ours, [TAGS, explained])
    assert not found, (page.url, found)


def test_with_an_authenticator_app(newcomer, complaints, site):
    page = newcomer("with-app")
    set_password(page)
    fits(page)
    page.get_by_role("link", name="Set up an authenticator app").click()
    secret = page.get_by_label("Authenticator secret").input_value()
    assert page.locator("img").evaluate("(image) => image.naturalWidth") > 0
    fits(page)
    activate(page, secret)
    codes = page.get_by_label("Unused codes").input_value().split()
    assert len(codes) == 10
    fits(page)

    page.goto(f"{site}/desk/")
    page.locator(".sidebar-menu-item").first.wait_for(state="attached")
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        walk_our_screens(page, site, f"colleague-{width}")
    page.set_viewport_size({"width": 360, "height": 900})

    page.goto(f"{site}/desk/account/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site}/desk/curation/people/")
    page.get_by_label("Username").fill("with-app")
    page.get_by_label("Password").fill(PASSWORD)
    fits(page)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(codes[0])
    fits(page)
    page.get_by_role("button", name="Sign In", exact=True).click()
    # A recovery code opened the desk, and is not enough for this screen.
    page.get_by_role("heading", name="Confirm Access").wait_for()
    fits(page)
    assert complaints == []


def test_with_a_passkey(newcomer, complaints, site):
    site = site.replace("127.0.0.1", "localhost")  # no passkey is for a number
    page = newcomer("with-key", site)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    set_password(page)
    page.get_by_role("link", name="Add a key").click()
    page.get_by_label("Passwordless").check()
    fits(page)
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Unused codes").wait_for()

    page.goto(f"{site}/desk/account/")
    page.get_by_role("link", name="Your keys").click()
    fits(page)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site}/desk/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator(".sidebar-menu-item").first.wait_for(state="attached")
    page.goto(f"{site}/desk/curation/people/")
    page.get_by_role("heading", name="People").wait_for()
    page.goto(f"{site}/desk/account/2fa/keys/again/?next=/desk/curation/log/")
    page.get_by_role("button", name="Use a security key").click()
    page.get_by_role("heading", name="Log").wait_for()
    assert complaints == []


def test_failures_are_counted_by_all_processes_together(visit, site):
    page = visit(f"{site}/desk/account/login/")
    seen = []
    for _attempt in range(8):
        page.goto(f"{site}/desk/account/login/")
        page.get_by_label("Username").fill("guessed")
        page.get_by_label("Password").fill("wrong horse battery")
        with page.expect_navigation() as answer:
            page.get_by_role("button", name="Sign in", exact=True).click()
        seen.append(answer.value.status)

    assert seen == [200] * 5 + [429] * 3
    assert "wait five minutes" in page.locator("main").inner_text()
