"""A draft’s way to the public, and every screen on it, in a real browser.

Nothing on the way may break the desk’s policy, and our own screens pass axe.
"""

import re

import pytest

from tests.browser.test_axe import AXE, TAGS

pytestmark = [pytest.mark.browser, pytest.mark.first]

WATCH = """document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});"""
IN_MAIN = """async (tags) => {
    const found = await axe.run("main .kb, main .nice-padding", {runOnly: tags});
    return found.violations.flatMap((row) => row.nodes.map(
        (node) => [row.id, node.html.slice(0, 160), node.failureSummary]));
}"""
CASE = "/desk/snippets/cases/case"
OWN_SCREENS = {
    "author": ["review/", "review/case/1/", "safety/1/", "import/"],
    "reviewer": ["review/", "review/case/1/", "safety/1/"],
    "publisher": ["review/case/1/", "withdraw/case/8/"],
    "admin": ["people/", "people/invite/", "log/"],
}


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def sign_in(visit, demo, complaints):
    """A page of somebody at the desk; what it complains of is kept."""

    def begin(role, **how):
        page = visit(f"{demo}/safety/", **how)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            # Autosave is told with 400 that a form is not whole yet: no fault.
            lambda told: (
                complaints.append(told.text)
                if told.type == "error" and "status of 400" not in told.text
                else None
            ),
        )
        page.context.add_init_script(WATCH)
        page.goto(f"{demo}/desk/account/login/")
        page.get_by_role("button", name=f"demo-{role}").click()
        page.wait_for_url(re.compile("/desk/$"))
        return page

    return begin


def edit(page, demo):
    """Open the form of the first case, with everything in it started."""
    page.goto(f"{demo}{CASE}/edit/1/")
    page.locator("[data-chooser-url]").first.wait_for()
    page.wait_for_load_state("networkidle")


def test_a_draft_is_written_reviewed_and_released(sign_in, demo, complaints):
    page = sign_in("author")
    page.goto(f"{demo}{CASE}/")
    assert page.get_by_role("link", name="C001").count()
    edit(page, demo)

    rows = page.locator("#id_encounters-FORMS > *")
    before = rows.count()
    page.locator("#id_encounters-ADD").click()
    assert rows.count() == before + 1
    new = rows.last
    new.get_by_role("button", name=re.compile("Choose .*form", re.I)).click()
    page.locator(".modal-body a", has_text="Backlash").first.click()
    page.locator(".modal-body").wait_for(state="detached")
    assert "Backlash" in new.inner_text()
    new.locator("button[aria-label*=Delete], button[title*=Delete]").first.click()

    page.locator("#id_title").fill("Armenia: a lower profile, the same goal")
    page.get_by_role("button", name="Preview").first.click()
    frame = page.frame_locator("#w-preview-iframe")
    frame.locator("h1", has_text="the same goal").wait_for()
    # What the form saves by itself says so too: wait for the page that comes after.
    with page.expect_navigation():
        page.get_by_role("button", name="Save draft").click()
    page.locator(".messages .success").wait_for()
    page.goto(f"{demo}{CASE}/history/1/")
    assert page.locator("main table button").count()
    # Not row by row: the form saves versions by itself while it is filled in.
    page.goto(f"{demo}{CASE}/history/1/revisions/compare/earliest...latest/")
    assert "lower profile" in page.locator("main").inner_text()
    page.goto(f"{demo}/desk/curation/review/case/1/")
    page.get_by_role("button", name="Send to review").click()
    page.get_by_text("have been told").wait_for()
    assert page.goto(f"{demo}/cases/?q=lower").ok
    assert "the same goal" not in page.content()

    page = sign_in("reviewer")
    page.goto(f"{demo}/desk/curation/review/")
    page.get_by_role("link", name="Start with the oldest").click()
    page.get_by_label("Approve").wait_for()
    while page.get_by_role("button", name="It may stay").count():
        page.locator("[name=why]").first.fill("It is in the published brief.")
        with page.expect_navigation():
            page.get_by_role("button", name="It may stay").first.click()
    page.get_by_label("Approve").check()
    page.get_by_role("button", name="Write the review down").click()
    page.get_by_text("1 of 1 approval").wait_for()

    page = sign_in("publisher")
    page.goto(f"{demo}/desk/curation/review/case/1/")
    page.get_by_label("What changed").fill("The title says what was kept.")
    page.get_by_role("button", name="Release").click()
    page.get_by_text("It is public now").wait_for()
    page.goto(f"{demo}/cases/armenia-society-without-violence/")
    assert "the same goal" in page.locator("h1").inner_text()
    assert not complaints


def test_one_publisher_withdraws_with_one_button(sign_in, demo, complaints):
    page = sign_in("publisher")
    page.goto(f"{demo}/desk/curation/review/case/8/")
    page.get_by_role("link", name="withdraw now").click()
    address = page.url
    page.get_by_role("button", name="Withdraw now").click()
    page.get_by_text("no page shows it now").wait_for()
    assert page.goto(f"{demo}/cases/").ok
    assert "C008" not in page.locator("main").inner_text()
    assert address.endswith("/withdraw/case/8/")
    assert not complaints


@pytest.mark.parametrize("role", OWN_SCREENS)
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_our_own_screens_are_for_everybody(
    sign_in, demo, complaints, role, width, scheme
):
    page = sign_in(role, width=width, scheme=scheme)
    for screen in OWN_SCREENS[role]:
        assert page.goto(f"{demo}/desk/curation/{screen}").ok
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE)
        complaints += page.evaluate(IN_MAIN, TAGS)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            complaints.append((screen, wide))
    assert not complaints
