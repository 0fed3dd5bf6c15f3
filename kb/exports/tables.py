"""The tables of the dataset and all their columns; and what is withheld, and why."""

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cases.choices import (
    Actor,
    Effect,
    Evidence,
    LessonKind,
    Mode,
    Naming,
    OrganisationKind,
    PlacePrecision,
    Setting,
    Telling,
    TimePrecision,
    Visibility,
)
from cases.models import Case, Country, Encounter, Lesson, Organisation, Response
from cases.models import ResistanceForm as Form
from cases.models.cases import (
    CaseAlias,
    CaseCitation,
    EncounterCitation,
    ResponseCitation,
)
from cases.models.forms import (
    ResistanceFormAlias,
    ResistanceFormCitation,
    WarningSign,
)
from cases.models.lessons import LessonCitation
from cases.models.organisations import OrganisationAlias, OrganisationCitation
from kb.exports.columns import NOT_PUBLIC, Column, Kind, Part, Source, Table
from sources.choices import NOT_STATED, Basis, CitationBasis, Seen, SourceKind
from sources.models import Record
from sources.models import Source as CitedSource
from strategies.models import (
    Strategy,
    StrategyAlias,
    StrategyCitation,
    StrategyFamily,
    StrategyFamilyCitation,
)

PLACE = Coalesce("sort_order", 0)


def code(name: str, label, meaning, source: Source = "", **more) -> Column:
    """A column of codes: of a closed list, or of another table."""
    return Column(name, label, meaning, source, Kind.CODE, **more)


def number(name: str, label, meaning, source: Source = "", **more) -> Column:
    return Column(name, label, meaning, source, Kind.INTEGER, **more)


def several(name: str, label, meaning, source: str, **more) -> Column:
    return Column(name, label, meaning, source, Kind.LIST, **more)


def basis(name: str, label, path: str = "") -> Column:
    """How the coded fact before it is known."""
    meaning = _("Whether the source states it, or a curator read it so.")
    return code(f"{name}_basis", label, meaning, path or f"{name}_basis", choices=Basis)


def term(path: str, model: type[Record]) -> Source:
    """The slug of a term that is public; that it is not, where it was taken back."""
    return models.Case(
        models.When(Q(**{f"{path}__isnull": True}), then=Value("")),
        models.When(model.is_public(f"{path}__"), then=F(f"{path}__slug")),
        default=Value(NOT_PUBLIC),
        output_field=models.CharField(),
    )


def place(model: type[models.Model], parent: str, path: str = "") -> Source:
    """Which one of its siblings a row is, counted from 1.

    path leads from the model of the table to the row.
    """

    def here(name: str) -> OuterRef:
        return OuterRef(f"{path}__{name}" if path else name)

    rows = model.objects.annotate(at=PLACE).filter(**{parent: here(parent)})
    at = Coalesce(here("sort_order"), 0)
    siblings = rows.filter(Q(at__lt=at) | Q(at=at, pk__lte=here("pk"))).order_by()
    return Subquery(siblings.values(parent).annotate(n=Count("pk")).values("n"))


CASE = _("Case")
OF_CASE = _("The code of the case that it belongs to.")
FORM_SAYS = _("The form of resistance.")
STRATEGY_SAYS = _("The strategy that it followed.")
ENCOUNTER_NUMBER = _("Which of the encounters of its case, counted from 1.")
RESPONSE_NUMBER = _("Which of the answers to its encounter, counted from 1.")
OTHER_NAMES = _("Other names that readers may know.")
REPLACED = _("For a term that is no longer used: the one that replaced it.")
POSITION = _("Where it stands in the order of the site.")
SLUG = _("Short name")
SLUG_SAYS = _("What addresses and other tables call it. It never changes.")
RETIRED = _("Replaced by")

CASES = Table(
    "cases",
    _("Cases"),
    _("What organisations met in one country, as far as a source tells: one row each."),
    ("code",),
    (
        Column("code", _("Code"), _("The public code. It never changes."), "code"),
        Column("slug", SLUG, _("Its page is at /cases/ and this name."), "slug"),
        Column("title", _("Title"), _("A title in our words."), "title"),
        code(
            "place_precision",
            _("How closely the place is told"),
            _("Country, region only, or no place, to keep people safe."),
            "place_precision",
            choices=PlacePrecision,
        ),
        code(
            "country",
            _("Country"),
            _("ISO 3166-1 code of the country; not stated where it is not told."),
            "country_id",
            refers="countries",
            silent=NOT_STATED,
        ),
        code(
            "region",
            _("Region"),
            _("UN M49 code of the smallest region that the case counts for."),
            Coalesce("country__region_id", "region_id"),
            silent=NOT_STATED,
        ),
        Column(
            "region_name",
            _("Name of the region"),
            _("The name of that region in the UN’s M49 standard."),
            Coalesce("country__region__name", "region__name"),
            silent=NOT_STATED,
        ),
        code(
            "naming",
            _("How the organisation is spoken of"),
            _("By its name where a source gives one, by another name, or by its kind."),
            "naming",
            choices=Naming,
        ),
        several(
            "organisations",
            _("Organisations"),
            _("Short names of the organisations; not stated where none is named."),
            "organisations__slug",
            refers="organisations",
            silent=NOT_STATED,
        ),
        Column(
            "pseudonym",
            _("Other name of the organisation"),
            _("Only where it is spoken of by another name; empty elsewhere."),
            "pseudonym",
        ),
        code(
            "organisation_kind",
            _("Kind of organisation"),
            _("Only where it is spoken of by its kind; empty elsewhere."),
            "organisation_kind",
            choices=OrganisationKind,
        ),
        Column("snapshot", _("Snapshot"), _("The case in short."), "snapshot"),
        Column(
            "context",
            _("Context"),
            _("What the source itself says of the background."),
            "context",
            silent=NOT_STATED,
        ),
        code(
            "time_precision",
            _("How closely the time is told"),
            _("Decade, year or quarter."),
            "time_precision",
            choices=TimePrecision,
        ),
        number(
            "period_from",
            _("From"),
            _("The first year; of a decade, its first year."),
            "period_from",
            silent=NOT_STATED,
        ),
        number(
            "quarter_from",
            _("First quarter"),
            _("The quarter of the first year, where that is told."),
            "quarter_from",
        ),
        number(
            "period_to",
            _("To"),
            _("The last year; of a decade, its last year."),
            "period_to",
            silent=NOT_STATED,
        ),
        number(
            "quarter_to",
            _("Last quarter"),
            _("The quarter of the last year, where that is told."),
            "quarter_to",
        ),
        basis("period", _("Basis of the period")),
        code(
            "telling",
            _("How much is told"),
            _("Described by its source, or only named there."),
            "telling",
            choices=Telling,
        ),
        code(
            "evidence",
            _("Kind of evidence"),
            _("What kind of source it is known from."),
            "evidence",
            choices=Evidence,
        ),
        Column(
            "last_checked",
            _("Last checked"),
            _("The day on which somebody last compared it with its sources."),
            "last_checked",
            Kind.DATE,
        ),
        several("aliases", _("Other names"), OTHER_NAMES, "aliases__name"),
    ),
    (Part(Case, case=""),),
)

ENCOUNTERS = Table(
    "encounters",
    _("Encounters"),
    _("Each resistance that a case met: its form, from whom, and where."),
    ("case", "encounter"),
    (
        Column("case", CASE, OF_CASE, "case__code", refers="cases"),
        number(
            "encounter",
            _("Number"),
            ENCOUNTER_NUMBER,
            place(Encounter, "case"),
        ),
        code(
            "form",
            _("Form of resistance"),
            FORM_SAYS,
            term("form", Form),
            refers="forms",
            silent=NOT_STATED,
        ),
        basis("form", _("Basis of the form")),
        code("actor", _("Who resists"), _("Who resisted."), "actor", choices=Actor),
        basis("actor", _("Basis of who resists")),
        code("setting", _("Setting"), _("Where."), "setting", choices=Setting),
        basis("setting", _("Basis of the setting")),
        Column("text", _("What they met"), _("What happened, in our words."), "text"),
    ),
    (Part(Encounter, case="case", order=(PLACE, "pk")),),
)

RESPONSES = Table(
    "responses",
    _("Responses"),
    _("Each answer to an encounter: what was done, and what came of it."),
    ("case", "encounter", "response"),
    (
        Column("case", CASE, OF_CASE, "encounter__case__code", refers="cases"),
        number(
            "encounter",
            _("Encounter"),
            ENCOUNTER_NUMBER,
            place(Encounter, "case", "encounter"),
            refers="encounters",
        ),
        number(
            "response",
            _("Number"),
            RESPONSE_NUMBER,
            place(Response, "encounter"),
        ),
        code(
            "form",
            _("Form of resistance"),
            _("The form of the encounter that it answers."),
            term("encounter__form", Form),
            refers="forms",
            silent=NOT_STATED,
        ),
        basis("form", _("Basis of the form"), "encounter__form_basis"),
        code(
            "strategy",
            _("Strategy"),
            STRATEGY_SAYS,
            term("strategy", Strategy),
            refers="strategies",
            silent=NOT_STATED,
        ),
        basis("strategy", _("Basis of the strategy")),
        code(
            "family",
            _("Family"),
            _("The family of that strategy."),
            term("strategy__family", StrategyFamily),
            refers="families",
            silent=NOT_STATED,
        ),
        Column("text", _("What was done"), _("What they did, in our words."), "text"),
        code(
            "effect",
            _("Effect"),
            _("What came of it, as the source tells."),
            "effect",
            choices=Effect,
        ),
        basis("effect", _("Basis of the effect")),
        Column(
            "side_effects",
            _("Side-effects"),
            _("What else came of it."),
            "side_effects",
            silent=NOT_STATED,
        ),
        basis("side_effects", _("Basis of the side-effects")),
        code(
            "visibility",
            _("Visibility"),
            _("How much of it could be seen from outside."),
            "visibility",
            choices=Visibility,
        ),
        basis("visibility", _("Basis of the visibility")),
        Column(
            "risk_bearer",
            _("Who bore the risk"),
            _("A role or a group, never a person."),
            "risk_bearer",
            silent=NOT_STATED,
        ),
        basis("risk_bearer", _("Basis of who bore the risk")),
    ),
    (
        Part(
            Response,
            case="encounter__case",
            order=(Coalesce("encounter__sort_order", 0), "encounter", PLACE, "pk"),
        ),
    ),
)

LESSONS = Table(
    "lessons",
    _("Lessons"),
    _("What a source or a case teaches: findings, lessons, recommendations."),
    ("slug",),
    (
        Column("slug", SLUG, SLUG_SAYS, "slug"),
        code(
            "kind",
            _("Kind"),
            _("Finding, lesson or recommendation."),
            "kind",
            choices=LessonKind,
        ),
        Column("title", _("Title"), _("The lesson in a sentence."), "title"),
        Column("text", _("Text"), _("The lesson in our words."), "text"),
        number("position", _("Position"), POSITION, "position"),
        several(
            "cases",
            _("Cases"),
            _("Cases that teach it."),
            "cases__code",
            refers="cases",
        ),
        several(
            "forms",
            _("Forms"),
            _("Forms of resistance that it speaks of."),
            "forms__slug",
            refers="forms",
        ),
        several(
            "strategies",
            _("Strategies"),
            _("Strategies that it speaks of."),
            "strategies__slug",
            refers="strategies",
        ),
    ),
    (Part(Lesson, order=("position", "slug")),),
)

FORMS = Table(
    "forms",
    _("Forms of resistance"),
    _("The ways in which resistance shows itself, from passive to active."),
    ("slug",),
    (
        Column("slug", SLUG, SLUG_SAYS, "slug"),
        Column("name", _("Name"), _("What the site calls it."), "name"),
        code("mode", _("Mode"), _("Passive or active."), "mode", choices=Mode),
        Column("definition", _("Definition"), _("What is meant."), "definition"),
        Column("note", _("Note"), _("What else is to be known of it."), "note"),
        number("position", _("Position"), POSITION, "position"),
        code(
            "replaced_by",
            RETIRED,
            REPLACED,
            term("replaced_by", Form),
            refers="forms",
        ),
        several("aliases", _("Other names"), OTHER_NAMES, "aliases__name"),
        several("signs", _("Early signs"), _("How it shows early."), "signs__text"),
    ),
    (Part(Form, order=("position", "slug")),),
)

FAMILIES = Table(
    "families",
    _("Families of strategies"),
    _("The kinds of response that the brief tells apart."),
    ("slug",),
    (
        Column("slug", SLUG, SLUG_SAYS, "slug"),
        Column("name", _("Name"), _("What the site calls it."), "name"),
        Column("definition", _("Definition"), _("What is meant."), "definition"),
        number("position", _("Position"), POSITION, "position"),
        code(
            "replaced_by",
            RETIRED,
            REPLACED,
            term("replaced_by", StrategyFamily),
            refers="families",
        ),
    ),
    (Part(StrategyFamily, order=("position", "slug")),),
)

STRATEGIES = Table(
    "strategies",
    _("Strategies"),
    _("Ways of responding to resistance."),
    ("slug",),
    (
        Column("slug", SLUG, SLUG_SAYS, "slug"),
        Column("name", _("Name"), _("What the site calls it."), "name"),
        code(
            "family",
            _("Family"),
            _("The family that it belongs to."),
            term("family", StrategyFamily),
            refers="families",
        ),
        code(
            "family_basis",
            _("Basis of the family"),
            _("Whether a source puts it there, or a curator did."),
            "family_basis",
            choices=CitationBasis,
        ),
        Column("definition", _("Definition"), _("What is meant."), "definition"),
        Column("caution", _("Caution"), _("What can go wrong."), "caution"),
        number("position", _("Position"), POSITION, "position"),
        code(
            "replaced_by",
            RETIRED,
            REPLACED,
            term("replaced_by", Strategy),
            refers="strategies",
        ),
        several("aliases", _("Other names"), OTHER_NAMES, "aliases__name"),
    ),
    (Part(Strategy, order=("family__position", "position", "slug")),),
)

COUNTRIES = Table(
    "countries",
    _("Countries"),
    _("Countries of the cases and organisations in the other tables."),
    ("code",),
    (
        Column("code", _("Code"), _("ISO 3166-1 code of two letters."), "code"),
        Column("name", _("Name"), _("What the site calls it."), "name"),
        code("m49", _("M49 code"), _("The UN’s number of the country."), "m49"),
        code("region", _("Region"), _("UN M49 code of its region."), "region_id"),
        Column(
            "region_name",
            _("Name of the region"),
            _("The name of that region in the UN’s M49 standard."),
            "region__name",
        ),
    ),
    (Part(Country, order=("name", "code")),),
)

ORGANISATIONS = Table(
    "organisations",
    _("Organisations"),
    _("Organisations that a published source names."),
    ("slug",),
    (
        Column("slug", SLUG, SLUG_SAYS, "slug"),
        Column("name", _("Name"), _("Its own name."), "name"),
        code(
            "country",
            _("Country"),
            _("ISO 3166-1 code of the country that it works in."),
            "country_id",
            refers="countries",
        ),
        code(
            "kind",
            _("Kind"),
            _("What kind of organisation it is."),
            "kind",
            choices=OrganisationKind,
        ),
        several("aliases", _("Other names"), OTHER_NAMES, "aliases__name"),
    ),
    (Part(Organisation, order=("name", "slug")),),
)

SOURCES = Table(
    "sources",
    _("Sources"),
    _("The works that the statements in the other tables come from."),
    ("slug",),
    (
        Column("slug", SLUG, SLUG_SAYS, "slug"),
        Column("title", _("Title"), _("The title of the work."), "title"),
        Column(
            "publisher",
            _("Publisher"),
            _("The responsible organisation or journal, never a person."),
            "publisher",
        ),
        number(
            "year", _("Year"), _("The year of the work."), "year", silent=NOT_STATED
        ),
        code(
            "kind", _("Kind"), _("What kind of work it is."), "kind", choices=SourceKind
        ),
        Column("url", _("Address"), _("Where it can be read, if it can."), "url"),
        code("language", _("Language"), _("ISO 639 code."), "language"),
        code(
            "seen",
            _("How much was read"),
            _("How much of it was read before it was cited."),
            "seen",
            choices=Seen,
        ),
        Column("note", _("Note"), _("What else is to be known of it."), "note"),
    ),
    (Part(CitedSource, order=("title", "slug")),),
)


def cited(model: type[models.Model], of: str, **own) -> Part:
    """Citations of one kind of record."""
    order = "parent", PLACE, "pk"
    own = {"of": Value(of), "key": "parent__slug"} | own
    case = own.pop("case", None)
    return Part(model, case, "" if case else "parent", order, own)


CITATIONS = Table(
    "citations",
    _("Citations"),
    _("Where each statement comes from: one row for a source and a place in it."),
    (),
    (
        code(
            "of", _("Of"), _("The table in which the statement stands, or what else.")
        ),
        Column("key", _("Key"), _("The code or short name of its row there.")),
        number(
            "encounter", _("Encounter"), _("Of a statement on an encounter: which.")
        ),
        number("response", _("Response"), _("Of a statement on a response: which.")),
        Column(
            "words",
            _("Words"),
            _("Of a name or an early sign: what is cited for it."),
        ),
        code(
            "source",
            _("Source"),
            _("The short name of the work."),
            term("source", CitedSource),
            refers="sources",
        ),
        Column(
            "locator",
            _("Place in the source"),
            _("A page, section or heading; empty for a short page."),
            "locator",
        ),
        code(
            "basis",
            _("Basis"),
            _("Whether the source states it, or a curator read it so."),
            "basis",
            choices=CitationBasis,
        ),
    ),
    (
        cited(CaseCitation, "cases", case="parent", key="parent__code"),
        cited(CaseAlias, "names", case="parent", key="parent__code", words="name"),
        cited(
            EncounterCitation,
            "encounters",
            case="parent__case",
            key="parent__case__code",
            encounter=place(Encounter, "case", "parent"),
        ),
        cited(
            ResponseCitation,
            "responses",
            case="parent__encounter__case",
            key="parent__encounter__case__code",
            encounter=place(Encounter, "case", "parent__encounter"),
            response=place(Response, "encounter", "parent"),
        ),
        cited(LessonCitation, "lessons"),
        cited(ResistanceFormCitation, "forms"),
        cited(ResistanceFormAlias, "names", words="name"),
        cited(WarningSign, "signs", words="text"),
        cited(StrategyFamilyCitation, "families"),
        cited(StrategyCitation, "strategies"),
        cited(StrategyAlias, "names", words="name"),
        cited(OrganisationCitation, "organisations"),
        cited(OrganisationAlias, "names", words="name"),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(CASES, ENCOUNTERS, RESPONSES, LESSONS, FORMS, STRATEGIES, FAMILIES),
        *(COUNTRIES, ORGANISATIONS, SOURCES, CITATIONS),
    )
}

# What is given to nobody: by model, or by field, each with the reason.
OF_THE_DESK = "how the desk keeps drafts and history"
OF_A_ROW = "how the database finds and orders rows"
IN_THE_LOG = "what was published and taken away when is told at /changes/"
WITHHELD: dict[str, str] = {
    "*.id": OF_A_ROW,
    "*.sort_order": OF_A_ROW,
    "*.parent": OF_A_ROW,
    **dict.fromkeys(
        (
            *("*.live", "*.has_unpublished_changes", "*.latest_revision"),
            *("*.live_revision", "*.go_live_at", "*.expire_at", "*.expired"),
            *("*.locked", "*.locked_at", "*.locked_by"),
        ),
        OF_THE_DESK,
    ),
    **dict.fromkeys(
        ("*.first_published_at", "*.last_published_at", "*.withdrawn_at"), IN_THE_LOG
    ),
    "*.merged_into": "a merged record is in no file; its address leads on",
    "Case.origin": "it would tell whether somebody spoke to us",
    "Case.visible_from": "when consents and embargoes end is nobody’s business",
    "Case.visible_until": "when consents and embargoes end is nobody’s business",
    "CaseAlias.note": "who uses a name may point at people",
    "OrganisationAlias.note": "who uses a name may point at people",
    "ResistanceFormAlias.note": "who uses a word is said on the page of the form",
    "StrategyAlias.note": "who uses a word is said on the page of the strategy",
    "Country.latitude": "for the map; a public standard has better ones",
    "Country.longitude": "for the map; a public standard has better ones",
    "Country.aliases": "other spellings, for the search",
    "Region.parent": "a public standard: UN M49",
    "Region.within": "a public standard: UN M49",
    "ContextNote": "background, no part of the cases: see the pages of countries",
    "ContextNoteCitation": "background, no part of the cases",
    "Change": "told at /changes/ and in the notes of each version",
    "Consent": "the safety file of a case is private",
    "RiskAssessment": "the safety file of a case is private",
    "SearchEntry": "what search knows is made of the rest",
    "SearchWord": "what search knows is made of the rest",
    "WaitingEntry": "what search knows is made of the rest",
    "ContentChange": "how servers keep in step",
    "SavedIndex": "how servers keep in step",
}
