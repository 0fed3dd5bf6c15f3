"""Families and strategies on the desk."""

from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, TitleFieldPanel
from wagtail.snippets.models import register_snippet

from sources.wagtail_hooks import ALIAS, CITATION, RecordViewSet
from strategies.models import Strategy, StrategyFamily

TERM = [
    TitleFieldPanel("name"),
    FieldPanel("definition"),
]
PLACE = [
    FieldRowPanel([FieldPanel("position"), FieldPanel("slug")]),
    FieldPanel("replaced_by"),
]


class FamilyViewSet(RecordViewSet):
    model = StrategyFamily
    menu_order = 160
    icon = "folder-open-1"
    list_display = ["name", "position"]
    short_form = ["name", "definition"]
    search_fields = ["name", "slug"]
    panels = [*TERM, InlinePanel("citations", panels=CITATION), *PLACE]


class StrategyViewSet(RecordViewSet):
    model = Strategy
    menu_order = 170
    icon = "key"
    list_display = ["name", "family"]
    list_filter = ["family"]
    short_form = ["name", "definition", "family"]
    search_fields = ["name", "slug", "aliases__name"]
    panels = [
        *TERM,
        FieldPanel("caution"),
        FieldRowPanel([FieldPanel("family"), FieldPanel("family_basis")]),
        InlinePanel("citations", panels=CITATION),
        InlinePanel("aliases", panels=ALIAS),
        *PLACE,
    ]


register_snippet(FamilyViewSet)
register_snippet(StrategyViewSet)
