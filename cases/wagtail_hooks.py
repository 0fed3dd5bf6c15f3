"""Cases, and what cases are sorted by, on the desk."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    TitleFieldPanel,
)
from wagtail.snippets.models import register_snippet

from cases.models import Case, ContextNote, Lesson, Organisation, ResistanceForm
from sources.wagtail_hooks import ALIAS, CITATION, RecordViewSet
from strategies.wagtail_hooks import PLACE, TERM


def coded(field: str) -> FieldRowPanel:
    """A coded fact with its basis beside it."""
    return FieldRowPanel([FieldPanel(field), FieldPanel(f"{field}_basis")])


RESPONSE = [
    coded("strategy"),
    FieldPanel("text"),
    coded("effect"),
    coded("side_effects"),
    coded("visibility"),
    coded("risk_bearer"),
    InlinePanel("citations", panels=CITATION, label=_("Citation"), min_num=1),
]
ENCOUNTER = [
    coded("form"),
    coded("actor"),
    coded("setting"),
    FieldPanel("text"),
    InlinePanel("citations", panels=CITATION, label=_("Citation"), min_num=1),
    InlinePanel("responses", panels=RESPONSE, label=_("Response")),
]


class CaseViewSet(RecordViewSet):
    model = Case
    menu_order = 110
    icon = "doc-full-inverse"
    ordering = ["code"]
    list_display = ["code", "title", "country"]
    list_filter = ["telling", "evidence", "live"]
    search_fields = ["code", "title", "slug", "country__name"]
    panels = [
        FieldRowPanel([FieldPanel("code"), FieldPanel("slug")]),
        TitleFieldPanel("title"),
        FieldPanel("origin"),
        MultiFieldPanel(
            [
                FieldPanel("place_precision"),
                FieldRowPanel([FieldPanel("country"), FieldPanel("region")]),
            ],
            heading=_("Where"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("naming"),
                FieldPanel("organisations"),
                FieldRowPanel(
                    [FieldPanel("pseudonym"), FieldPanel("organisation_kind")]
                ),
            ],
            heading=_("Which organisation"),
        ),
        FieldPanel("snapshot"),
        FieldPanel("context"),
        MultiFieldPanel(
            [
                FieldPanel("time_precision"),
                FieldRowPanel([FieldPanel("period_from"), FieldPanel("quarter_from")]),
                FieldRowPanel([FieldPanel("period_to"), FieldPanel("quarter_to")]),
                FieldPanel("period_basis"),
            ],
            heading=_("When"),
        ),
        FieldRowPanel(
            [FieldPanel("telling"), FieldPanel("evidence"), FieldPanel("last_checked")]
        ),
        InlinePanel("citations", panels=CITATION, label=_("Citation"), min_num=1),
        InlinePanel("encounters", panels=ENCOUNTER, label=_("Encounter")),
        InlinePanel("aliases", panels=ALIAS, label=_("Other name")),
    ]


class OrganisationViewSet(RecordViewSet):
    model = Organisation
    menu_order = 120
    icon = "group"
    list_display = ["name", "country"]
    short_form = ["name", "country", "kind"]
    search_fields = ["name", "slug", "aliases__name"]
    panels = [
        TitleFieldPanel("name"),
        FieldRowPanel([FieldPanel("country"), FieldPanel("kind")]),
        InlinePanel("citations", panels=CITATION, label=_("Citation"), min_num=1),
        InlinePanel("aliases", panels=ALIAS, label=_("Other name")),
        FieldPanel("slug"),
    ]


class FormViewSet(RecordViewSet):
    model = ResistanceForm
    menu_order = 150
    icon = "warning"
    list_display = ["name", "mode", "position"]
    short_form = ["name", "definition", "mode"]
    search_fields = ["name", "slug", "aliases__name"]
    panels = [
        *TERM,
        FieldRowPanel([FieldPanel("mode"), FieldPanel("note")]),
        InlinePanel("citations", panels=CITATION, label=_("Citation"), min_num=1),
        InlinePanel(
            "signs", panels=[FieldPanel("text"), *CITATION], label=_("Warning sign")
        ),
        InlinePanel("aliases", panels=ALIAS, label=_("Other name")),
        *PLACE,
    ]


class LessonViewSet(RecordViewSet):
    model = Lesson
    menu_order = 140
    icon = "help"
    list_display = ["title", "kind"]
    list_filter = ["kind"]
    search_fields = ["title", "slug"]
    panels = [
        TitleFieldPanel("title"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("position")]),
        FieldPanel("text"),
        InlinePanel("citations", panels=CITATION, label=_("Citation"), min_num=1),
        MultiFieldPanel(
            [FieldPanel("cases"), FieldPanel("forms"), FieldPanel("strategies")],
            heading=_("What it speaks of"),
        ),
        FieldPanel("slug"),
    ]


class NoteViewSet(RecordViewSet):
    model = ContextNote
    menu_order = 130
    icon = "comment"
    list_display = ["title", "country", "kind"]
    list_filter = ["kind"]
    search_fields = ["title", "slug", "country__name"]
    panels = [
        TitleFieldPanel("title"),
        FieldRowPanel([FieldPanel("country"), FieldPanel("organisation")]),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("year"), FieldPanel("year_to")]),
        FieldPanel("text"),
        InlinePanel("citations", panels=CITATION, label=_("Citation"), min_num=1),
        FieldPanel("slug"),
    ]


for viewset in (
    CaseViewSet,
    OrganisationViewSet,
    FormViewSet,
    LessonViewSet,
    NoteViewSet,
):
    register_snippet(viewset)
