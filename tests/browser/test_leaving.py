"""Leaving quickly, and what Back shows afterwards."""

import pytest

pytestmark = pytest.mark.browser

CASE = "/cases/armenia-society-without-violence/"
scripts = pytest.mark.parametrize("script", [True, False], ids=["scripts", "none"])


@scripts
def test_back_shows_only_a_question(visit, site, neutral, script):
    page = visit(site, script=script)
    page.goto(site + "/cases/")
    page.goto(site + CASE)

    page.click("text=Leave this site")
    page.wait_for_url(neutral)

    for _ in range(3):
        page.go_back()
        if page.url == "about:blank":
            break
        if page.url != neutral:
            assert page.title() == "Continue?"
            assert "violence" not in page.content().lower().replace(CASE, "")


@scripts
def test_continue_comes_back(visit, site, neutral, script):
    page = visit(site + CASE, script=script)
    page.click("text=Leave this site")
    page.wait_for_url(neutral)
    page.goto(site + CASE)

    page.click("button")

    assert page.url == site + CASE
    assert "Armenia" in page.locator("h1").inner_text()
    assert page.context.cookies() == []


def test_the_page_is_covered_before_the_next_one_comes(visit, site):
    page = visit(site + CASE)
    page.route("**/leave/", lambda route: route.abort("aborted"))

    page.click("text=Leave this site", no_wait_after=True)

    page.locator(".cover").wait_for()
    assert page.evaluate("document.body.innerText.trim()") == ""
    assert page.evaluate("document.title") == ""


def test_shift_three_times_leaves(visit, site, neutral):
    page = visit(site + "/cases/")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(neutral)


def test_shift_does_nothing_while_typing(visit, site):
    page = visit(site + "/cases/")
    page.focus("#q")
    for _ in range(4):
        page.keyboard.press("Shift")
    page.keyboard.type("radio")
    assert page.input_value("#q") == "radio"
    assert page.url == site + "/cases/"


def test_shift_does_nothing_on_a_touch_device(visit, site):
    page = visit(site + "/cases/", width=360, has_touch=True, is_mobile=True)
    for _ in range(4):
        page.keyboard.press("Shift")
    page.keyboard.press("Tab")
    assert page.url == site + "/cases/"


@pytest.mark.parametrize("width", [360, 1280])
def test_leaving_is_second_in_tab_order_and_always_in_view(visit, site, width):
    page = visit(site + CASE, width=width)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Leave this site"

    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")

    box = page.locator(".leave").bounding_box()
    assert 0 <= box["y"] <= 20
    assert page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).textContent",
        [box["x"] + 10, box["y"] + 10],
    ) == ("Leave this site")
