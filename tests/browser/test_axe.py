"""Accessibility of every template: two widths, light and dark, both directions."""

from pathlib import Path

import pytest

from tests.browser.pages import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.first]

AXE = next((Path(__file__).parent / "vendor").glob("axe-*.min.js")).read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe cannot decide, where, and why it is right all the same.
EXPLAINED = [
    # Names on the map have a stroke of the ground’s colour between them and the land.
    ("color-contrast", ".map text"),
    # One letter is too short for axe; the colour is that of .quiet, judged elsewhere.
    ("color-contrast", ".zero, .n, .cites a, .sum, .matrix td a, tfoot td"),
    # The heading of a row group names the rows below it and has no cell of its own.
    ("th-has-data-cells", "table:has(th[scope=rowgroup])"),
]
# What is scrolled out of view, axe cannot see; test_wide_tables shows it all of it.
OUT_OF_VIEW = [("color-contrast", ".scroll *")]
TURN = "(direction) => { document.documentElement.dir = direction; }"
RUN = """async ([tags, explained]) => {
    const found = await axe.run(document, {runOnly: tags});
    const told = (rows, excuses) => rows.flatMap((row) => row.nodes
        .filter((node) => !excuses.some(([rule, place]) => rule === row.id
            && document.querySelector(node.target.at(-1)).matches(place)))
        .map((node) => [row.id, node.html.slice(0, 160), node.failureSummary]));
    return [...told(found.violations, []), ...told(found.incomplete, explained)];
}"""


@pytest.mark.parametrize(
    ("direction", "scheme", "width"),
    # Each two of the three in every combination.
    [
        ("ltr", "light", 360),
        ("ltr", "dark", 1280),
        ("rtl", "light", 1280),
        ("rtl", "dark", 360),
    ],
)
def test_axe_finds_nothing(visit, site, width, scheme, direction):
    page = visit(site, width=width, scheme=scheme)
    complaints = []

    for address, heading in PAGES.items():
        page.goto(site + address)
        assert heading in page.locator("h1").inner_text()
        page.evaluate(TURN, direction)
        page.evaluate(AXE)
        found = page.evaluate(RUN, [TAGS, EXPLAINED + OUT_OF_VIEW])
        complaints += [(address, *row) for row in found]

    assert not complaints, summary(complaints)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_wide_tables_are_right_where_they_fit(visit, site, scheme):
    page = visit(site, width=3400, scheme=scheme)
    complaints = []

    for address in PAGES:
        if address.startswith(("/matrix/", "/compare/")):
            page.goto(site + address)
            page.evaluate(AXE)
            found = page.evaluate(RUN, [TAGS, EXPLAINED])
            complaints += [(address, *row) for row in found]

    assert not complaints, summary(complaints)


def summary(complaints):
    """Each complaint once, with the pages it was found on."""
    places = {}
    for address, *row in complaints:
        places.setdefault(tuple(row), set()).add(address)
    return "\n\n".join(f"{key}\n{pages}" for key, pages in places.items())


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_no_page_is_wider_than_the_screen(visit, site, direction):
    page = visit(site)

    too_wide = []
    for address in PAGES:
        page.goto(site + address)
        page.evaluate(f"document.documentElement.dir = '{direction}'")
        for width in (320, 360, 768, 1280, 3840):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                too_wide.append((address, width))

    assert too_wide == []
