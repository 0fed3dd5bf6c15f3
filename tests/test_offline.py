"""The offline edition: whole, readable anywhere, and nothing in it that may not be."""

import hashlib
import os
import re
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import facets
from cases.choices import Scope
from cases.models import Case
from cases.selection import Selection
from curation.withdrawing import take_back, withdraw
from kb.offline import contents, files, pages, shelf
from scripts import bench_http
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    EncounterFactory,
    FormFactory,
    LessonFactory,
    NoteFactory,
    ResponseFactory,
    SourceFactory,
    StrategyFactory,
    call,
    cite,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 31)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """A shelf of its own for each test."""
    settings.OFFLINE_DIR = str(tmp_path / "offline")
    return tmp_path / "offline"


@pytest.fixture
def no_zim(monkeypatch):
    """Without libzim: starting it takes a second."""
    monkeypatch.setattr("kb.offline.files.can_zim", lambda: False)


def whole_case(**values):
    """A case with all that its page shows."""
    case = CaseFactory(**values)
    call(case, "Another name", source=SourceFactory())
    encounter = EncounterFactory(case=case, form=FormFactory())
    response = ResponseFactory(encounter=encounter, strategy=StrategyFactory())
    lesson = LessonFactory(cases=[case])
    for row in (case, encounter, response, lesson):
        cite(row, SourceFactory())
    cite(NoteFactory(country=case.country), SourceFactory())
    return case


def texts(path):
    """Every file of an archive, as text, by its name."""
    with ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def inside(folder):
    """All that the ZIP and the EPUB say."""
    names = "reading.zip", "reading.epub"
    return "\n".join(
        f"{name}\n{text}"
        for file in names
        for name, text in texts(folder / file).items()
    )


def build(*words):
    told = StringIO()
    call_command("build_offline", *words, stdout=told)
    return told.getvalue()


@pytest.mark.usefixtures("no_zim")
def test_it_holds_what_may_be_given_away_and_nothing_else(folder):
    whole_case(title="Allowed as published")
    submitted = whole_case(title="Allowed by consent", origin="submitted")
    ConsentFactory(case=submitted)
    refused = whole_case(title="Quagmire", snapshot="Quagmire.", origin="submitted")
    scopes = [scope for scope in Scope.values if scope != Scope.PACKAGE]
    ConsentFactory(case=refused, scopes=scopes)
    LessonFactory(title="Quagmire of one case", cases=[refused])
    LessonFactory(title="Learnt in two", cases=[refused, submitted])
    for hidden in ({"draft": True}, {"withdrawn": True}):
        whole_case(title="Quagmire", **hidden)
        LessonFactory(title="Quagmire", **hidden)
        FormFactory(name="Quagmire", **hidden)
        StrategyFactory(name="Quagmire", **hidden)
    over = datetime(2026, 1, 1, tzinfo=UTC)
    whole_case(title="Quagmire", visible_until=over)

    build()

    text = inside(folder)
    assert "Allowed as published" in text
    assert "Allowed by consent" in text
    assert "Learnt in two" in text
    assert "uagmire" not in text
    assert refused.code not in text
    assert refused.code.lower() not in text


@pytest.mark.usefixtures("no_zim", "eight_cases")
def test_every_link_leads_somewhere_inside(folder):
    build()
    for file, ending in (("reading.zip", ".html"), ("reading.epub", ".xhtml")):
        found = {
            name.rpartition("/")[2]: text
            for name, text in texts(folder / file).items()
            if name.endswith(ending)
        }
        ids = {name: set(re.findall(r' id="([^"]*)"', t)) for name, t in found.items()}
        count = 0
        for name, text in found.items():
            ET.fromstring(text)  # noqa: S314 — it is XHTML
            for link in re.findall(r'href="([^"]*)"', text):
                page, _hash, place = link.partition("#")
                if not re.match(r"https?:", link) and page != "read.css":
                    assert not place or place in ids[page or name], (name, link)
                    assert (page or name) in found, (name, link)
                    count += 1
        assert count > 100


def test_it_counts_as_the_site_does():
    whole_case()
    CaseFactory()
    CaseFactory(lines=[(None, None), (FormFactory(), None)])
    CaseFactory(lines=[(FormFactory(),)])
    lists = contents.Lists()
    for case in contents.whole_cases():
        lists.add(contents.entry(case))

    words = facets.vocabulary()
    table = facets.table(Selection(), facets.AXES["form-family"], words)

    cells = {key: cell.count for key, cell in table.cells.items()}
    assert {key: len(lists.by_answer[key]) for key in cells} == cells
    forms = [entry.forms for entry in lists.entries]
    rows = {form: cell.count for form, cell in table.row_totals.items()}
    assert {form: sum(form in found for found in forms) for form in rows} == rows
    families = [entry.families for entry in lists.entries]
    columns = {family: cell.count for family, cell in table.column_totals.items()}
    assert {
        family: sum(family in found for found in families) for family in columns
    } == columns


@pytest.mark.usefixtures("no_zim", "eight_cases")
def test_names_tell_nothing_and_nothing_comes_from_outside(folder):
    build()
    found = texts(folder / "reading.zip")

    known = "index|cases|matrix|forms|strategies|countries|lessons|sources"
    named = rf"reading/(({known}|c\d+)\.html|words\.js|search\.js|read\.css)"
    assert all(re.fullmatch(named, name) for name in found)
    assert len(found["reading/search.js"]) + len(found["reading/words.js"]) < 60 * 1024
    for name, text in found.items():
        assert not re.search(r'src="(?!(words|search)\.js")|url\(|@import', text), name
        assert "style=" not in text
        assert not re.search(r"innerHTML|fetch\(|XMLHttp", text)
    outside = re.findall(r'<a href="https?:[^>]*>', "".join(found.values()))
    assert outside
    assert all("noreferrer" in link for link in outside)
    assert "8 cases" in found["reading/index.html"]


@pytest.mark.usefixtures("no_zim", "eight_cases")
def test_the_book_is_whole(folder):
    build()
    with ZipFile(folder / "reading.epub") as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", 0)
        assert "<form" not in book.read("book/cases.xhtml").decode()
        opf = ET.fromstring(book.read("book/content.opf"))  # noqa: S314
        items = {
            item.get("id"): item.get("href")
            for item in opf.iter("{http://www.idpf.org/2007/opf}item")
        }
        inside = {f"book/{href}" for href in items.values()}
        outer = {"mimetype", "META-INF/container.xml", "book/content.opf"}
        assert {*book.namelist()} == inside | outer
        spine = [
            item.get("idref")
            for item in opf.iter("{http://www.idpf.org/2007/opf}itemref")
        ]
        assert {*spine} == {*items} - {"nav", "style"}


@pytest.mark.once
@pytest.mark.usefixtures("no_zim", "eight_cases")
def test_a_checker_of_books_finds_nothing(folder):
    build()
    checked = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "epubcheck", str(folder / "reading.epub")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout.strip()) == (0, "")


def test_the_archive_opens_at_its_first_page(folder):
    assert files.can_zim()
    whole_case(title="Allowed")
    told = build()
    look = (
        "import sys; from libzim.reader import Archive; a = Archive(sys.argv[1]);"
        "print(a.check(), a.main_entry.get_item().path,"
        " 'Allowed' in bytes(a.get_entry_by_path('cases.html').get_item().content)"
        ".decode())"
    )
    seen = subprocess.run(  # noqa: S603
        [sys.executable, "-c", look, str(folder / "reading.zim")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert seen.stdout.split() == ["True", "index.html", "True"]
    assert "reading.zim" in told


@pytest.mark.once
@pytest.mark.usefixtures("eight_cases")
def test_a_checker_of_archives_finds_nothing_and_kiwix_serves_it(folder):
    build()
    archive = str(folder / "reading.zim")
    checked = subprocess.run(  # noqa: S603
        ["zimcheck", "--all", archive],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Overall Test Status: Pass" in checked.stdout
    assert "ERROR" not in checked.stdout
    assert "WARN" not in checked.stdout
    port = bench_http.free_port()
    serve = ["kiwix-serve", "--address=127.0.0.1", f"--port={port}", archive]
    page = "/reading/cases.html"
    with bench_http.serving(serve, port, page, dict(os.environ)) as server:
        answer = server.get(page, **{"Accept-Encoding": "identity"})
    assert answer.status == 200
    assert b"Society Without Violence" in answer.body


@pytest.mark.usefixtures("no_zim")
def test_it_is_offered_with_its_sum_and_says_what_it_left_out(client, folder):
    whole_case()
    told = build()

    page = client.get("/offline/").text
    for name in ("reading.zip", "reading.epub"):
        response = client.get(f"/offline/{name}", headers={"accept-encoding": "gzip"})
        data = b"".join(response.streaming_content)
        assert data == (folder / name).read_bytes()
        assert "Content-Encoding" not in response
        assert f'filename="{name}"' in response["Content-Disposition"]
        sum_ = hashlib.sha256(data).hexdigest()
        assert sum_ in page
        assert sum_ in told
    assert "No ZIM: libzim is not installed." in told
    for name in ("reading.zim", "edition.json", "..%2Fkb.sqlite3"):
        assert client.get(f"/offline/{name}").status_code == 404


def taken_back(case):
    take_back(case)


def gone(case):
    withdraw(case, by=None)


def without_consent(case):
    ConsentFactory(case=case, scopes=[Scope.TEXT], given_on=date(2026, 1, 2))


def over(case):
    Case.objects.filter(pk=case.pk).update(
        visible_until=datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.mark.usefixtures("no_zim")
@pytest.mark.parametrize(
    "leave", [gone, taken_back, without_consent, over], ids=lambda f: f.__name__
)
def test_what_leaves_is_offered_no_more_from_that_moment_on(client, folder, leave):
    case = whole_case(title="Quagmire", origin="submitted")
    ConsentFactory(case=case)
    whole_case(title="It stays")
    build()
    assert "uagmire" in inside(folder)

    leave(Case.objects.get(pk=case.pk))

    assert client.get("/offline/reading.zip").status_code == 404
    assert "reading.zip" not in client.get("/offline/").text
    build("--if-stale")
    with closing(client.get("/offline/reading.zip")) as response:
        assert response.status_code == 200
    assert "uagmire" not in inside(folder)
    assert "It stays" in inside(folder)


@pytest.mark.usefixtures("no_zim")
def test_it_is_not_made_again_where_nothing_changed(folder):
    whole_case()
    build()
    before = (folder / "reading.zip").stat().st_ino
    assert build("--if-stale") == ""
    assert (folder / "reading.zip").stat().st_ino == before

    LessonFactory(title="A new lesson")
    build("--if-stale")
    assert "A new lesson" in inside(folder)


@pytest.mark.usefixtures("no_zim")
def test_nothing_is_offered_where_making_it_failed(client, folder, monkeypatch):
    whole_case()
    build()
    (folder / "making-killed").mkdir()
    (folder / "making-killed" / "reading.zip").write_text("half of it")
    monkeypatch.setattr("kb.offline.contents.stamp", iter(range(100)).__next__)

    with pytest.raises(CommandError, match="kept changing"):
        build()

    assert [*folder.iterdir()] == []
    assert shelf.shelved() is None


def test_the_same_is_the_same_bytes(tmp_path):
    whole_case()
    made = []
    for n in range(2):
        path = tmp_path / f"{n}.epub"
        files.write_epub(pages.edition(DAY), path)
        made.append(path.read_bytes())
    assert made[0] == made[1]
    with ZipFile(BytesIO(made[0])) as book:
        assert {info.date_time for info in book.infolist()} == {(2026, 1, 31, 0, 0, 0)}


def test_it_costs_the_same_questions_for_one_case_as_for_twenty():
    whole_case()
    facets.view()  # the index catches up
    with CaptureQueriesContext(connection) as one:
        pages.edition(DAY)
    for _ in range(19):
        whole_case()
    facets.view()
    with CaptureQueriesContext(connection) as twenty:
        pages.edition(DAY)
    assert len(twenty) == len(one)


def test_words_are_spelled_as_the_script_spells_them():
    page = pages.Page("c001", "Türkiye’de", pages.SafeString("<p>ŞİDDET क्षमता</p>"))
    assert pages.found_by(page).split() == ["c001", "de", "siddet", "turkiye", "कषमत"]
