"""Sources on the desk."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from sources.choosers import RecordChooserViewSet
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


class SourceViewSet(RecordViewSet):
    model = Source
    icon = "doc-full"
    list_display = ["title", "publisher", "year"]
    list_filter = ["kind", "language", "seen"]
    search_fields = ["title", "publisher", "slug"]
    panels = [
        FieldPanel("title"),
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


@hooks.register("construct_main_menu")
def hide_what_is_not_used(request: HttpRequest, items: list) -> None:
    """No Wagtail pages, images, documents or reports of them."""
    items[:] = [item for item in items if item.name not in UNUSED]


register_snippet(SourceViewSet)
