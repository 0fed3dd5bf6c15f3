"""What happened: places, forms of resistance, and the cases that join them."""

from cases.models.cases import (
    Case,
    CaseAlias,
    CaseCitation,
    Encounter,
    EncounterCitation,
    Response,
    ResponseCitation,
    is_code,
)
from cases.models.entries import (
    SearchEntry,
    SearchWord,
    WaitingEntry,
)
from cases.models.forms import (
    ResistanceForm,
    ResistanceFormAlias,
    ResistanceFormCitation,
    WarningSign,
)
from cases.models.kept import ContentChange, SavedIndex
from cases.models.lessons import (
    ContextNote,
    ContextNoteCitation,
    Lesson,
    LessonCitation,
)
from cases.models.organisations import (
    Organisation,
    OrganisationAlias,
    OrganisationCitation,
)
from cases.models.places import (
    Country,
    Region,
)
from cases.models.safety import Consent, RiskAssessment

__all__ = [
    "Case",
    "CaseAlias",
    "CaseCitation",
    "Consent",
    "ContentChange",
    "ContextNote",
    "ContextNoteCitation",
    "Country",
    "Encounter",
    "EncounterCitation",
    "Lesson",
    "LessonCitation",
    "Organisation",
    "OrganisationAlias",
    "OrganisationCitation",
    "Region",
    "ResistanceForm",
    "ResistanceFormAlias",
    "ResistanceFormCitation",
    "Response",
    "ResponseCitation",
    "RiskAssessment",
    "SavedIndex",
    "SearchEntry",
    "SearchWord",
    "WaitingEntry",
    "WarningSign",
    "is_code",
]
