"""The files, opened by programs that are not ours: they hold what the pages show."""

import csv
import hashlib
import io
import json
import random
import re
import subprocess
import zipfile
from collections import defaultdict
from datetime import date
from urllib.parse import urlencode

import frictionless
import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from cases import facets
from cases.choices import Actor, Effect, Scope, Setting
from cases.models import Case, Country, ResistanceForm
from cases.selection import Selection
from curation.withdrawing import withdraw
from kb.exports import versions
from kb.exports.files import FILES
from kb.exports.tables import TABLES
from sources.choices import NOT_STATED
from strategies.models import Strategy
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    EncounterFactory,
    OrganisationFactory,
    ResponseFactory,
    call,
    cite,
)
from tests.opening import body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

RANDOM_FILTERS = 200
ROOT = "/data/"


def read_csv(data):
    text = data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def fetched(client, name, query=""):
    response = client.get(f"{ROOT}{name}{query}")
    assert response.status_code == 200, response.content
    return body(response)


def of_csv(client, table, query=""):
    return read_csv(fetched(client, f"{table}.csv", query))


def of_json(client, table, query=""):
    found = json.loads(fetched(client, f"{table}.json", query))["tables"][table]
    assert found["row_count"] == len(found["rows"])
    return found["rows"]


def workbook(client, query=""):
    return load_workbook(io.BytesIO(fetched(client, "data.xlsx", query)))


def sheet_rows(book, name):
    head, *rows = book[name].values
    return [dict(zip(head, row, strict=True)) for row in rows]


def archive(data):
    return zipfile.ZipFile(io.BytesIO(data))


def chance():
    return random.Random(20260601)  # noqa: S311 — the same in each run


def another(**values):
    """A case beside the eight."""
    code = f"C{500 + Case.objects.count()}"
    values = {"country": Country.objects.get(code="FR")} | values
    return CaseFactory(code=code, **values)


@pytest.fixture
def thirty():
    """More cases than the brief has, with all sorts of lines."""
    pick = chance()
    forms = [None, *ResistanceForm.objects.all()]
    strategies = [None, *Strategy.objects.all()[:12]]
    countries = Country.objects.filter(code__in=["FR", "KE", "PK"])
    organisation = OrganisationFactory(country=countries[0])
    for _ in range(22):
        case = another(
            country=pick.choice(countries),
            telling=pick.choice(["described", "named-only"]),
            organisations=[organisation] if pick.random() < 0.3 else [],
        )
        for n in range(pick.randrange(3)):
            encounter = EncounterFactory(
                case=case,
                form=pick.choice(forms),
                actor=pick.choice(Actor.values),
                setting=pick.choice(Setting.values),
                sort_order=n,
            )
            for m in range(pick.randrange(3)):
                ResponseFactory(
                    encounter=encounter,
                    strategy=strategies[(5 * n + m * 3 + pick.randrange(3)) % 12],
                    effect=pick.choice(Effect.values),
                    sort_order=m,
                )


def in_a_cell(value):
    """A value as JSON has it, as a text."""
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value)


def random_filters():
    """Different ones, each of a few values."""
    pick, words, made = chance(), facets.vocabulary(), {}
    while len(made) < RANDOM_FILTERS:
        asked = []
        for name in pick.sample(list(facets.FACETS), pick.randrange(1, 4)):
            values = list(words[name])
            some = pick.sample(values, min(len(values), pick.randrange(1, 5)))
            asked += [(name, value) for value in some]
            if facets.FACETS[name].many and pick.random() < 0.2:
                asked.append((f"{name}_match", "all"))
        form, family = pick.choice([*words["form"]]), pick.choice([*words["family"]])
        if pick.random() < 0.2:
            asked.append(("answer", f"{form}~{family}"))
        if pick.random() < 0.3:
            asked.append(("sort", pick.choice(["code", "country", "checked"])))
        made[f"?{urlencode(sorted(asked))}"] = True
    return list(made)


def shown(client, query):
    """The codes on the pages of the list, in order."""
    page = client.get(f"/cases/{query}")
    codes = [code for code, _card in page.context["cards"]]
    for n in range(2, page.context["page"].paginator.num_pages + 1):
        more = client.get(f"/cases/{query}&page={n}").context["cards"]
        codes += [code for code, _card in more]
    assert len(codes) == page.context["total"]
    return codes


def test_each_file_has_the_rows_of_the_list_for_many_filters(client, thirty):
    sizes, opened = set(), set()
    for query in random_filters():
        codes = shown(client, query)
        assert [row["code"] for row in of_csv(client, "cases", query)] == codes, query
        assert [row["code"] for row in of_json(client, "cases", query)] == codes
        sizes.add(len(codes))
        if tuple(codes) in opened or len(opened) > 9:
            continue
        opened.add(tuple(codes))
        book = workbook(client, query)
        assert [row["code"] for row in sheet_rows(book, "cases")] == codes
        with archive(fetched(client, "data.zip", query)) as files:
            rows = {name: read_csv(files.read(f"{name}.csv")) for name in TABLES}
        assert [row["code"] for row in rows["cases"]] == codes
        everything = json.loads(fetched(client, "data.json", query))["tables"]
        for name, table in TABLES.items():
            count = len(rows[name])
            assert everything[name]["row_count"] == count
            assert len(sheet_rows(book, name)) == count
            if table.key[0:1] == ("case",):
                assert {row["case"] for row in rows[name]} <= set(codes)
    assert len(sizes) > 8
    assert len(opened) > 9


def test_the_same_cells_stand_in_each_format(client, thirty):
    book, files = workbook(client), archive(fetched(client, "data.zip"))
    for name, table in TABLES.items():
        told, sheet = of_json(client, name), sheet_rows(book, name)
        assert told
        assert of_csv(client, name) == read_csv(files.read(f"{name}.csv"))
        for row, line, cells in zip(told, of_csv(client, name), sheet, strict=True):
            assert list(row) == list(line) == list(cells) == table.names
            for column in table.names:
                flat = in_a_cell(row[column])
                assert line[column].removeprefix("'") == flat.removeprefix("'")
                cell = cells[column]
                cell = cell.date().isoformat() if hasattr(cell, "date") else cell
                assert ("" if cell is None else str(cell)) == flat


def test_a_workbook_has_types_a_frozen_head_and_says_what_it_is(client):
    query = "?telling=described"
    book = workbook(client, query)
    assert book.sheetnames == ["About", *TABLES, "Codebook"]
    assert {sheet.freeze_panes for sheet in book} == {"A2"}
    case = sheet_rows(book, "cases")[0]
    assert isinstance(case["last_checked"].date(), date)
    assert isinstance(sheet_rows(book, "encounters")[0]["encounter"], int)
    about = dict(book["About"].iter_rows(min_row=2, values_only=True))
    said = str(about)
    assert "2 cases that are described" in about["What is in it"]
    assert about["Link"].endswith(f"/cases/{query}")
    assert about["Part or all"] == "A part: 2 cases of all 8 cases"
    assert about["Rows in “cases”"] == 2
    for words in ("CC BY 4.0", "eight civil society", "UN Trust Fund", "percentages"):
        assert words in said
    columns = {tuple(row)[:2] for row in book["Codebook"].iter_rows(values_only=True)}
    assert columns >= {(t.name, c) for t in TABLES.values() for c in t.names}


@pytest.mark.parametrize("query", ["", "?telling=described", "?form=denial"])
def test_the_package_is_valid_and_its_sums_are_right(client, thirty, tmp_path, query):
    for case in Case.objects.filter(encounters__isnull=False)[:5]:
        cite(case)
    data = fetched(client, "data.zip", query)
    with archive(data) as files:
        files.extractall(tmp_path)
        sums = files.read("SHA256SUMS").decode().splitlines()
        names = set(files.namelist()) - {"SHA256SUMS"}
    found = dict(reversed(line.split("  ")) for line in sums)
    assert found.keys() == names
    for name, told in found.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == told
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])[:5]
    package = json.loads((tmp_path / "datapackage.json").read_text())
    for resource in package["resources"]:
        rows = read_csv((tmp_path / resource["path"]).read_bytes())
        assert resource["rows"] == len(rows)
    readme = (tmp_path / "README.txt").read_text()
    assert package["about"]["citation"] in readme


def test_the_validator_would_say_so(client, tmp_path):
    with archive(fetched(client, "data.zip")) as files:
        files.extractall(tmp_path)
    responses = tmp_path / "responses.csv"
    responses.write_text(responses.read_text().replace(",resilience,", ",nowhere,"))
    assert not frictionless.validate(str(tmp_path / "datapackage.json")).valid


def test_the_same_data_gives_the_same_bytes(client):
    versions.keep_up()
    with time_machine.travel("2031-01-01"):
        before = {name: fetched(client, name) for name in FILES}
    after = {name: fetched(client, name) for name in FILES}
    assert [name for name in FILES if before[name] != after[name]] == []
    another(title="One more")
    versions.keep_up()
    changed = {name for name in FILES if fetched(client, name) != after[name]}
    assert {"data.zip", "data.xlsx", "data.json", "cases.csv"} <= changed
    assert "forms.csv" not in changed


def test_everything_is_cited_as_the_version_that_stays(client):
    def cited(name, query=""):
        return json.loads(fetched(client, name, query))["about"]["citation"]

    assert cited("data.json").endswith("/cases/")
    versions.keep_up()
    assert cited("data.json").endswith("/data/versions/1/")
    assert cited("data.json", "?form=denial").endswith("/cases/?form=denial")
    assert cited("matrix.json").endswith("/matrix/?axes=form-family")
    another(title="One more")
    assert cited("data.json").endswith("/cases/")


NASTY = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    " =1",
    "\t=1",
    "\r\n=1",
    "＝1",
    "'=1",
    "\x01=1",
)


def test_no_cell_is_taken_for_a_formula(client):
    for text in NASTY:
        call(another(title=text, snapshot=f"{text}x"), text, source=None)
    for row in csv.reader(io.StringIO(fetched(client, "cases.csv").decode())):
        for cell in row:
            assert not re.match(r"[\s=+\-@＝\x01]", cell), cell
    titles = {row["title"] for row in of_json(client, "cases")}
    assert {"=1+1", "@SUM(A1)", "-1"} <= titles
    book = workbook(client)
    cells = [cell for row in book["cases"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert "=1+1" in {cell.value for cell in cells}


@pytest.mark.once
def test_a_spreadsheet_program_shows_the_same_cells(client, thirty, tmp_path):
    for text in NASTY:
        call(another(title=text, snapshot=f"{text}x"), text, source=None)
    (tmp_path / "data.xlsx").write_bytes(fetched(client, "data.xlsx"))
    (tmp_path / "cases.csv").write_bytes(fetched(client, "cases.csv"))
    shown = in_libreoffice(tmp_path, "data.xlsx", "cases.csv")
    for name in TABLES:
        rows = of_json(client, name)
        assert rows
        assert shown[f"data-{name}.csv"] == [in_one_line(row) for row in rows]
    # It takes the code of a region for a number; in the workbook that is a text.
    assert shown["cases-cases.csv"] == [
        {name: on_lines(text) for name, text in row.items()}
        | {"region": row["region"].lstrip("0")}
        for row in of_csv(client, "cases")
    ]


def in_libreoffice(folder, *names):
    """What LibreOffice shows of each sheet of some files."""
    # Commas, quotes, UTF-8, from the first line, as shown, and all sheets.
    how = "44,34,76,1,,0,false,true,false,false,false,-1"
    asked = [
        *("soffice", f"-env:UserInstallation={(folder / 'user').as_uri()}"),
        *("--headless", "--norestore", "--infilter=CSV:44,34,76,1"),
        *("--convert-to", f"csv:Text - txt - csv (StarCalc):{how}"),
        *("--outdir", "shown", *names),
    ]
    subprocess.run(asked, cwd=folder, check=True, capture_output=True, timeout=120)  # noqa: S603
    return {
        file.name: list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
        for file in (folder / "shown").iterdir()
    }


def in_one_line(row):
    """A row as JSON has it, as the cells of a sheet show it."""
    return {name: on_lines(in_a_cell(value)) for name, value in row.items()}


def on_lines(text):
    return text.replace("\r\n", "\n")


def test_a_reader_can_rebuild_the_matrix(client, thirty):
    files = {
        name: of_csv(client, name) for name in ("cases", "encounters", "responses")
    }
    cells = defaultdict(set)
    answered = set()
    for row in files["responses"]:
        cells[row["form"], row["family"]].add(row["case"])
        answered.add((row["case"], row["encounter"]))
    for row in files["encounters"]:
        if (row["case"], row["encounter"]) not in answered:
            cells[row["form"], NOT_STATED].add(row["case"])
    met = {row["case"] for row in files["encounters"]}
    for row in files["cases"]:
        if row["code"] not in met:
            cells[NOT_STATED, NOT_STATED].add(row["code"])
    table = facets.table(Selection(), facets.AXES["form-family"], facets.vocabulary())
    counts = {at: cell.count for at, cell in table.cells.items()}
    assert {at: len(cells[at]) for at in counts} == counts
    assert sum(1 for n in counts.values() if n) > 8


@pytest.mark.parametrize(
    "query", ["?axes=form-actor", "?axes=form-country&form=denial"]
)
def test_the_cells_of_the_matrix_are_a_file(client, thirty, query):
    page = client.get(f"/matrix/{query}")
    assert f"/data/matrix.csv?{page.context['cells'][1:]}".replace("&", "&amp;") in (
        page.text
    )
    rows = read_csv(fetched(client, "matrix.csv", page.context["cells"]))
    told = [int(row["cases"]) for row in rows]
    shown = [
        square.count
        for _name, lines in page.context["grid"].groups
        for line in lines
        for square in line.squares
    ]
    assert told == shown
    assert any(told)
    link = re.match("<([^>]+)>", client.get(f"/data/matrix.csv{query}")["Link"])[1]
    assert json.loads(body(client.get(link)))["resources"][0]["rows"] == len(rows)


def test_the_cells_leave_out_what_may_not_be_given_away(client):
    before = fetched(client, "matrix.csv")
    case = another(origin="interview")
    ConsentFactory(case=case, scopes=[Scope.TEXT, Scope.COUNTRY])
    assert fetched(client, "matrix.csv") == before
    ConsentFactory(case=case)
    assert fetched(client, "matrix.csv") != before


@pytest.mark.parametrize("query", ["?axes=nonsense", "?case=C001", "?form=nonsense"])
def test_a_matrix_that_does_not_exist_is_refused_by_name(client, query):
    response = client.get(f"/data/matrix.csv{query}")
    assert response.status_code == 400
    assert query[1:] in response.text


@pytest.mark.parametrize("name", [*FILES])
def test_a_filter_that_does_not_exist_is_refused_by_name(client, name):
    for query in ("?form=nonsense", "?nonsense=1", "?page=2", "?case=C999", "?q=!%00"):
        response = client.get(f"{ROOT}{name}{query}")
        assert response.status_code == 400
        asked = QueryDict(query[1:])
        part = next(iter(asked))
        assert f"{part}={asked[part]}".rstrip("\x00") in response.text


@pytest.mark.parametrize(
    "address",
    [
        *("nothing.csv", "cases.xlsx", "nothing/", "versions/9/", "versions/0/"),
        *("versions/9/cases.csv", f"versions/{10**23}/", "versions/1/nothing.csv"),
    ],
)
def test_what_is_not_there_is_not_found(client, address):
    assert client.get(f"{ROOT}{address}").status_code == 404


def test_a_csv_file_leads_to_what_it_has_no_room_for(client):
    for address in ("/data/cases.csv?telling=described", "/data/versions/1/cases.csv"):
        versions.keep_up()
        response = client.get(address)
        link = re.match(r'<([^>]+)>; rel="describedby"', response["Link"])[1]
        resource = json.loads(body(client.get(link)))["resources"][0]
        data = body(response)
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["rows"] == len(read_csv(data))
        assert response["Content-Disposition"].startswith("attachment")


def test_the_first_rows_go_out_before_the_last_are_read(client, thirty, monkeypatch):
    monkeypatch.setattr("kb.exports.choosing.AT_ONCE", 2)
    monkeypatch.setattr("kb.exports.writing.AT_ONCE", 2)
    parts = iter(client.get("/data/cases.csv"))
    next(parts)
    with CaptureQueriesContext(connection) as first:
        next(parts)
    with CaptureQueriesContext(connection) as rest:
        assert len(list(parts)) == 14
    assert len(first) < 10 < len(rest)


def test_who_asks_for_the_head_alone_costs_nothing(client):
    client.head("/data/data.xlsx")
    with CaptureQueriesContext(connection) as asked:
        assert body(client.head("/data/data.xlsx")) == b""
    assert len(asked) < 12


def test_a_file_is_sent_again_only_when_something_changed(client):
    for address in ("/data/data.zip", "/data/cases.csv?telling=described"):
        versions.keep_up()
        tag = client.get(address)["ETag"]
        known = {"if-none-match": tag}
        assert client.get(address, headers=known).status_code == 304
        other = client.get("/data/cases.csv?telling=named-only", headers=known)
        assert other.status_code == 200
        Case.objects.filter(code="C001").update(title=f"Told anew {address}")
        assert client.get(address, headers=known).status_code == 200


def links(text):
    found = re.findall(r"(This filter|All) \((\d+) cases?\)", text)
    return {name: int(n) for name, n in found}


def test_pages_say_how_many_cases_are_in_each_file(client):
    assert links(client.get("/cases/").text) == {"All": 8}
    assert links(client.get("/cases/?telling=described").text) == {
        "This filter": 2,
        "All": 8,
    }
    assert links(client.get("/matrix/?country=AM").text) == {"This filter": 1, "All": 8}
    page = client.get("/compare/?case=C001&case=C006").text
    assert links(page) == {"This filter": 2, "All": 8}
    assert "/data/cases.csv?case=C001&amp;case=C006" in page
    assert len(of_csv(client, "cases", "?case=C001&case=C006")) == 2


def test_pages_do_not_count_what_files_leave_out(client):
    case = another(origin="interview", telling="described")
    ConsentFactory(case=case, scopes=[Scope.TEXT, Scope.COUNTRY])
    found = links(client.get("/cases/?telling=described").text)
    assert found == {"This filter": 2, "All": 8}
    assert len(of_csv(client, "cases", "?telling=described")) == 2
    assert "3 cases" in client.get("/cases/?telling=described").text


def test_the_page_about_the_data_explains_every_table_and_column(client):
    page = client.get("/data/").text
    for name, table in TABLES.items():
        assert f"/data/{name}.csv" in page
        codebook = client.get(f"/data/{name}/").text
        assert all(f"<code>{column}</code>" in codebook for column in table.names)
    for words in ("CC BY 4.0", "percentages of fewer than 20", "not-stated"):
        assert words in page
    odd = client.get("/data/?form=nonsense")
    assert odd.status_code == 200
    assert "form=nonsense" in odd.text


def test_old_versions_can_be_had_less_what_was_withdrawn(client):
    versions.keep_up()
    before = read_csv(fetched(client, "versions/1/cases.csv"))
    Case.objects.filter(code="C001").update(title="Told anew")
    withdraw(Case.objects.get(code="C006"), by=None)
    versions.keep_up()
    assert of_csv(client, "cases") == sorted(
        read_csv(fetched(client, "versions/2/cases.csv")),
        key=lambda row: [r["code"] for r in of_csv(client, "cases")].index(row["code"]),
    )
    after = read_csv(fetched(client, "versions/1/cases.csv"))
    assert after == [row for row in before if row["code"] != "C006"]
    assert client.get("/data/versions/1/cases.csv?form=denial").status_code == 400
    page = client.get("/data/versions/2/").text
    assert "1 changed, 1 withdrawn" in re.sub(r"\s+", " ", page)
    assert "C001" in page
    assert "C006" not in page
    assert "/data/versions/2/" in client.get("/data/versions/").text


@pytest.mark.parametrize(
    ("query", "begins"),
    [
        ("", "The organisations named in the data and UN Trust Fund"),
        ("?form=backlash", "The organisations named in the data and UN Trust Fund"),
        ("?country=JO", "UN Trust Fund"),  # whose case names no organisation
        ("?form=denial", "Resistance and response: 0 cases"),
    ],
)
def test_a_file_credits_whom_its_rows_rest_on(client, query, begins):
    told = json.loads(fetched(client, "cases.json", query))["about"]
    assert told["citation"].startswith(begins)
    cited = json.loads(client.get(f"/cases/cite.json{query}").text)[0]
    assert ("author" in cited) == ("UN Trust Fund" in told["citation"])
