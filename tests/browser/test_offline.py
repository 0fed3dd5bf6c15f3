"""The offline edition from a folder, without a server: searched, filtered, printed."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(site, database, tmp_path_factory):
    """The address of an unpacked edition of the served site."""
    path = tmp_path_factory.mktemp("offline")
    subprocess.run(
        [sys.executable, "manage.py", "build_offline", "-v0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, "OFFLINE_DIR": str(path)},
        check=True,
    )
    with ZipFile(path / "reading.zip") as archive:
        archive.extractall(path)
    return (path / "reading").as_uri()


def shown(page):
    return page.locator("#cases > li:visible a").all_inner_texts()


def test_cases_are_searched_and_filtered_where_they_lie(visit, folder):
    asked, errors = [], []
    page = visit(f"{folder}/index.html")
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.get_by_role("link", name="8 cases").click()
    assert len(shown(page)) == 8

    page.get_by_label("Words").fill("RISK assess")
    assert shown(page) == ["Armenia: keeping the goal, lowering the profile"]
    assert page.locator("#count").inner_text() == "1"
    page.get_by_label("Words").fill("")
    option = page.locator("#form option", has_text="Repression")
    assert option.inner_text() == "Repression (1)"
    page.get_by_label("Form of resistance").select_option("repression")
    [found] = shown(page)
    page.get_by_role("link", name=found).click()
    assert page.locator("h1").inner_text() == found
    page.get_by_role("link", name="Repression").first.click()
    assert page.url.endswith("forms.html#repression")

    assert errors == []
    assert asked
    assert all(url.startswith(folder) for url in asked)


def test_without_script_cases_are_a_list_of_links(visit, folder):
    page = visit(f"{folder}/cases.html", script=False)
    assert len(shown(page)) == 8
    assert not page.locator("form").is_visible()
    page.locator("#cases a").first.click()
    assert page.locator("h1").inner_text()
