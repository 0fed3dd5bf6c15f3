"""The content is honest: all is sourced, and nothing given that no source gives."""

import re

import pytest
from django.apps import apps

from cases.models import (
    Case,
    ContextNote,
    Country,
    Encounter,
    Lesson,
    Organisation,
    Region,
    ResistanceForm,
    Response,
)
from sources.models import Alias, Citation, Record, Source
from strategies.models import Strategy, StrategyFamily

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

BRIEF = "untf-brief-resistance"
COUNTRIES = {
    "C001": "AM",
    "C002": "JO",
    "C003": "MM",
    "C004": "NP",
    "C005": "NI",
    "C006": "PK",
    "C007": "RS",
    "C008": "TR",
}
# All that the brief itself gives to a case. What else is coded must be a reading.
GIVEN = {
    "C001": {
        "organisations": {"society-without-violence"},
        "stated": {"limited", "reduced"},
    },
    "C006": {"organisations": {"shirkat-gah"}, "stated": {"government"}},
}
FORMS = [
    ("denial", "passive"),
    ("deflection", "passive"),
    ("inertia", "passive"),
    ("prejudice", "passive"),
    ("appeasement", "active"),
    ("co-option", "active"),
    ("appropriation", "active"),
    ("repression", "active"),
    ("backlash", "active"),
]


def statements():
    """Every row that says something in public."""
    for model in (
        *(m for m in apps.get_models() if issubclass(m, Record) and m is not Source),
        Encounter,
        Response,
    ):
        yield from model.objects.all()


def test_every_public_statement_has_a_source():
    for row in statements():
        assert row.citations.exists(), f"{row._meta.label} {row.pk}: {row}"


def test_every_citation_names_a_published_source_and_a_place_or_a_short_page():
    for model in Citation.__subclasses__():
        for row in model.objects.select_related("source"):
            assert row.source.live, row
            assert row.basis in ("stated", "reading"), row


def test_every_source_is_cited():
    used = set()
    for model in [*Citation.__subclasses__(), *Alias.__subclasses__()]:
        used |= set(model.objects.values_list("source__slug", flat=True))
    assert used >= set(Source.objects.values_list("slug", flat=True))


def test_the_eight_countries_are_those_of_the_brief():
    assert dict(Case.objects.values_list("code", "country_id")) == COUNTRIES


@pytest.mark.parametrize("code", COUNTRIES)
def test_a_case_is_given_only_what_the_brief_gives(code):
    case = Case.objects.get(code=code)
    given = GIVEN.get(code, {"organisations": set(), "stated": set()})

    assert {o.slug for o in case.organisations.all()} == given["organisations"]
    for encounter in case.encounters.all():
        assert encounter.form_basis != "stated"  # the brief labels neither case
        for row, fields in (
            (encounter, ("actor", "setting")),
            *(
                (response, ("effect", "visibility"))
                for response in encounter.responses.all()
            ),
        ):
            for field in fields:
                if getattr(row, f"{field}_basis") == "stated":
                    assert getattr(row, field) in given["stated"]
        for response in encounter.responses.all():
            assert response.strategy_basis != "stated"
            assert response.side_effects == ""
            assert response.risk_bearer == ""
            assert BRIEF in {c.source.slug for c in response.citations.all()}


@pytest.mark.parametrize("code", sorted(set(COUNTRIES) - set(GIVEN)))
def test_a_case_that_is_only_named_says_so_and_no_more(code):
    case = Case.objects.get(code=code)

    assert case.telling == "named-only"
    assert case.evidence == "not-stated"
    assert not case.encounters.exists()
    assert case.context == ""
    assert case.period_basis == "not-stated"
    assert not case.lessons.exists()
    assert "describes nothing more" in case.snapshot


def test_the_nine_forms_stand_in_the_order_of_the_brief():
    assert list(ResistanceForm.objects.values_list("slug", "mode")) == FORMS


def test_other_lists_words_lead_to_the_forms():
    aliases = {
        alias.name.lower(): form.slug
        for form in ResistanceForm.objects.all()
        for alias in form.aliases.all()
    }
    assert aliases["disavowal"] == "deflection"
    assert aliases["inaction"] == "inertia"


def test_there_are_four_families_each_with_strategies():
    assert list(StrategyFamily.objects.values_list("slug", flat=True)) == [
        "engagement",
        "awareness",
        "adaptation",
        "resilience",
    ]
    for family in StrategyFamily.objects.all():
        assert family.strategies.count() >= 5


def test_there_are_three_recommendations():
    assert Lesson.objects.of_kind("recommendation").count() == 3


def test_the_brief_states_the_recommendations():
    for lesson in Lesson.objects.of_kind("recommendation"):
        stated = lesson.citations.filter(basis="stated", source__slug=BRIEF)
        assert stated.exists(), lesson


def test_no_organisation_is_tied_to_myanmar():
    assert not Organisation.objects.filter(country="MM").exists()
    assert not ContextNote.objects.filter(country="MM", kind="project").exists()
    for note in ContextNote.objects.filter(country="MM"):
        assert note.organisation is None


def test_no_source_is_credited_to_a_person():
    fields = {field.name for field in Source._meta.get_fields()}
    assert not fields & {"author", "authors", "creator", "editor"}
    for source in Source.objects.all():
        assert not re.search(r"\bet al\b", f"{source.title} {source.note}")


def test_a_project_on_record_says_that_no_source_ties_it_to_the_case():
    for note in ContextNote.objects.filter(
        kind="project", country__in=COUNTRIES.values()
    ):
        assert re.search(r"\b(no|not|nor)\b", note.text.lower()), note.slug


def test_every_country_of_the_world_is_there_with_its_regions():
    assert Country.objects.count() == 249
    assert set(Country.objects.filter(region=None).values_list("code", flat=True)) == {
        "AQ"
    }
    for region in Region.objects.filter(parent=None):
        assert region.contains.count() > 1
    pakistan = Country.objects.get(code="PK").region
    assert {r.name for r in pakistan.within.all()} == {"Southern Asia", "Asia"}


def test_text_is_plain():
    for model in (Case, Lesson, Strategy, ContextNote):
        for row in model.objects.all():
            text = getattr(row, "text", "") or getattr(row, "definition", "")
            for sentence in re.split(r"(?<=[.!?])\s", text):
                assert len(sentence.split()) <= 45, (row, sentence)
