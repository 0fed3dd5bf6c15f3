"""A picture in a browser with its own fonts: nothing is cut off, either way round."""

from datetime import date

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from cases.cells import Grid, Head, Line, Square
from cases.facets import AXES, Option
from kb.figures.matrix import Told, draw

pytestmark = pytest.mark.browser

LABELS = {
    "en": "Engagement and dialogue with institutional stakeholders, unabbreviated",
    "ar": "الحوار مع المؤسسات وأصحاب المصلحة والسلطات المحلية",
    "my": "အမျိုးသမီးများအပေါ် အကြမ်းဖက်မှု ကာကွယ်တားဆီးရေး",
    "hy": "Կանանց նկատմամբ բռնության կանխարգելում եւ աջակցություն",
}
# For each text: by how much it leaves the sheet, or the smallest box that holds its
# middle. Rotations are those of the page.
CUT_OFF = """() => {
  const svg = document.querySelector('svg');
  const whole = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll('rect')].map(b => b.getBoundingClientRect());
  const area = b => b.width * b.height;
  return [...svg.querySelectorAll('text')].map(text => {
    const t = text.getBoundingClientRect();
    const x = t.x + t.width / 2, y = t.y + t.height / 2;
    const around = boxes
      .filter(b => b.left < x && x < b.right && b.top < y && y < b.bottom)
      .sort((a, b) => area(a) - area(b))[0] || whole;
    const out = Math.max(around.left - t.left, t.right - around.right,
                         around.top - t.top - 2, t.bottom - around.bottom - 2);
    return [text.textContent, out];
  }).filter(([, out]) => out > 0.5);
}"""


def grid(label, columns):
    """A matrix with long names everywhere, and large numbers."""
    square = Square(12_345, label, "", ["C1234567", "C1234568", "C1234569"])
    lines = [
        Line(Option(str(n), f"{label} {n}"), [square] * columns, square)
        for n in range(3)
    ]
    return Grid(
        columns=[Head(f"{label} {n}", "") for n in range(columns)],
        column_groups=[(label, columns)],
        groups=[(label, lines)],
        totals=[square] * columns,
        total=square,
    )


@pytest.mark.parametrize("columns", [4, 20])
@pytest.mark.parametrize("language", LABELS)
def test_no_text_leaves_its_cell_or_the_sheet(chromium, language, columns, tmp_path):
    label = LABELS[language]
    told = Told(f"3 {label}", "https://example.org/" + "a" * 200, True, 9, date.today())
    with translation.override(language):
        sheet = draw(grid(label, columns), AXES["form-family"], told)
        size = {"width": f"{sheet.width:g}", "height": f"{sheet.height:g}"}
        context = {"sheet": sheet, "title": label, "filled": [], **size}
        svg = render_to_string("figures/matrix.svg", context)
    assert sheet.is_rtl == (language == "ar")

    tab = chromium.new_page()
    tab.set_content(svg)
    cut_off = tab.evaluate(CUT_OFF)
    first = tab.locator("text").first.bounding_box()
    tab.close()

    assert cut_off == []
    assert (first["x"] > sheet.width / 3) == sheet.is_rtl
