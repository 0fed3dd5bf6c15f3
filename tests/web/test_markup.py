"""Every page is valid, light, and readable as plain text."""

import gzip
import re
import shutil
import subprocess
from itertools import pairwise

import html5lib
import pytest
from django.contrib.staticfiles import finders

from tests.browser.pages import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

FIRST_VIEW = 14_600  # bytes, compressed


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_valid(client, address):
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(client.get(address).text.lstrip())

    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    named = {node.get("for") for node in tree.iter("label")}
    inside = {child for label in tree.iter("label") for child in label.iter()}
    for field in [*tree.iter("input"), *tree.iter("select")]:
        assert (
            field.get("type") == "hidden" or field in inside or field.get("id") in named
        )
    levels = [
        int(node.tag[1])
        for node in tree.iter()
        if isinstance(node.tag, str) and re.fullmatch("h[1-6]", node.tag)
    ]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("address", PAGES)
def test_a_first_view_is_light(client, address):
    page = client.get(address, headers={"accept-encoding": "gzip"})
    style = finders.find("css/site.css")
    with open(style, "rb") as file:
        css = gzip.compress(file.read())

    assert page["Content-Encoding"] == "gzip"
    assert len(page.content) + len(css) <= FIRST_VIEW


def test_there_is_little_script():
    with open(finders.find("js/site.js"), "rb") as file:
        assert len(file.read()) <= 5 * 1024


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ("/cases/", ["8 cases", "Armenia: keeping the goal, lowering the profile"]),
        (
            "/cases/pakistan-shirkat-gah/",
            ["Repression", "Who resists", "Government body", "What is not stated"],
        ),
        ("/matrix/", ["Passive", "Repression", "All cases", "The same as a list"]),
    ],
)
def test_a_page_reads_well_in_a_text_browser(client, address, lines, tmp_path):
    w3m = shutil.which("w3m")
    assert w3m, "This test needs the text browser w3m: install the package “w3m”."
    file = tmp_path / "page.html"
    file.write_text(client.get(address).text)

    text = subprocess.run(  # noqa: S603
        [w3m, "-dump", "-cols", "100", str(file)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    for line in lines:
        assert line in text
