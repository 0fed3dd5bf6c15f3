"""The database refuses what must never be, whoever writes it."""

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from cases.models import Country, Organisation
from tests import factories as make
from tests.factories import call, child, cite

pytestmark = pytest.mark.django_db

APPS = ("cases", "strategies", "sources")
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
ROWS = RECORDS | {
    "region": make.RegionFactory,
    "country": make.CountryFactory,
    "encounter": make.EncounterFactory,
    "response": make.ResponseFactory,
    "warningsign": lambda: child(
        make.FormFactory(), "signs", text="A sign", source=make.SourceFactory()
    ),
    "searchentry": lambda: apps.get_model("cases", "SearchEntry").objects.create(
        kind="case", record_id=1
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
    assert name.endswith("_is_known"), f"say here how to break {name}"
    field = name.removeprefix(f"{model}_").removesuffix("_is_known")
    has_basis = f"{model}_{field}_has_basis" in BROKEN
    return {field: "nonsense"} | ({f"{field}_basis": "stated"} if has_basis else {})


def break_promise(row, name, model):
    """Do to a good row what the promise forbids."""
    if name in TWICE:
        row.pk, row._state.adding = None, True
        if hasattr(row, "slug"):
            row.slug += "-again"
        models.Model.save(row)
    else:
        rows = type(row)._base_manager.filter(pk=row.pk)
        rows.update(**breaking(name, model))


@pytest.mark.parametrize(("name", "model"), PROMISES)
def test_the_database_keeps_its_promise(name, model):
    row = ROWS[model]()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        break_promise(row, name, model)

    text = str(refused.value)
    assert name in text or "UNIQUE constraint" in text


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
    assert Country.objects.with_cases().count() == 0
