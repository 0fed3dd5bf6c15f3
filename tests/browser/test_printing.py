"""What comes out of the printer: the text, whole, and nothing to click."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.browser.pages import PAGES

pytestmark = pytest.mark.browser

TO_CLICK = "Skip to the content", "Apply filters", "Leave this site"
PORTRAIT, LANDSCAPE = 687, 1017  # CSS pixels between the margins of A4


@pytest.fixture(scope="module")
def on_paper(chromium, site):
    """One tab in which a page is opened and printed: (its words, pixels too wide)."""
    tab = chromium.new_page(color_scheme="dark")

    def print_page(address):
        tab.goto(site + address)
        tab.emulate_media(media="print")
        is_wide = tab.locator("main:has(.matrix, .side)").count()
        width = LANDSCAPE if is_wide else PORTRAIT
        tab.set_viewport_size({"width": width, "height": 900})
        too_wide = tab.evaluate(
            "document.scrollingElement.scrollWidth - window.innerWidth"
        )
        pages = PdfReader(BytesIO(tab.pdf(format="A4"))).pages
        return "\n".join(page.extract_text() for page in pages), too_wide

    yield print_page
    tab.close()


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/cases/",
        "/cases/armenia-society-without-violence/",
        "/matrix/?axes=form-strategy&family=engagement",
        "/compare/?case=C001&case=C006&case=C099",
        "/countries/pk/",
        "/strategies/",
        "/sources/untf-brief-resistance/",
        "/about/",
        "/handout/?case=C001&case=C006&case=C099",
    ],
)
def test_a_page_prints_whole_and_without_what_is_to_click(on_paper, address):
    text, too_wide = on_paper(address)

    heading = " ".join(text.split())
    assert PAGES[address] in heading
    assert not any(word in text for word in TO_CLICK)
    assert too_wide <= 0


def test_paper_is_white_even_where_the_screen_is_dark(chromium, site):
    tab = chromium.new_page(color_scheme="dark")
    tab.goto(f"{site}/")
    tab.emulate_media(media="print", color_scheme="dark")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    ink = "getComputedStyle(document.querySelector('.lead')).color"
    assert tab.evaluate(paper) == "rgb(255, 255, 255)"
    assert tab.evaluate(ink) in ("rgb(0, 0, 0)", "rgb(23, 33, 31)")
    tab.close()
