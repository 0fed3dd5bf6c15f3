"""Loading the fixtures: all or nothing, repeatable, with errors that help."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.models import Case, Country, SearchEntry
from sources.models import Source

pytestmark = pytest.mark.django_db

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


@pytest.fixture
def folder(tmp_path):
    """A copy of the fixtures that a test may spoil."""
    return Path(shutil.copytree(FIXTURES, tmp_path / "fixtures"))


def load(folder=FIXTURES, **options):
    out = StringIO()
    call_command("load_kb", folder, stdout=out, **options)
    return out.getvalue().strip()


def everything():
    """Every row of every table of ours."""
    return {
        model._meta.label: sorted(map(str, model._base_manager.values()))
        for app in ("cases", "strategies", "sources")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    }


def change(path, edit):
    """Edit a YAML file as data."""
    data = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(edit(data) or data, allow_unicode=True))


def test_loading_twice_changes_nothing():
    assert "0 updated, 0 unchanged, 0 kept, 0 not in the files" in load()
    before = everything()

    assert load().startswith("0 created, 0 updated")
    assert everything() == before


def test_a_dry_run_writes_nothing():
    assert load(dry_run=True).startswith("Nothing written. Would be: ")
    assert not Case.objects.exists()
    assert not Country.objects.exists()


def test_a_change_updates_one_record(eight_cases, folder):
    change(folder / "cases/C004.yaml", lambda data: data.update(title="Told anew"))

    assert load(folder).startswith("0 created, 1 updated")
    assert Case.objects.get(code="C004").title == "Told anew"
    assert SearchEntry.objects.filter(kind="case", title="Told anew").exists()


def test_a_nested_change_updates_its_case(eight_cases, folder):

    def edit(data):
        data["encounters"][0]["responses"][1]["citations"][0]["locator"] = "page 2"

    change(folder / "cases/C006.yaml", edit)

    assert load(folder).startswith("0 created, 1 updated")
    case = Case.objects.get(code="C006")
    response = case.encounters.get().responses.all()[1]
    assert response.citations.get().locator == "page 2"


def test_what_no_file_tells_of_is_counted_and_left(eight_cases, folder):
    (folder / "cases/C008.yaml").unlink()

    assert load(folder).endswith("1 not in the files")
    assert Case.objects.published().filter(code="C008").exists()


def test_a_bad_choice_lists_the_good_ones(folder):
    change(folder / "cases/C004.yaml", lambda data: data.update(telling="loud"))
    with pytest.raises(CommandError, match="Write one of: described, named-only"):
        load(folder)


def test_a_ninth_case_anywhere_needs_an_assessment_and_no_code(folder):
    text = (folder / "cases/C004.yaml").read_text()
    text = text.replace("code: C004", "code: C009").replace("slug: nepal", "slug: fiji")
    text = text.replace("country: NP", "country: FJ")
    (folder / "cases/C009.yaml").write_text(text)

    load(folder)
    assert not Case.objects.published().filter(code="C009").exists()

    change(
        folder / "risks.yaml",
        lambda data: [*data, {**data[3], "case": "C009"}],
    )
    load(folder)
    assert Case.objects.published().get(code="C009").country.name == "Fiji"


def test_an_error_in_the_last_file_leaves_nothing(folder):
    def edit(data):
        data[-1]["citations"][0]["source"] = "no-such-source"

    change(folder / "context.yaml", edit)

    with pytest.raises(CommandError):
        load(folder)
    assert not Source.objects.exists()


def case(edit):
    return "cases/C001.yaml", edit


def encounter(edit):
    return "cases/C001.yaml", lambda data: edit(data["encounters"][0])


def response(edit):
    return "cases/C001.yaml", lambda d: edit(d["encounters"][0]["responses"][1])


BROKEN = {
    "an unknown field": (*case(lambda d: d.update(titel="x")), "C001, titel:"),
    "a missing field": (*case(lambda d: d.pop("title") and None), "C001, title:"),
    "an empty field": (*case(lambda d: d.update(title="")), "C001, title:"),
    "no country": (
        *case(lambda d: d.update(country=None)),
        "C001: Give the country, or the region, or neither",
    ),
    "an unknown country": (*case(lambda d: d.update(country="9X")), "C001, country:"),
    "a boolean country": (*case(lambda d: d.update(country=False)), "C001, country:"),
    "an unknown organisation": (
        *case(lambda d: d.update(organisations=["nobody"])),
        "C001, organisations:",
    ),
    "a bad code": (*case(lambda d: d.update(code="7")), "7, code:"),
    "a bad choice": (*case(lambda d: d.update(telling="loud")), "C001, telling:"),
    "a bad date": (*case(lambda d: d.update(last_checked="soon")), "last_checked:"),
    "a number as text": (*case(lambda d: d.update(title=2014)), "C001, title:"),
    "a case only named that tells more": (
        *case(lambda d: d.update(telling="named-only")),
        "C001, telling:",
    ),
    "one organisation, not a list": (
        *case(lambda d: d.update(organisations="shirkat-gah")),
        "C001, organisations: write a list",
    ),
    "no source": (*case(lambda d: d.update(citations=[])), "C001, citations:"),
    "not a mapping": ("cases/C001.yaml", lambda d: ["x"], "record 1"),
    "a nested unknown field": (
        *encounter(lambda d: d.update(who="x")),
        "C001, encounters[0], who:",
    ),
    "a nested bad choice": (
        *encounter(lambda d: d.update(actor="aliens", actor_basis="stated")),
        "C001, encounters[0], actor:",
    ),
    "a value without its basis": (
        *response(lambda d: d.update(effect_basis="not-stated")),
        "C001, encounters[0], responses[1]",
    ),
    "a nested statement without a source": (
        *response(lambda d: d.update(citations=[])),
        "C001, encounters[0], responses[1], citations:",
    ),
    "an unknown strategy": (
        *response(lambda d: d.update(strategy="magic")),
        "C001, encounters[0], responses[1], strategy:",
    ),
    "a citation without its source": (
        *response(lambda d: d["citations"][0].update(source="nothing")),
        "C001, encounters[0], responses[1], citations[0], source:",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_error_names_file_record_and_field(eight_cases, folder, name):
    file, edit, told = BROKEN[name]
    change(folder / file, edit)

    with pytest.raises(CommandError) as error:
        load(folder)

    assert file in str(error.value)
    assert told in str(error.value)


@pytest.mark.parametrize("text", ["a: [", "\tx", "- a\nb: c", "\udcff"])
def test_a_file_that_cannot_be_read_is_named(folder, text):
    path = folder / "lessons.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CommandError, match=r"lessons\.yaml"):
        load(folder)


def test_a_copy_that_kept_its_code_is_refused(folder):
    shutil.copy(folder / "cases/C006.yaml", folder / "cases/C009.yaml")
    with pytest.raises(CommandError, match="the file is named C009"):
        load(folder)


def test_a_slug_that_stands_twice_is_refused(folder):
    change(folder / "organisations.yaml", lambda data: [*data, data[0]])
    with pytest.raises(CommandError, match="has it already"):
        load(folder)


def test_a_key_that_stands_twice_is_refused(folder):
    path = folder / "cases/C004.yaml"
    path.write_text(path.read_text() + "title: Again\n")
    with pytest.raises(CommandError, match="“title” stands twice"):
        load(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(CommandError, match="there is no such file"):
        load(tmp_path)


def test_what_was_withdrawn_stays_withdrawn(eight_cases, folder):
    Case.objects.filter(code="C004").update(live=False, withdrawn_at=timezone.now())
    change(folder / "cases/C004.yaml", lambda data: data.update(title="Back again"))

    assert "1 kept" in load(folder)
    found = Case.objects.get(code="C004")
    assert not found.live
    assert found.title != "Back again"


def test_what_was_edited_on_the_desk_is_kept(eight_cases, folder):
    found = Case.objects.get(code="C004")
    found.title = "From the desk"
    found.save_revision()

    assert "1 kept" in load()
    kept = Case.objects.get(code="C004")
    assert kept.latest_revision.as_object().title == "From the desk"
    assert kept.live
