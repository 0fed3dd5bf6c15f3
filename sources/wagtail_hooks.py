"""Sources on the desk."""

from functools import cached_property

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList, TitleFieldPanel
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from sources.choosers import RecordChooserViewSet, short_form
from sources.desk import (
    RecordCompareView,
    RecordCreateView,
    RecordEditView,
    RecordHistoryView,
    RecordIndexView,
    RecordPreviewRevisionView,
    TwinsPanel,
)
from sources.history import KEPT
from sources.models import Source

CITATION = [
    FieldPanel("source"),
    FieldRowPanel([FieldPanel("locator"), FieldPanel("basis")]),
]
ALIAS = [
    FieldRowPanel([FieldPanel("name"), FieldPanel("note")]),
    FieldPanel("source"),
    FieldRowPanel([FieldPanel("locator"), FieldPanel("basis")]),
]


UNUSED = frozenset({"explorer", "images", "documents", "help"})


class RecordViewSet(SnippetViewSet):
    """What the desks of all our records have in common."""

    list_per_page = 50
    ordering = ["slug"]
    copy_view_enabled = False
    chooser_viewset_class = RecordChooserViewSet
    add_to_admin_menu = True
    index_view_class = RecordIndexView
    index_template_name = "wagtailadmin/generic/index.html"
    add_view_class = RecordCreateView
    edit_view_class = RecordEditView
    history_view_class = RecordHistoryView
    revisions_view_class = RecordPreviewRevisionView
    revisions_compare_view_class = RecordCompareView
    short_form: list[str] = []  # what a chooser asks for to make a draft on the way

    @cached_property  # a form of a hundred choosers asks for it twice for each
    def chooser_viewset(self):
        chooser = super().chooser_viewset
        chooser.creation_form_class = short_form(self.model, self.short_form)
        return chooser

    def get_edit_handler(self):
        """The panels, below what says that the record may be there already."""
        return ObjectList([TwinsPanel(), *self.panels]).bind_to_model(self.model)


class SourceViewSet(RecordViewSet):
    model = Source
    menu_order = 180
    icon = "doc-full"
    list_display = ["title", "publisher", "year"]
    list_filter = ["kind", "language", "seen"]
    search_fields = ["title", "publisher", "slug"]
    short_form = ["title", "publisher", "year", "kind", "url", "language"]
    panels = [
        TitleFieldPanel("title"),
        FieldPanel("publisher"),
        FieldRowPanel([FieldPanel("year"), FieldPanel("kind"), FieldPanel("language")]),
        FieldPanel("url"),
        FieldPanel("seen"),
        FieldPanel("note"),
        FieldPanel("slug", help_text=_("Its address; it never changes.")),
    ]


@hooks.register("insert_global_admin_js")
def start() -> SafeString:
    """Start panels and choosers from a file: the desk allows no inline script."""
    return format_html('<script src="{}" defer></script>', static("desk/start.js"))


@hooks.register("register_log_actions")
def name_what_we_log(actions: LogActionRegistry) -> None:
    """What the history calls the revisions that Wagtail knows nothing of."""
    words = _("Kept what was there before the first edit")
    actions.register_action(KEPT, words, words)


@hooks.register("construct_main_menu")
def hide_what_is_not_used(request: HttpRequest, items: list) -> None:
    """No Wagtail pages, images, documents or reports of them."""
    items[:] = [item for item in items if item.name not in UNUSED]


register_snippet(SourceViewSet)
