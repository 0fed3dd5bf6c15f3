"""How a page is cited, as a reader opens it and as it is printed."""

import pytest

pytestmark = pytest.mark.browser

CASE = "/cases/armenia-society-without-violence/"


def test_the_code_to_scan_is_fetched_when_it_is_looked_at(visit, site):
    page = visit("about:blank", width=360)
    asked, trouble = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: trouble.append(message.text))
    page.goto(site + CASE, wait_until="networkidle")
    code = f"{site}{CASE}cite.svg"
    assert code not in asked

    with page.expect_response(code):
        page.get_by_text("Cite this").click()
    image = page.get_by_alt_text("Code to scan")
    image.evaluate("(image) => image.decode()")

    assert image.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert trouble == []


def test_a_page_is_printed_with_its_citation(visit, site):
    page = visit(site + CASE)
    page.emulate_media(media="print")
    assert page.get_by_text("Permanent link").is_visible()
    assert not page.get_by_text("BibTeX").is_visible()
    page.goto(f"{site}/lessons/")
    assert not page.get_by_text("Permanent link").first.is_visible()
