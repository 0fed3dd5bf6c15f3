"""Cases in files: out and in again, checked first, drafts only, all or nothing."""

import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import zipfile
from copy import deepcopy
from datetime import date
from functools import partial
from pathlib import Path

import openpyxl
import pytest
import yaml
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cases.importing import CASE, normal
from cases.models import Case, Encounter, SearchEntry
from curation import exporting, importing, sheets
from curation.choices import Action
from curation.importing import Fate, Outdated, Plan
from curation.models import AuditEntry
from curation.roles import ADMINS, AUTHORS, PUBLISHERS, REVIEWERS, ROLES
from curation.tables import FileError, complaint, tidy
from curation.template import template
from curation.texts import exported
from curation.views import imports
from sources import ledger
from tests import factories
from tests.desk import at_desk, person
from tests.factories import told_case, told_citation, told_encounter, told_response

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[1]
ENDINGS = sorted(exporting.WRITERS)
IMPORT, EXPORT = reverse("curation:import"), reverse("curation:export")
TEMPLATE = reverse("curation:import-template")

SIGNS = ["=1+1", "+1", "-1", "@x", "＝x", "'", "'=x", "''+", "'s-Hertogenbosch", "#N/A"]
WORDS = [
    *(
        "a",
        "x;y",
        "x,y",
        "2014",
        "0123",
        "1e5",
        "null",
        "NO",
        "TRUE",
        "~",
        "- a",
        "k: v",
    ),
    *('"quoted"', "it's", "a\tb", "a\nb", "a\n\n=b", "# no", "_x0041_", "|cmd", "{x}"),
    *("مقاومة", "प्रतिरोध", "👩🏽‍⚖️", "é", "e\u0301", "\u200f", "\ufeffx", "𐍈", "&lt;"),
]


@pytest.fixture
def ann():
    return person("ann", AUTHORS)


@pytest.fixture
def words():
    """What the cases of a file may point at."""
    return {
        "sources": [factories.SourceFactory().slug for _n in range(4)],
        "forms": [factories.FormFactory().slug for _n in range(4)],
        "strategies": [factories.StrategyFactory().slug for _n in range(4)],
        "countries": [factories.CountryFactory().code for _n in range(4)],
        "organisations": sorted(
            factories.OrganisationFactory().slug for _n in range(4)
        ),
        "regions": [factories.RegionFactory().code for _n in range(2)],
    }


def planned(cases, by, ending=".csv"):
    """What importing a file with these cases would do."""
    return importing.plan(
        sheets.read(f"x{ending}", exporting.write(ending, cases)), by=by
    )


def imported(cases, by, ending=".csv"):
    """Import a file with these cases."""
    found = planned(cases, by, ending)
    assert not found.errors, found.errors
    importing.apply(found, by=by)
    return found


def one(words, code="C900", **values):
    """A case with one encounter and two responses."""
    source = words["sources"][0]
    encounter = told_encounter(source, answers=2, form=words["forms"][0])
    row = told_case(code, source, words["countries"][0], encounters=[encounter])
    return row | values


# Out and in again


def odd(chance, most=60):
    """A text that programs like to misread."""
    start = chance.choice([*SIGNS, *WORDS])
    rest = chance.choices([*SIGNS, *WORDS], k=chance.randrange(4))
    return tidy(" ".join([start, *rest])[:most]) or "x"


def odd_citations(chance, words):
    return [
        told_citation(chance.choice(words["sources"]), locator=odd(chance), basis=basis)
        for basis in chance.choices(["stated", "reading"], k=chance.randrange(1, 3))
    ]


def odd_response(chance, words, strategy):
    values = {
        "text": odd(chance, 400),
        "strategy": strategy,
        "effect": chance.choice(["reduced", "not-stated"]),
        "side_effects": chance.choice(["", odd(chance)]),
        "risk_bearer": chance.choice(["", odd(chance)]),
        "citations": odd_citations(chance, words),
    }
    return told_response("", **values)


def odd_encounter(chance, words, form):
    strategies = chance.sample([*words["strategies"], None], k=chance.randrange(3))
    return told_encounter(
        "",
        form=form,
        text=odd(chance, 400),
        setting=chance.choice(["state", "not-stated"]),
        citations=odd_citations(chance, words),
        responses=[odd_response(chance, words, strategy) for strategy in strategies],
    )


def odd_case(chance, words, n):
    """A case with odd texts in every field that takes any."""
    alias = {"name": odd(chance), "note": odd(chance), "source": None, "locator": ""}
    forms = chance.sample([*words["forms"], None], k=chance.randrange(3))
    place = {"country": chance.choice(words["countries"])}
    if chance.random() < 0.2:
        place = {"place_precision": "region", "country": None}
        place["region"] = chance.choice(words["regions"])
    year = chance.choice([None, 1999, 2014])
    values = {
        "title": odd(chance),
        "snapshot": odd(chance, 400),
        "context": chance.choice(["", odd(chance, 400)]),
        "period_from": year,
        "period_basis": "stated" if year else "not-stated",
        "last_checked": date(2020, 1, 1 + n % 28),
        "organisations": sorted(chance.sample(words["organisations"], k=n % 3)),
        "citations": odd_citations(chance, words),
        "aliases": [alias | {"basis": "reading"}] * chance.randrange(2),
        "encounters": [odd_encounter(chance, words, form) for form in forms],
    }
    return told_case(f"C{1000 + n}", "", "") | place | values


@pytest.mark.usefixtures("eight_cases")
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_eight_cases_go_out_and_come_in_unchanged(ending, ann):
    found = planned(exported(), ann, ending)

    assert not found.errors
    assert found.counts == {Fate.UNCHANGED: 8}


@pytest.mark.usefixtures("eight_cases")
def test_the_export_says_what_the_fixtures_say():
    paths = sorted((ROOT / "fixtures/cases").glob("*.yaml"))
    told = [normal(CASE, "", yaml.safe_load(path.read_text())) for path in paths]

    assert yaml.safe_load(exporting.write(".yaml", exported())) == told


def test_five_hundred_odd_cases_go_out_and_come_in_unchanged(words, ann):
    chance = random.Random(3)  # noqa: S311 — the same cases in each run
    cases = [odd_case(chance, words, n) for n in range(500)]
    imported(cases, ann, ".yaml")

    told = exported()

    assert told == [normal(CASE, "", case) for case in cases]
    for ending in ENDINGS:
        found = planned(told, ann, ending)
        assert not found.errors, ending
        assert found.counts == {Fate.UNCHANGED: 500}, ending


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(st.lists(st.one_of(TEXT, st.sampled_from(SIGNS)), min_size=2, max_size=2))
def test_any_text_goes_out_and_comes_in_unchanged(texts):
    title, snapshot = (tidy(text) or "x" for text in texts)
    case = told_case("C900", "s", "FR", title=title, snapshot=snapshot)

    for ending in ENDINGS:
        (item,) = sheets.read(f"x{ending}", exporting.write(ending, [case]))
        assert normal(CASE, "", item) == normal(CASE, "", case)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("text", ["a\r\nb", "\t=x", " x ", "a\x0bb\x07", "\x00x"])
def test_what_no_file_can_hold_is_no_change(ending, text, words, ann):
    text = text.replace("\x00", "" if connection.vendor == "postgresql" else "\x00")
    case = factories.CaseFactory(code="C900", snapshot=text)
    factories.cite(case)

    assert planned(exported(), ann, ending).counts == {Fate.UNCHANGED: 1}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_of_an_export_begins_like_a_formula(sign, words):
    cases = [one(words, title=f"{sign}HYPERLINK(1)")]

    lines = exporting.write(".csv", cases).decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(exporting.write(".xlsx", cases)))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value]

    assert f'"\'{sign}HYPERLINK(1)"' in lines
    assert f'"{sign}' not in lines
    assert all(cell.data_type in "sn" for cell in cells)
    assert not any(str(cell.value).startswith(sign) for cell in cells)


def test_a_text_that_no_spreadsheet_cell_holds_is_refused_not_cut(words, tmp_path):
    case = factories.CaseFactory(snapshot="x" * 40_000)
    factories.cite(case)

    with pytest.raises(CommandError, match="choose YAML"):
        call_command("export_cases", tmp_path / "x.xlsx")


def test_what_was_withdrawn_is_in_no_export():
    factories.CaseFactory(withdrawn=True)

    assert exported() == []


def test_an_export_holds_the_draft_and_costs_the_same_for_many(words, ann):
    imported([one(words)], ann)
    factories.cite(factories.CaseFactory(lines=[(factories.FormFactory(), None)]))
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert exported()[-1]["title"] == "Case C900"

    imported([one(words, f"C{n}") for n in range(901, 911)], ann)
    for _n in range(10):
        factories.cite(factories.CaseFactory(lines=[(factories.FormFactory(), None)]))
    with CaptureQueriesContext(connection) as many:
        exported()

    assert len(many) == len(few)


# What an import does


def test_a_new_case_is_a_draft_by_its_author(words, ann):
    imported([one(words)], ann)

    case = Case.objects.get(code="C900")
    draft = case.latest_revision.as_object()
    assert not case.live
    assert case.latest_revision.user == ann
    assert draft.encounters.get().responses.count() == 2
    assert Case.objects.published().count() == 0
    (entry,) = AuditEntry.objects.all()
    assert (entry.account, entry.action, entry.code) == (
        ann.pk,
        Action.IMPORTED,
        "C900",
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_file_twice_changes_nothing(ending, words, ann):
    imported([one(words)], ann, ending)
    before = Case.objects.values().get()

    found = imported([one(words)], ann, ending)

    assert found.counts == {Fate.UNCHANGED: 1}
    assert Case.objects.values().get() == before
    assert AuditEntry.objects.count() == 1


@pytest.mark.usefixtures("eight_cases")
def test_a_change_of_a_public_case_leaves_its_row_alone(ann):
    data = next(d for d in exported() if d["code"] == "C001")
    before = rows_of("C001")

    found = imported([changed(data)], ann)

    (step,) = found.steps
    assert step.fate == Fate.CHANGED
    assert [change.path[-1] for change in step.changes] == ["Title", "Effect"]
    after = rows_of("C001")
    assert after[1:] == before[1:]
    state = ("latest_revision_id", "has_unpublished_changes")
    assert {k: v for k, v in after[0].items() if k not in state} == {
        k: v for k, v in before[0].items() if k not in state
    }
    draft = Case.objects.get(code="C001").latest_revision.as_object()
    assert draft.title == "Token4711"


def changed(data):
    """The case with another title, and another effect of its last response."""
    data = deepcopy(data) | {"title": "Token4711"}
    data["encounters"][0]["responses"][-1]["effect"] = "mixed"
    return data


def rows_of(code):
    """A case’s own row, and those of what hangs below it."""
    case = Case.objects.get(code=code)
    encounters = Encounter.objects.filter(case=case)
    return [
        Case.objects.values().get(code=code),
        *encounters.values(),
        *(row for e in encounters for row in e.responses.values()),
        *(row for e in encounters for row in e.citations.values()),
    ]


@pytest.mark.usefixtures("eight_cases")
def test_nested_rows_stay_the_same_rows(ann):
    data = next(d for d in exported() if d["code"] == "C001")
    old = Case.objects.get(code="C001").encounters.get().responses.all()
    new = changed(data)
    new["encounters"][0]["responses"].reverse()

    imported([new], ann)

    draft = Case.objects.get(code="C001").latest_revision.as_object()
    kept = [row.pk for row in draft.encounters.all()[0].responses.all()]
    assert kept == [row.pk for row in reversed(old)]


@pytest.mark.usefixtures("eight_cases")
def test_no_public_page_changes(client, ann):
    pages = ["/", "/cases/", "/matrix/", "/countries/", "/sitemap-cases.xml", "/forms/"]
    pages += ["/cases/?q=Token4711", "/cases/armenia-society-without-violence/"]
    data = next(d for d in exported() if d["code"] == "C001")
    client.get("/")
    before = [client.get(page).content for page in pages]

    new = data | {"code": "C900", "slug": "token4711", "title": "Token4711"}
    imported([changed(data), new], ann)

    assert [client.get(page).content for page in pages] == before
    assert client.get("/cases/token4711/").status_code == 404
    assert not SearchEntry.objects.filter(text__contains="Token4711").exists()


def test_a_draft_is_changed_from_its_draft(words, ann):
    imported([one(words)], ann)

    found = imported([one(words, title="Anew")], ann)

    (change,) = found.steps[0].changes
    assert (change.before, change.after) == ("Case C900", "Anew")
    assert Case.objects.get().revisions.count() == 2


def test_what_was_withdrawn_or_is_locked_is_refused(words, ann, settings, tmp_path):
    settings.WITHDRAWAL_LEDGER = str(tmp_path / "ledger")
    codes = ("C901", "C902", "C903", "C904")
    imported([one(words, code) for code in codes], ann)
    Case.objects.filter(code="C901").update(withdrawn_at=timezone.now())
    ledger.write(Case.objects.get(code="C902"), gone=True)
    bob = person("bob")
    Case.objects.filter(code="C903").update(locked=True, locked_by=bob)
    Case.objects.filter(code="C904").update(locked=True, locked_by=ann)

    found = imported([one(words, code, title="x") for code in codes], ann)

    fates = [step.fate for step in found.steps]
    assert fates == [Fate.REFUSED, Fate.REFUSED, Fate.REFUSED, Fate.CHANGED]
    assert "withdrawn" in found.steps[0].reason
    assert "withdrawn" in found.steps[1].reason
    assert "locked by bob" in found.steps[2].reason


def test_what_changed_since_the_check_is_not_written_over(words, ann):
    imported([one(words)], ann)
    found = planned([one(words, title="From a file")], ann)
    case = Case.objects.get().latest_revision.as_object()
    case.title = "From the desk"
    case.save_revision()

    with pytest.raises(Outdated):
        importing.apply(found, by=ann)
    assert exported()[0]["title"] == "From the desk"


def test_a_case_that_came_meanwhile_is_not_written_over(words, ann):
    found = planned([one(words)], ann)
    factories.CaseFactory(code="C900")

    with pytest.raises(Outdated):
        importing.apply(found, by=ann)


def test_nobody_but_an_author_writes(words, ann):
    found = planned([one(words)], ann)

    with pytest.raises(PermissionError):
        importing.apply(found, by=person("pat", PUBLISHERS, REVIEWERS, ADMINS))


def test_nothing_is_written_while_anything_is_wrong(words, ann):
    found = planned([one(words), one(words, "C901", country="9X")], ann)

    assert len(found.errors) == 1
    assert not found.writes


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_template_is_refused_as_it_is(ending, eight_cases, ann):
    found = importing.plan(sheets.read(f"x{ending}", template(ending)), by=ann)

    assert not found.errors
    (step,) = found.steps
    assert "example" in step.reason
    assert not found.writes


@pytest.mark.usefixtures("eight_cases")
def test_the_template_lists_columns_and_keys():
    book = openpyxl.load_workbook(io.BytesIO(template(".xlsx")))

    assert set(sheets.LISTS) < set(book.sheetnames)
    told = [tuple(cell.value for cell in row) for row in book["columns"].iter_rows()]
    assert any(row[1] == "effect" and "reduced" in row[4] for row in told)
    assert "untf-brief-resistance" in [cell.value for cell in book["sources"]["A"]]


# What is wrong with a file


def book_of(cases, edit):
    """A workbook with these cases, spoilt."""
    file = io.BytesIO(exporting.write(".xlsx", cases))
    book = openpyxl.load_workbook(file)
    edit(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cell(sheet, name, value, row=2):
    """An edit that writes a value under the name of a column."""

    def edit(book):
        names = [cell.value for cell in book[sheet][1]]
        book[sheet].cell(row, names.index(name) + 1).value = value

    return edit


ERRORS = {
    "a bad choice": (
        cell("responses", "effect", "loud", row=3),
        "sheet “responses”, row 3, column “effect”: .*Write one of: reduced, mixed",
    ),
    "an empty choice": (
        cell("responses", "effect", None),
        "sheet “responses”, row 2, column “effect”: .*blank.*Write one of: reduced",
    ),
    "an unknown source": (
        cell("citations", "source", "the-sauce-0"),
        "sheet “citations”, row 2, column “source”: .*did you mean “the-source-0”",
    ),
    "an unknown country": (
        cell("cases", "country", "Utopya"),
        "sheet “cases”, row 2, column “country”: .*did you mean “QQ”",
    ),
    "an unknown organisation": (
        cell("cases", "organisations", "nobody"),
        "sheet “cases”, row 2, column “organisations”: there is no “nobody”",
    ),
    "no title": (
        cell("cases", "title", None),
        "sheet “cases”, row 2, column “title”: This field cannot be blank",
    ),
    "a bad date": (
        cell("cases", "last_checked", "24/11/2026"),
        "sheet “cases”, row 2, column “last_checked”: .*YYYY-MM-DD",
    ),
    "no number": (
        cell("cases", "period_from", "²"),
        "sheet “cases”, row 2, column “period_from”: .*integer",
    ),
    "a number too large": (
        cell("cases", "period_from", 10**30),
        "sheet “cases”, row 2, column “period_from”: ",
    ),
    "a basis without its fact": (
        cell("responses", "effect_basis", "stated"),
        "sheet “responses”, row 2, column “effect, effect_basis”: .*Say whether",
    ),
    "a bad code": (
        cell("cases", "case", "7"),
        "sheet “encounters”, row 2, column “case”: there is no case “C900”",
    ),
    "no encounter of this number": (
        cell("responses", "encounter", 7),
        "sheet “responses”, row 2, column “encounter”: there is no encounter “7”",
    ),
    "a number that stands twice": (
        cell("responses", "response", 1, row=3),
        "sheet “responses”, row 3, column “response”: .*row 2 has “1” already",
    ),
    "a number that is none": (
        cell("encounters", "encounter", "first"),
        "sheet “encounters”, row 2, column “encounter”: write a whole number",
    ),
    "an encounter that nothing carries": (
        lambda book: book["citations"].delete_rows(3, 1),
        "sheet “encounters”, row 2, column “citations”: .*without a source",
    ),
    "an unknown column": (
        cell("cases", "title", "titel", row=1),
        "sheet “cases”, row 1, column “titel”: .*did you mean “title”",
    ),
    "a missing column": (
        lambda book: book["encounters"].delete_cols(4, 1),
        "sheet “encounters”, row 1, column “form_basis”: this column is missing",
    ),
    "a formula": (
        cell("cases", "title", "=1+1"),
        "sheet “cases”, row 2, column “.”: .*formula",
    ),
    "yes or no": (
        cell("cases", "title", True),
        "sheet “cases”, row 2, column “title”: write it as text",
    ),
    "a date as text": (
        cell("cases", "title", date(2026, 1, 1)),
        "sheet “cases”, row 2, column “title”: this is a date",
    ),
    "a cell beside the table": (
        lambda book: book["cases"].cell(2, 40, "x"),
        "sheet “cases”, row 2, column “40 from the left”",
    ),
    "a form twice": (
        cell("encounters", "form", "form-a", row=3),
        "sheet “encounters”, row 3, column “form, actor, setting”: This case already",
    ),
    "only named, but told": (
        cell("cases", "telling", "named-only"),
        "sheet “cases”, row 2, column “telling”: a case with encounters is described",
    ),
    "a sheet too many": (
        lambda book: book.create_sheet("notes"),
        "sheet “notes”: there is no such sheet",
    ),
    "a sheet too few": (
        lambda book: book.remove(book["responses"]),
        "the sheet “responses” is missing",
    ),
}


@pytest.fixture
def two_encounters():
    """A case with two encounters that names what it needs."""
    factories.SourceFactory(slug="the-source-0")
    factories.CountryFactory(code="QQ", name="Utopia")
    for slug in ("form-a", "form-b"):
        factories.FormFactory(slug=slug)
    encounter = partial(told_encounter, "the-source-0")
    encounters = [encounter(2, form="form-a"), encounter(1, form="form-b")]
    return told_case("C900", "the-source-0", "QQ", encounters=encounters)


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_names_sheet_row_and_column(name, two_encounters, ann):
    edit, told = ERRORS[name]
    content = book_of([two_encounters], edit)

    errors = errors_of("x.xlsx", content, ann)

    assert any(re.search(told, error) for error in errors), errors


def errors_of(name, content, by):
    """What is wrong with a file, as people read it."""
    try:
        return [
            complaint(e)
            for e in importing.plan(sheets.read(name, content), by=by).errors
        ]
    except FileError as error:
        return [complaint(e) for e in error.errors]


def test_every_row_tells_its_own_error(two_encounters, ann):
    def edit(book):
        cell("responses", "effect", "loud")(book)
        cell("encounters", "actor", "aliens", row=3)(book)
        cell("citations", "source", "nothing", row=4)(book)

    errors = errors_of("x.xlsx", book_of([two_encounters], edit), ann)

    assert len(errors) == 3
    assert {re.search("“(.*?)”", error)[1] for error in errors} == {
        "responses",
        "encounters",
        "citations",
    }


def test_a_spreadsheet_may_mangle_numbers_and_dates(words, ann):
    case = one(words, place_precision="region", country=None)
    case["region"] = factories.RegionFactory(code="034").code

    def edit(book):
        cell("cases", "region", 34)(book)
        cell("cases", "last_checked", date(2026, 1, 1))(book)
        cell("responses", "response", 1.0)(book)
        cell("cases", "pseudonym", "")(book)

    content = book_of([case], edit)

    assert importing.plan(sheets.read("x.xlsx", content), by=ann).counts == {
        Fate.NEW: 1
    }


def test_a_csv_error_names_row_and_column(words, ann):
    text = exporting.write(".csv", [one(words)]).decode().replace("study", "rumour")

    (error,) = errors_of("x.csv", text.encode(), ann)

    assert error.startswith("row 2, column “evidence”: ")
    assert "Write one of: practice-account" in error


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["bare", "marked"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_csv_of_any_spreadsheet_is_read(delimiter, bom, words, ann):
    text = exporting.write(".csv", [one(words)]).decode("utf-8-sig")
    content = bom + text.replace('","', f'"{delimiter}"').encode()

    found = importing.plan(sheets.read("x.csv", content), by=ann)

    assert found.counts == {Fate.NEW: 1}


def test_a_yaml_error_names_record_and_field(words, ann):
    case = one(words)
    case["encounters"][0]["responses"][1]["effect"] = "loud"

    (error,) = errors_of("x.yaml", exporting.write(".yaml", [case]), ann)

    assert error.startswith("x.yaml, C900, encounters[0], responses[1], effect: ")


def test_a_yaml_file_of_the_fixtures_is_read(eight_cases, ann):
    text = (ROOT / "fixtures/cases/C001.yaml").read_bytes()

    found = importing.plan(sheets.read("C001.yaml", text), by=ann)

    assert found.counts == {Fate.UNCHANGED: 1}


def test_two_cases_of_one_code_or_address_are_refused(words, ann):
    twice = exporting.write(".yaml", [one(words), one(words)])
    (error,) = errors_of("x.yaml", twice, ann)
    assert "has it already" in error

    factories.CaseFactory(slug="c900")
    (error,) = errors_of("x.csv", exporting.write(".csv", [one(words)]), ann)
    assert "has this address already" in error


def test_what_was_withdrawn_or_merged_is_not_pointed_at(words, ann):
    gone = factories.SourceFactory(withdrawn=True)
    merged = factories.SourceFactory(live=False, merged_into=factories.SourceFactory())
    cases = [
        one(words, code, citations=[told_citation(source.slug)])
        for code, source in (("C901", gone), ("C902", merged))
    ]

    errors = errors_of("x.csv", exporting.write(".csv", cases), ann)

    assert "was withdrawn" in errors[0]
    assert f"write “{merged.merged_into.slug}”" in errors[1]


def packed(size):
    """A small archive that is large when unpacked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * size)
    return file.getvalue()


REFUSED = {
    "another kind": ("x.ods", b"", "a file ends in .csv, .xlsx, .yaml, .yml"),
    "too large": ("x.csv", b"x" * 10_000_001, "larger than 10 MB"),
    "no workbook": ("x.xlsx", b"table,case", "not an XLSX file"),
    "half a workbook": ("x.xlsx", packed(9)[:60], "not an XLSX file"),
    "another archive": ("x.xlsx", packed(9), "not an XLSX file"),
    "a bomb": ("x.xlsx", packed(90_000_000), "too large when unpacked"),
    "another encoding": ("x.csv", "table;é".encode("latin-1"), "not UTF-8"),
    "wide letters": ("x.csv", "table,case".encode("utf-16"), "not UTF-8"),
    "no table": ("x.csv", b"case,title\nC900,x", "the first column is called"),
    "tabs": ("x.csv", b"table\tcase\n", "the first column is called"),
    "nothing": ("x.csv", b"", "the first column is called"),
    "an open quote": ("x.csv", b'table,case\ncase,"C900', "this is not CSV"),
    "no such table": ("x.csv", b"table,case\nplace,C900", "write one of: case,"),
    "too many rows": ("x.csv", b"table,case\n" + b"case,x\n" * 20_001, "20,000 rows"),
    "broken YAML": ("x.yaml", b"a: [", "x.yaml: "),
    "a program": ("x.yaml", b"!!python/object/apply:os.system [ls]", "x.yaml"),
    "a knot": ("x.yaml", b"a: &a [x]\nb: *a", "write things out"),
    "a deep hole": ("x.yaml", b"[" * 5000, "nested too deeply"),
    "many records": ("x.yaml", b"- {a: b}\n" * 20_001, "20,000 rows"),
    "a word": ("x.yaml", b"hello", "this is not a mapping"),
    "a key twice": ("x.yaml", b"a: 1\na: 2", "stands twice"),
    "a list as a key": ("x.yaml", b"? [a]\n: b", "x.yaml"),
    "an endless number": ("x.yaml", b"a: " + b"9" * 5000, "x.yaml"),
    "no day": ("x.yaml", b"a: 2026-13-45", "x.yaml"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_none_is_refused_with_a_sentence(name, ann):
    file, content, told = REFUSED[name]

    errors = errors_of(file, content, ann)

    assert told in errors[0]


@pytest.mark.parametrize(
    "broken",
    [
        {"last_checked": 5},
        {"last_checked": [1]},
        {"period_from": float("inf")},
        {"period_from": {"a": 1}},
        {"country": ["FR"]},
        {"country": False},
        {"organisations": [1, "a"]},
        {"organisations": "a"},
        {"citations": "abc"},
        {"citations": 7},
        {"encounters": [None]},
        {"encounters": {"a": 1}},
        {"title": "a\x07b"},
        {"code": None},
        {5: 6},
    ],
    ids=str,
)
def test_odd_values_of_a_yaml_file_are_refused_with_a_sentence(broken, words, ann):
    content = yaml.safe_dump([one(words) | broken], allow_unicode=True).encode()

    assert errors_of("x.yaml", content, ann)


def test_a_spoilt_workbook_is_refused_with_a_sentence(words, ann):
    whole = exporting.write(".xlsx", [one(words)])
    chance = random.Random(5)  # noqa: S311

    for _n in range(150):
        spoilt = bytearray(whole)
        for at in chance.sample(range(len(spoilt)), k=chance.choice([1, 3, 30])):
            spoilt[at] = chance.randrange(256)
        errors_of("x.xlsx", bytes(spoilt), ann)


# How long it takes, and what a crash leaves


def test_a_thousand_rows_take_less_than_a_minute(words, ann):
    cases = [one(words, f"C{n}") for n in range(1000, 1100)]
    content = exporting.write(".xlsx", cases)
    started = time.perf_counter()

    found = importing.plan(sheets.read("x.xlsx", content), by=ann)
    importing.apply(found, by=ann)

    assert found.counts == {Fate.NEW: 100}  # of ten rows each
    assert time.perf_counter() - started < 60


def test_a_check_costs_the_same_for_one_case_as_for_many(words, ann):
    imported([one(words, f"C{n}") for n in range(900, 920)], ann)
    with CaptureQueriesContext(connection) as few:
        planned([one(words, title="x")], ann)

    with CaptureQueriesContext(connection) as many:
        planned([one(words, f"C{n}", title="x") for n in range(900, 920)], ann)

    # Codes and slugs differ, and the database says of each whether it is well formed;
    # with a savepoint around, that is three statements.
    assert len(many) - len(few) <= 19 * 2 * 3


def test_a_killed_import_leaves_the_old_or_the_new(tmp_path):
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/kb.sqlite3",
        "DJANGO_SETTINGS_MODULE": "kb.settings",
        "PYTHONPATH": str(ROOT),
    }
    program = [sys.executable, ROOT / "tests/killing.py", tmp_path]

    told = subprocess.run(  # noqa: S603
        program, env=environment, capture_output=True, text=True, check=True
    )

    found = json.loads(told.stdout)
    assert found["before"]["cases_case"] + 1 == found["after"]["cases_case"]
    assert len(found["ends"]) > 10
    for end in found["ends"]:
        assert end["signal"] == signal.SIGKILL
        assert end["rows"] in (found["before"], found["after"])
    assert found["ends"][0]["rows"] == found["before"]
    assert found["ends"][-1]["rows"] == found["after"]


# The commands


def test_the_command_tells_first_and_writes_then(words, ann, tmp_path, capsys):
    file = tmp_path / "cases.xlsx"
    file.write_bytes(exporting.write(".xlsx", [one(words)]))

    call_command("import_cases", file, account="ann", dry_run=True)
    assert "Would be: 1 new" in capsys.readouterr().out
    assert not Case.objects.exists()

    call_command("import_cases", file, account="ann")
    assert "1 new, 0 changed" in capsys.readouterr().out

    call_command("export_cases", tmp_path / "out.yaml")
    call_command("import_cases", tmp_path / "out.yaml", account="ann")
    assert "1 unchanged" in capsys.readouterr().out


def test_the_command_names_what_is_wrong(words, ann, tmp_path):
    file = tmp_path / "cases.csv"
    file.write_bytes(exporting.write(".csv", [one(words, evidence="rumour")]))
    run = partial(call_command, "import_cases", file)

    with pytest.raises(CommandError, match=r"Nothing was imported.*\n.*“evidence”"):
        run(account="ann")
    person("pat", PUBLISHERS)
    for account in ("pat", "nobody"):
        with pytest.raises(CommandError, match="no account"):
            run(account=account)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_cases", tmp_path / "none.csv", account="ann")
    with pytest.raises(CommandError, match="A file ends in"):
        call_command("export_cases", tmp_path / "x.doc")


# The screen


def upload(client, content, name="x.csv"):
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def kept(response):
    """What the form sends back with the confirmation."""
    return {"kept": response.context["kept"]}


@pytest.mark.usefixtures("lenient_templates")
def test_the_screen_checks_shows_and_confirms(words, ann):
    client = at_desk(ann)
    assert client.get(IMPORT).status_code == 200

    shown = upload(client, exporting.write(".csv", [one(words, title="Seen first")]))
    assert "Seen first" in shown.text
    assert "1 new" in shown.text
    assert not Case.objects.exists()

    done = client.post(IMPORT, kept(shown))
    assert done.status_code == 302
    assert Case.objects.get().latest_revision.user == ann
    assert "One draft is written" in client.get(IMPORT).text
    again = upload(client, exporting.write(".csv", [one(words, title="Seen first")]))
    assert "There is nothing to write" in again.text


@pytest.mark.usefixtures("lenient_templates")
def test_the_screen_shows_what_changes_in_nested_rows(words, ann):
    imported([one(words)], ann)
    case = one(words)
    case["encounters"][0]["responses"][0]["text"] = "What was not done."

    shown = upload(at_desk(ann), exporting.write(".csv", [case]))

    assert "one difference" in shown.text
    assert "What was not done." in re.sub("<.*?>", "", shown.text)


@pytest.mark.usefixtures("lenient_templates")
def test_the_screen_shows_errors_and_lets_nothing_through(words, ann):
    shown = upload(
        at_desk(ann), exporting.write(".csv", [one(words, evidence="rumour")])
    )

    assert "row 2, column “evidence”" in shown.text
    assert shown.context["kept"] == ""
    assert "Confirm" not in shown.text


@pytest.mark.usefixtures("lenient_templates")
def test_what_changed_since_the_check_is_shown_again(words, ann):
    client = at_desk(ann)
    imported([one(words)], ann)
    shown = upload(client, exporting.write(".csv", [one(words, title="From a file")]))
    imported([one(words, title="Meanwhile")], ann)

    again = client.post(IMPORT, kept(shown))

    assert again.status_code == 409
    assert "look again" in again.text
    assert exported()[0]["title"] == "Meanwhile"
    client.post(IMPORT, kept(again))
    assert exported()[0]["title"] == "From a file"


@pytest.mark.usefixtures("lenient_templates")
def test_a_confirmation_is_for_one_person_one_file_and_one_hour(
    words, ann, monkeypatch
):
    client, bob = at_desk(ann), at_desk(person("bob", AUTHORS))
    shown = kept(upload(client, exporting.write(".csv", [one(words)])))

    tampered = {"kept": shown["kept"][:-1] + "x"}
    for desk, form in ((bob, shown), (client, tampered), (client, {"kept": ""})):
        assert "send the file again" in told_after(desk, form)
    monkeypatch.setattr(imports, "GOOD_FOR", -1)
    assert "send the file again" in told_after(client, shown)
    assert not Case.objects.exists()


def told_after(client, form):
    """What the desk says once a form was sent."""
    response = client.post(IMPORT, form)
    return " ".join(map(str, get_messages(response.wsgi_request)))


@pytest.mark.usefixtures("lenient_templates")
def test_bad_uploads_get_a_sentence(ann, monkeypatch, words):
    client = at_desk(ann)
    assert "This field is required" in client.post(IMPORT).text
    assert "This file is empty" in upload(client, b"").text
    assert "not an XLSX file" in upload(client, b"x", "x.xlsx").text
    monkeypatch.setattr(imports, "MOST_KEPT", 10)
    content = exporting.write(".csv", [one(words)])
    assert "too large to confirm here" in upload(client, content).text


@pytest.mark.usefixtures("lenient_templates")
@pytest.mark.parametrize("kind", ["xlsx", "csv", "yaml"])
def test_template_and_export_can_be_kept(kind, words, ann):
    imported([one(words)], ann)
    client = at_desk(ann)

    for address in (TEMPLATE, EXPORT):
        response = client.get(f"{address}?kind={kind}")
        assert response.status_code == 200
        assert f'.{kind}"' in response["Content-Disposition"]
        assert "no-store" in response["Cache-Control"]
    items = sheets.read(f"x.{kind}", response.content)
    assert importing.plan(items, by=ann).counts == {Fate.UNCHANGED: 1}
    assert client.get(f"{EXPORT}?kind=exe").status_code == 404


@pytest.mark.usefixtures("lenient_templates")
def test_only_authors_import_and_every_role_exports(words):
    content = exporting.write(".csv", [one(words)])
    for role in (REVIEWERS, PUBLISHERS, ADMINS):
        client = at_desk(person(role, role))
        # Wagtail sends people back to the desk; a script is told 403.
        script = {"x-requested-with": "XMLHttpRequest"}
        assert upload(client, content).status_code == 302
        assert client.get(IMPORT, headers=script).status_code == 403
        assert client.get(TEMPLATE, headers=script).status_code == 403
        assert client.post(IMPORT, {"kept": "x"}, headers=script).status_code == 403
    for role in ROLES:
        client = at_desk(person(f"one of the {role}", role))
        assert client.get(EXPORT).status_code == 200
    assert at_desk(person("idle")).get(EXPORT).status_code == 403
    assert Client(headers={"host": "127.0.0.1"}).get(EXPORT).status_code == 302
    assert not Case.objects.exists()


def test_a_plan_with_errors_writes_nothing():
    step = importing.Step("C900", "x", Fate.NEW, after={})
    error = importing.FixtureError("here", "there", "wrong")

    assert Plan((step,), (error,)).writes == []
    assert Plan((step,)).writes == [step]
