"""Hand-outs: what is on them, that they are short, and that nothing else is."""

import re
import subprocess
import urllib.request
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from kb.citing.entries import permanent
from kb.handouts import paper
from strategies.models import Strategy
from tests.factories import (
    CaseFactory,
    EncounterFactory,
    FormFactory,
    ResponseFactory,
    SourceFactory,
    StrategyFactory,
    cite,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]  # paper knows no database

# A few letters of each script, and how many different glyphs they make when shaped.
SCRIPTS = {
    "ar": ("ععع", 3),  # one letter: at the beginning, in the middle, at the end
    "hy": ("ԲԲ", 1),
    "my": ("ကြ", 2),  # the second letter is drawn around the first
    "ne": ("क्ष", 1),  # three letters, one glyph
}


def full_case(**values):
    """A case with an answer that has a source."""
    strategy = values.pop("strategy", None) or StrategyFactory()
    case = CaseFactory(**values)
    encounter = EncounterFactory(case=case, form=FormFactory())
    for row in (
        case,
        encounter,
        ResponseFactory(encounter=encounter, strategy=strategy),
    ):
        cite(row, SourceFactory(publisher="A publisher", url="https://example.org/a"))
    return case


def text_of(response):
    """The words of a PDF, and how many pages it has."""
    pages = PdfReader(BytesIO(response.content)).pages
    text = " ".join(page.extract_text() for page in pages)
    return " ".join(text.split()), len(pages)


def test_a_handout_has_the_cases_in_order_their_sources_and_a_code(client):
    full_case(code="C001", slug="first", title="The first")
    full_case(code="C002", slug="second", title="The second")

    page = client.get("/handout/?case=C002&case=C001").text

    assert page.index("The second") < page.index("The first")
    assert "A publisher" in page
    assert "https://example.org/a" in page
    assert page.count('class="qr"') == 2
    assert permanent("/cases/first/") in page
    assert "style=" not in page


def test_a_handout_costs_the_same_for_one_case_as_for_eight(client):
    codes = [full_case().code for _ in range(8)]
    client.get(f"/handout/?case={codes[0]}")
    with CaptureQueriesContext(connection) as one:
        client.get(f"/handout/?case={codes[0]}")
    with CaptureQueriesContext(connection) as eight:
        client.get("/handout/?" + "&".join(f"case={code}" for code in codes))

    assert len(eight) == len(one)


def test_a_handout_of_a_strategy_tells_where_it_was_used(client):
    strategy = StrategyFactory(slug="radio", name="Use radio", caution="Not at night.")
    full_case(title="On the air", strategy=strategy)
    full_case(title="Quagmire", strategy=strategy, draft=True)

    page = client.get("/handout/?strategy=radio").text

    assert "Not at night." in page
    assert "On the air" in page
    assert "Used in 1 case" in page
    assert "uagmire" not in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("case=C001&case=C099", 400),
        ("case=C001&colour=red", 400),
        ("case=%00", 400),
        ("paper=a0&case=C001", 400),
        ("", 400),
        ("strategy=radio&case=C001", 400),  # one or the other
        ("strategy=none", 404),
        ("strategy=gone", 410),
    ],
)
def test_a_file_is_refused_where_the_page_says_what_it_ignores(client, query, status):
    full_case(code="C001")
    StrategyFactory(slug="radio")
    StrategyFactory(slug="gone", withdrawn=True)

    assert client.get(f"/handout.pdf?{query}").status_code == status
    page = client.get(f"/handout/?{query}")
    assert page.status_code == (200 if status == 400 else status)
    assert ("is not used" in page.text) == (status == 400 and query != "")


@pytest.mark.parametrize("paper_size", ["a4", "letter"])
@pytest.mark.parametrize("code", ["C001", "C006"])
def test_a_described_case_fits_on_two_pages(client, eight_cases, code, paper_size):
    response = client.get(f"/handout.pdf?case={code}&paper={paper_size}")
    text, pages = text_of(response)

    assert pages <= 2
    assert "What is not stated" in text
    assert "UN Trust Fund to End Violence against Women:" in text
    width = float(PdfReader(BytesIO(response.content)).pages[0].mediabox.width)
    assert round(width) == {"a4": 595, "letter": 612}[paper_size]


def test_a_pdf_can_be_read_aloud(client):
    full_case(code="C001", title="A title")

    root = PdfReader(BytesIO(client.get("/handout.pdf?case=C001").content)).trailer
    root = root["/Root"].get_object()

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


@pytest.mark.parametrize("language", SCRIPTS)
def test_a_pdf_shapes_each_script_with_a_font_that_has_it(language):
    words, count = SCRIPTS[language]
    listed = subprocess.run(  # noqa: S603
        ["fc-list", f":lang={language}", "family"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    html = f'<html lang="{language}"><title>A</title><p>{words}'
    [page] = PdfReader(BytesIO(paper.pdf(html, "css/handout.css"))).pages

    shown = [
        part
        for operands, operator in page.get_contents().operations
        if operator == b"TJ"
        for part in operands[0]
        if isinstance(part, str)
    ]
    number = len("1 / 1")  # of the page
    assert len({*shown[:-number]}) == count
    fonts = {font["/BaseFont"] for font in page["/Resources"]["/Font"].values()}
    families = {family.replace(" ", "-") for family in re.split("[,\n]", listed)}
    assert {font.partition("+")[2] for font in fonts} & families


def test_nothing_is_fetched_for_a_pdf(monkeypatch):
    asked = []
    opener = urllib.request.OpenerDirector
    monkeypatch.setattr(opener, "open", lambda *args, **more: asked.append(args))
    html = '<html lang="en"><title>A</title><img alt="" src="http://127.0.0.1:9/a.png">'

    assert paper.pdf(html, "css/handout.css").startswith(b"%PDF")
    assert asked == []


def test_without_the_extra_the_page_says_how_to_print(client, monkeypatch):
    monkeypatch.setattr("kb.handouts.paper.find_spec", lambda name: None)
    full_case(code="C001")

    assert "Save as PDF" in client.get("/handout/?case=C001").text
    refused = client.get("/handout.pdf?case=C001")
    assert refused.status_code == 404
    assert "print it to a file" in refused.text


def test_whoever_comes_while_a_pdf_is_made_is_asked_to_come_again(client, monkeypatch):
    monkeypatch.setattr(paper, "PATIENCE", 0.01)
    full_case(code="C001")
    with paper.TURN:
        assert client.get("/handout.pdf?case=C001").status_code == 503
    assert client.get("/handout.pdf?case=C001").status_code == 200


def test_what_is_not_public_is_on_no_handout(client):
    full_case(code="C001", title="Quagmire", draft=True)
    Strategy.objects.update(live=False)

    assert "uagmire" not in client.get("/handout/?case=C001").text
    assert "uagmire" not in client.get("/handout/").text
    assert client.get("/handout.pdf?case=C001").status_code == 400
