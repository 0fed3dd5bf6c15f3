"""Rows for tests: published by default, `draft=True` and `withdrawn=True` hide them."""

from datetime import date, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cases.choices import Scope
from cases.models import (
    Case,
    Consent,
    ContextNote,
    Country,
    Encounter,
    Lesson,
    Organisation,
    Region,
    ResistanceForm,
    Response,
    RiskAssessment,
)
from cases.visibility import EVER, NEVER
from sources.choices import NOT_STATED
from sources.models import Source
from strategies.models import Strategy, StrategyFamily


def basis_of(field):
    """A fact that is given was read; one that is not given has no basis."""
    return factory.LazyAttribute(
        lambda row: (
            NOT_STATED if getattr(row, field) in (None, "", NOT_STATED) else "reading"
        )
    )


def letters(n):
    """A number as two capital letters: a code for one of 676 countries."""
    return chr(65 + n // 26 % 26) + chr(65 + n % 26)


class RecordFactory(DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True

    class Params:
        draft = factory.Trait(live=False)
        withdrawn = factory.Trait(
            live=False, withdrawn_at=factory.LazyFunction(timezone.now)
        )

    live = True
    withdrawn_at = None


class SourceFactory(RecordFactory):
    class Meta:
        model = Source

    slug = factory.Sequence("source-{}".format)
    title = factory.Sequence("Source {}".format)
    publisher = "A publisher"
    kind = "paper"


class RegionFactory(DjangoModelFactory):
    """A region; within holds itself and those that hold its parent."""

    class Meta:
        model = Region
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"{n % 1000:03d}")
    name = factory.Sequence("Region {}".format)

    @factory.post_generation
    def within(self, create, extracted, **kwargs):
        outer = self.parent.within.all() if self.parent else []
        self.within.add(self, *outer)


class CountryFactory(DjangoModelFactory):
    class Meta:
        model = Country

    code = factory.Sequence(letters)
    m49 = factory.Sequence(lambda n: f"{n % 1000:03d}")
    name = factory.Sequence("Country {}".format)
    region = factory.SubFactory(RegionFactory)
    latitude = 10.0
    longitude = 20.0


class TermFactory(RecordFactory):
    class Meta:
        abstract = True

    definition = "What it means."
    position = factory.Sequence(int)


class FamilyFactory(TermFactory):
    class Meta:
        model = StrategyFamily

    slug = factory.Sequence("family-{}".format)
    name = factory.Sequence("Family {}".format)


class StrategyFactory(TermFactory):
    class Meta:
        model = Strategy

    slug = factory.Sequence("strategy-{}".format)
    name = factory.Sequence("Strategy {}".format)
    family = factory.SubFactory(FamilyFactory)


class FormFactory(TermFactory):
    class Meta:
        model = ResistanceForm

    slug = factory.Sequence("form-{}".format)
    name = factory.Sequence("Form {}".format)
    mode = "passive"


class OrganisationFactory(RecordFactory):
    class Meta:
        model = Organisation

    slug = factory.Sequence("organisation-{}".format)
    name = factory.Sequence("Organisation {}".format)
    country = factory.SubFactory(CountryFactory)
    kind = "civil-society"


class CaseFactory(RecordFactory):
    """A case; lines=[(form, strategy), (form,), (None, None)] says what it met.

    A line with a form alone was not answered; None is what the source leaves open.
    Lines with the same form are answers to one encounter. only_region=region tells no
    more of the place than that, and placeless=True tells nothing of it.
    """

    class Meta:
        model = Case

    class Params:
        only_region = None
        placeless = factory.Trait(country=None, place_precision="none")

    code = factory.Sequence("C{:03d}".format)
    slug = factory.Sequence("case-{}".format)
    title = factory.Sequence("Case {}".format)
    origin = "published-source"
    visible_from = EVER
    visible_until = NEVER
    region = factory.SelfAttribute("only_region")
    place_precision = factory.LazyAttribute(
        lambda case: "region" if case.only_region else "country"
    )
    country = factory.Maybe(
        "only_region",
        yes_declaration=None,
        no_declaration=factory.SubFactory(CountryFactory),
    )
    snapshot = "What happened, in short."
    period_from = None
    period_basis = basis_of("period_from")
    telling = "described"
    evidence = "practice-account"
    last_checked = date(2026, 1, 1)

    @factory.post_generation
    def organisations(self, create, extracted, **kwargs):
        link(self, "organisations", extracted)

    @factory.post_generation
    def lines(self, create, extracted, **kwargs):
        encounters = {}
        for n, (form, *answers) in enumerate(extracted or []):
            if form not in encounters:
                encounters[form] = EncounterFactory(case=self, form=form, sort_order=n)
            for strategy in answers:
                ResponseFactory(
                    encounter=encounters[form], strategy=strategy, sort_order=n
                )


class EncounterFactory(DjangoModelFactory):
    class Meta:
        model = Encounter

    case = factory.SubFactory(CaseFactory)
    form = factory.SubFactory(FormFactory)
    form_basis = basis_of("form")
    actor = NOT_STATED
    actor_basis = basis_of("actor")
    setting = NOT_STATED
    setting_basis = basis_of("setting")
    text = "What they met."
    sort_order = factory.Sequence(int)


class ResponseFactory(DjangoModelFactory):
    class Meta:
        model = Response

    encounter = factory.SubFactory(EncounterFactory)
    strategy = factory.SubFactory(StrategyFactory)
    strategy_basis = basis_of("strategy")
    text = "What was done."
    effect = NOT_STATED
    effect_basis = basis_of("effect")
    side_effects = ""
    side_effects_basis = basis_of("side_effects")
    visibility = NOT_STATED
    visibility_basis = basis_of("visibility")
    risk_bearer = ""
    risk_bearer_basis = basis_of("risk_bearer")
    sort_order = factory.Sequence(int)


class ConsentFactory(DjangoModelFactory):
    """Consent to all that may be asked, for the two years that are usual."""

    class Meta:
        model = Consent

    case = factory.SubFactory(CaseFactory)
    given_by = "Director of the organisation"
    authority = "Decision of its board"
    given_on = date(2026, 1, 1)
    expires_on = factory.LazyAttribute(lambda row: row.given_on + timedelta(days=730))
    scopes = Scope.values


class RiskFactory(DjangoModelFactory):
    """A low risk that allows all; likelihood 4 and severity 4 make it a high one."""

    class Meta:
        model = RiskAssessment

    case = factory.SubFactory(CaseFactory)
    harmed = "The staff"
    harmed_by = "Community members"
    likelihood = 1
    severity = 2
    legal_setting = "No law is used against such work."
    decision = "publish"
    review_due = date(2036, 1, 1)


class LessonFactory(RecordFactory):
    class Meta:
        model = Lesson

    slug = factory.Sequence("lesson-{}".format)
    kind = "lesson"
    title = factory.Sequence("Lesson {}".format)
    text = "What can be learnt."
    position = factory.Sequence(int)

    @factory.post_generation
    def cases(self, create, extracted, **kwargs):
        link(self, "cases", extracted)

    @factory.post_generation
    def forms(self, create, extracted, **kwargs):
        link(self, "forms", extracted)

    @factory.post_generation
    def strategies(self, create, extracted, **kwargs):
        link(self, "strategies", extracted)


class NoteFactory(RecordFactory):
    class Meta:
        model = ContextNote

    slug = factory.Sequence("note-{}".format)
    country = factory.SubFactory(CountryFactory)
    kind = "setting"
    title = factory.Sequence("Note {}".format)
    text = "What was going on."
    year = 2020


def link(record, name, others):
    """Join a record to others at once; a ParentalManyToMany waits for a save."""
    field = record._meta.get_field(name)
    here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
    through = field.remote_field.through
    through.objects.bulk_create(
        through(**{here: record, there: other}) for other in others or []
    )


def cite(record, source=None, **values):
    """Give a record, encounter or response a citation."""
    return child(record, "citations", source=source or SourceFactory(), **values)


def call(record, name, **values):
    """Give a record another name."""
    return child(record, "aliases", name=name, **values)


def child(record, relation, **values):
    """A nested row of a record."""
    model = record._meta.get_field(relation).related_model
    return model.objects.create(parent=record, **{"basis": "stated"} | values)


def told_citation(source, **values):
    """A citation as a file tells it."""
    return {"source": source, "locator": "", "basis": "stated"} | values


def told_response(source, **values):
    """A response as a file tells it: whatever is not given is not stated."""
    facts = {"strategy": None, "effect": NOT_STATED, "visibility": NOT_STATED}
    facts |= {"side_effects": "", "risk_bearer": ""}
    return told(facts, values, text="What was done.", citations=[told_citation(source)])


def told_encounter(source, answers=1, **values):
    """An encounter as a file tells it, with answers to it."""
    facts = {"form": None, "actor": NOT_STATED, "setting": NOT_STATED}
    return told(
        facts,
        values,
        text="What they met.",
        citations=[told_citation(source)],
        responses=[told_response(source) for _n in range(answers)],
    )


def told(facts, values, **rest):
    """Coded facts, each with its basis, and the rest of a row."""
    row = facts | rest | values
    known = {f"{name}_basis": row[name] not in (None, "", NOT_STATED) for name in facts}
    return {
        n: "reading" if is_known else NOT_STATED for n, is_known in known.items()
    } | row


def told_case(code, source, country, **values):
    """A case as a file tells it."""
    row = {
        "code": code,
        "slug": code.lower(),
        "title": f"Case {code}",
        "origin": "published-source",
        "country": country,
        "organisations": [],
        "snapshot": "What happened, in short.",
        "context": "",
        "period_from": None,
        "period_to": None,
        "period_basis": NOT_STATED,
        "telling": "described",
        "evidence": "study",
        "last_checked": date(2026, 1, 1),
        "place_precision": "country",
        "region": None,
        "naming": "named",
        "pseudonym": "",
        "organisation_kind": "",
        "time_precision": "year",
        "quarter_from": None,
        "quarter_to": None,
        "citations": [told_citation(source)],
        "aliases": [],
        "encounters": [],
    }
    return row | values
