"""The matrix as a picture says what the page says, and asks nothing of anybody."""

import re
from datetime import date
from html import unescape
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from pypdf import PdfReader

from kb.citing.entries import permanent
from kb.figures.drawing import length, wrapped

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("content"),
    pytest.mark.once,  # what is drawn depends on no database
]

SVG = "{http://www.w3.org/2000/svg}"


def numbers_on_page(client, query):
    """Every number of the table of the page, in order."""
    table = re.search(
        r"<table class=\"matrix\">.*?</table>", client.get(query).text, re.S
    )
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table[0], re.S)
    words = [re.sub(r"<small>.*?</small>|<[^>]*>", "", cell).strip() for cell in cells]
    return [int(word) for word in words if word]


@pytest.mark.parametrize(
    "query", ["", "?axes=form-country", "?country=AM&axes=form-strategy", "?q=radio"]
)
def test_a_picture_has_the_numbers_of_the_page(client, query):
    response = client.get(f"/matrix.svg{query}")
    svg = ET.fromstring(response.content)  # noqa: S314

    told = [node.text for node in svg.iter(f"{SVG}text")]
    assert [int(t) for t in told if t.isdigit()] == numbers_on_page(
        client, f"/matrix/{query}"
    )
    title = svg.find(f"{SVG}title").text
    shown = re.search(r'<h2 id="shown">(.*?)</h2>', client.get(f"/matrix/{query}").text)
    assert title.startswith(unescape(shown[1]))
    legend = " ".join(told)
    assert permanent("/matrix/") in legend
    assert "UN Trust Fund" in legend
    assert str(date.today().year) in legend
    assert ("This is a part" in legend) == ("country=" in query or "q=" in query)


def test_a_picture_has_no_style_no_script_and_nothing_from_outside(client):
    text = client.get("/matrix.svg?axes=form-strategy").text

    assert not re.search(r"style|script|href|url\(|<image|@import", text)
    assert "{%" not in text


@pytest.mark.parametrize(
    "kind", ["matrix.svg", "matrix.png", "poster.svg", "poster.pdf"]
)
@pytest.mark.parametrize("query", ["axes=form-moon", "form=nonsense", "colour=red"])
def test_a_filter_that_is_not_all_known_is_refused_by_name(client, kind, query):
    response = client.get(f"/{kind}?{query}")
    assert response.status_code == 400
    assert query in response.text


def test_the_same_in_pixels(client):
    response = client.get("/matrix.png?axes=form-strategy")
    picture = Image.open(BytesIO(response.content))

    assert response["Content-Type"] == "image/png"
    assert 3_000 < picture.width <= 6_000
    shades = picture.convert("L").histogram()
    assert sum(shades[:80]) > 10_000  # letters were drawn, so a font was found


@pytest.mark.parametrize("axes", ["form-family", "form-strategy"])
def test_a_poster_is_one_sheet_of_a3_with_a_table(client, axes):
    response = client.get(f"/poster.pdf?axes={axes}")
    [page] = PdfReader(BytesIO(response.content)).pages
    size, text = page.mediabox, " ".join(page.extract_text().split())

    assert [round(float(size.width)), round(float(size.height))] == [1191, 842]
    assert "Engagement" in text
    assert "0 means: no case recorded here has it." in text


def test_without_the_extra_no_pdf_is_offered(client, monkeypatch):
    monkeypatch.setattr("kb.handouts.paper.has_pango", lambda: False)

    page = client.get("/matrix/?axes=form-actor").text
    assert "/matrix.svg" in page
    assert "/matrix.png" in page
    assert client.get("/poster.pdf").status_code == 404
    assert "/poster.pdf" not in page


def test_a_text_is_wrapped_into_what_it_has():
    text = "Prejudice and discrimination, wordswithoutanyspacebetween, क्षमता အမျိုးသမီး"
    lines = wrapped(text, 12, 60)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(length(line, 12) <= 60 for line in lines)
