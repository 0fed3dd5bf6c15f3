"""The database refuses what must never be, whoever writes it."""

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F, ProtectedError

from cases import facets
from cases.models import Organisation
from cases.visibility import EVER
from curation.models import (
    Approval,
    AuditEntry,
    Explanation,
    Release,
    Schedule,
)
from sources import append_only
from sources.models import Change
from tests import factories as make
from tests.desk import person
from tests.factories import call, child, cite

pytestmark = pytest.mark.django_db

APPS = ("cases", "strategies", "sources", "curation")
RECORDS = {
    "source": make.SourceFactory,
    "strategyfamily": make.FamilyFactory,
    "strategy": make.StrategyFactory,
    "resistanceform": make.FormFactory,
    "organisation": make.OrganisationFactory,
    "case": make.CaseFactory,
    "lesson": make.LessonFactory,
    "contextnote": make.NoteFactory,
}
ABOUT = {"kind": "case", "record_id": 1}


def release():
    """A release that four people stood for."""
    author, *others = (person(name) for name in ("author", "first", "second", "by"))
    revision = make.CaseFactory().save_revision(user=author, clean=False)
    names = "reviewer", "second_reviewer", "publisher"
    return Release.objects.create(
        revision=revision,
        digest="d",
        author=author,
        is_high=True,
        **dict(zip(names, others, strict=True)),
        **ABOUT,
    )


ROWS = RECORDS | {
    "approval": lambda: Approval.objects.create(
        reviewer=person("reviewer"), opinion="approve", **ABOUT
    ),
    "auditentry": lambda: AuditEntry.objects.create(
        action="released", code="C001", minute=EVER, before="b", seal="s"
    ),
    "change": lambda: Change.objects.create(what="published", **ABOUT),
    "consent": make.ConsentFactory,
    "explanation": lambda: Explanation.objects.create(
        by=person("reviewer"), finding="f", why="It is public.", **ABOUT
    ),
    "release": release,
    "riskassessment": make.RiskFactory,
    "schedule": lambda: Schedule.objects.create(publisher=person("by"), **ABOUT),
    "region": make.RegionFactory,
    "country": make.CountryFactory,
    "encounter": make.EncounterFactory,
    "response": make.ResponseFactory,
    "warningsign": lambda: child(
        make.FormFactory(), "signs", text="A sign", source=make.SourceFactory()
    ),
    "searchentry": lambda: apps.get_model("cases", "SearchEntry").objects.create(
        id=1, kind="case", record_id=1
    ),
    **{
        f"{name}citation": lambda maker=maker: cite(maker())
        for name, maker in (RECORDS | {}).items()
        if name != "source"
    },
    **{
        f"{name}alias": lambda maker=maker: call(maker(), "Another name")
        for name, maker in RECORDS.items()
        if name in ("strategy", "resistanceform", "organisation", "case")
    },
    "encountercitation": lambda: cite(make.EncounterFactory()),
    "responsecitation": lambda: cite(make.ResponseFactory()),
}
# What breaks a promise: by the end of its name, or by its whole name.
BROKEN = {
    "approval_says_what_to_change": {"opinion": "change", "comment": ""},
    "case_live_is_allowed": {"visible_from": None, "visible_until": None},
    "case_organisation_is_spoken_of_as_said": {"pseudonym": "A group"},
    "case_period_is_as_precise_as_said": {"quarter_from": 1},
    "case_place_is_as_precise_as_said": {"country": None},
    "case_visible_has_two_ends": {"live": False, "visible_until": None},
    "consent_ends_after_it_was_given": {"expires_on": "1999-01-01"},
    "explanation_says_why": {"why": ""},
    "release_is_not_by_its_author": {"author": F("publisher")},
    "release_of_high_risk_has_two_reviewers": {"second_reviewer": None},
    "riskassessment_delay_says_until_when": {"decision": "delay"},
    "riskassessment_is_on_the_scale": {"severity": 6},
    "case_code_is_well_formed": {"code": "X1"},
    "case_period_from_has_basis": {"period_from": 2014},
    "case_period_is_in_order": {
        "period_from": 2014,
        "period_to": 2013,
        "period_basis": "stated",
    },
    "contextnote_years_are_in_order": {"year": 2014, "year_to": 2013},
    "country_code_is_well_formed": {"code": "a1"},
    "country_m49_is_well_formed": {"m49": "12"},
    "region_code_is_well_formed": {"code": "1a"},
    "source_year_is_plausible": {"year": 14},
    "encounter_form_has_basis": {"form_basis": "not-stated"},
    "encounter_actor_has_basis": {"actor_basis": "stated"},
    "encounter_setting_has_basis": {"setting": "state"},
    "response_strategy_has_basis": {"strategy": None},
    "response_effect_has_basis": {"effect": "reduced"},
    "response_side_effects_has_basis": {"side_effects": "Some."},
    "response_visibility_has_basis": {"visibility": "quiet"},
    "response_risk_bearer_has_basis": {"risk_bearer": "The staff."},
}
TWICE = {
    "encounter_form_is_unique_in_its_case",
    "explanation_is_one_a_finding",
    "release_is_one_a_text",
    "schedule_is_one",
    "response_strategy_is_unique_in_its_encounter",
    "organisation_name_is_unique_in_its_country",
    "searchentry_is_one_a_record",
}
PROMISES = sorted(
    (constraint.name, model._meta.model_name)
    for app in APPS
    for model in apps.get_app_config(app).get_models()
    for constraint in model._meta.constraints
)


def breaking(name, model):
    """The change of a good row that breaks the promise."""
    if name in BROKEN:
        return BROKEN[name]
    if name.endswith("_slug_is_well_formed"):
        return {"slug": "Not A Slug"}
    if name.endswith("_withdrawn_is_not_live"):
        return {"withdrawn_at": "2026-01-01T00:00Z", "live": True}
    if name.endswith("_merged_is_not_live"):
        return {"merged_into": F("pk"), "live": True}
    assert name.endswith("_is_known"), f"say here how to break {name}"
    field = name.removeprefix(f"{model}_").removesuffix("_is_known")
    has_basis = f"{model}_{field}_has_basis" in BROKEN
    return {field: "nonsense"} | ({f"{field}_basis": "stated"} if has_basis else {})


def break_promise(row, name, model):
    """Do to a good row what the promise forbids."""
    if name in TWICE:
        again(row)
    elif type(row)._meta.db_table in append_only.TABLES:
        for field, value in breaking(name, model).items():
            same = isinstance(value, F)
            setattr(row, field, getattr(row, value.name) if same else value)
        again(row)
    else:
        rows = type(row)._base_manager.filter(pk=row.pk)
        rows.update(**breaking(name, model))


def again(row):
    """Add the row once more."""
    is_numbered = isinstance(row._meta.pk, models.AutoField)
    row.pk, row._state.adding = None if is_numbered else row.pk + 1, True
    if hasattr(row, "slug"):
        row.slug += "-again"
    models.Model.save(row)


@pytest.mark.parametrize(("name", "model"), PROMISES)
def test_the_database_keeps_its_promise(name, model):
    row = ROWS[model]()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        break_promise(row, name, model)

    text = str(refused.value)
    assert name in text or "UNIQUE constraint" in text


GROWING = {
    table: model
    for app in APPS
    for model in apps.get_app_config(app).get_models()
    if (table := model._meta.db_table) in append_only.TABLES
}


@pytest.mark.parametrize("table", append_only.TABLES)
def test_a_table_that_only_grows_refuses_all_else(table):
    row = ROWS[GROWING[table]._meta.model_name]()
    rows = GROWING[table].objects.filter(pk=row.pk)
    told = rows.values().get()
    field = next(name for name in told if name != "id")

    for spoil in (lambda: rows.update(**{field: F(field)}), rows.delete, row.delete):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            spoil()
        assert f"{table} only grows" in str(refused.value)
    assert rows.values().get() == told


FORGED = {
    "its author released it": {"publisher": "author"},
    "its author reviewed it": {"reviewer": "author"},
    "its author reviewed it too": {"second_reviewer": "author"},
    "one person reviewed it twice": {"second_reviewer": "reviewer"},
    "nobody reviewed it twice": {"second_reviewer": None},
    "one person did all": {"author": None, "publisher": "reviewer"},
}


@pytest.mark.parametrize("how", FORGED)
def test_the_database_refuses_a_forged_release(how):
    row = release()
    for field, other in FORGED[how].items():
        setattr(row, field, other and getattr(row, other))
    row.digest = "another"

    with pytest.raises(IntegrityError, match="release_"), transaction.atomic():
        again(row)


def test_a_file_has_no_author_and_needs_two_others():
    row = release()
    row.author, row.digest = None, "another"
    again(row)
    assert Release.objects.count() == 2


@pytest.mark.parametrize("maker", RECORDS.values(), ids=RECORDS)
def test_a_slug_is_used_once(maker):
    maker(slug="same")
    with pytest.raises(IntegrityError), transaction.atomic():
        maker(slug="same")


def test_a_code_is_used_once():
    make.CaseFactory(code="C001")
    with pytest.raises(IntegrityError), transaction.atomic():
        make.CaseFactory(code="C001")


def test_an_organisation_has_a_country():
    with pytest.raises(IntegrityError), transaction.atomic():
        make.OrganisationFactory(country=None)


def test_two_encounters_without_a_form_may_stand_in_one_case():
    case = make.CaseFactory()
    make.EncounterFactory(case=case, form=None)
    make.EncounterFactory(case=case, form=None)
    assert case.encounters.count() == 2


def test_not_stated_is_not_empty():
    response = make.ResponseFactory()
    for field in ("effect", "visibility"):
        assert getattr(response, field) == "not-stated"
        with pytest.raises(IntegrityError), transaction.atomic():
            type(response).objects.filter(pk=response.pk).update(**{field: ""})


@pytest.mark.parametrize("used", ["source", "country", "form", "strategy"])
def test_what_is_referred_to_cannot_be_deleted(used):
    response = make.ResponseFactory()
    citation = cite(response)
    owner = {
        "source": citation.source,
        "country": response.encounter.case.country,
        "form": response.encounter.form,
        "strategy": response.strategy,
    }[used]
    with pytest.raises(ProtectedError):
        owner.delete()


def test_a_new_record_is_a_draft():
    country = make.CountryFactory()
    made = Organisation.objects.create(
        slug="new", name="New", country=country, kind="civil-society"
    )
    assert not made.live
    assert made not in Organisation.objects.published()
    assert facets.countries_with_cases() == []
