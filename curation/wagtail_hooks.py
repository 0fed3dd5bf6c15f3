"""The desk’s own screens, and where they stand in its menu."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import include, path, reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.action_menu import ActionMenuItem

from cases.models import Case
from curation import merging
from curation.roles import ADMINS, AUTHORS, PUBLISHERS, REVIEWERS, has_role
from curation.views import records
from sources.models import Record


class RoleMenuItem(MenuItem):
    """A menu item for some roles only."""

    def __init__(self, *args, roles: tuple[str, ...], **kwargs):
        super().__init__(*args, **kwargs)
        self.roles = roles

    def is_shown(self, request: HttpRequest) -> bool:
        return has_role(request.user, *self.roles)


@hooks.register("register_admin_urls")
def addresses() -> list:
    """Our own screens."""
    return [path("curation/", include("curation.urls"))]


@hooks.register("register_admin_menu_item")
def queue() -> MenuItem:
    """What waits for a review, for everybody."""
    return MenuItem(
        _("Review"), reverse_lazy("curation:queue"), icon_name="tasks", order=50
    )


class OwnScreen(ActionMenuItem):
    """A way from the form of a record to a screen of ours."""

    def __init__(self, label, address: str, *, by_kind: bool, order: int):
        super().__init__(order)
        self.label, self.address, self.by_kind = label, address, by_kind
        self.name = f"action-{address}"

    def is_shown(self, context: dict) -> bool:
        return context["view"] == "edit"

    def get_url(self, context: dict) -> str:
        record = context["instance"]
        kind = [record._meta.model_name] if self.by_kind else []
        return reverse(f"curation:{self.address}", args=[*kind, record.pk])


@hooks.register("register_snippet_action_menu_item")
def to_review(model: type) -> ActionMenuItem | None:
    if not issubclass(model, Record):
        return None
    return OwnScreen(_("Review and release"), "review", by_kind=True, order=10)


@hooks.register("register_snippet_action_menu_item")
def to_safety(model: type) -> ActionMenuItem | None:
    if model is not Case:
        return None
    return OwnScreen(_("Safety file"), "safety", by_kind=False, order=11)


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """How our own screens look."""
    return format_html('<link rel="stylesheet" href="{}">', static("desk/desk.css"))


@hooks.register("register_admin_menu_item")
def import_screen() -> MenuItem:
    """Import and export, for authors."""
    return RoleMenuItem(
        _("Import"),
        reverse_lazy("curation:import"),
        icon_name="upload",
        order=800,
        roles=(AUTHORS,),
    )


@hooks.register("register_admin_menu_item")
def export_file() -> MenuItem:
    """Export alone, for those who do not import."""
    return RoleMenuItem(
        _("Export"),
        reverse_lazy("curation:export"),
        icon_name="download",
        order=810,
        roles=(REVIEWERS, PUBLISHERS, ADMINS),
    )


@hooks.register("register_admin_menu_item")
def people() -> MenuItem:
    """Accounts, for admins."""
    return RoleMenuItem(
        _("People"),
        reverse_lazy("curation:people"),
        icon_name="user",
        order=900,
        roles=(ADMINS,),
    )


@hooks.register("register_admin_menu_item")
def log() -> MenuItem:
    """The log, for admins."""
    return RoleMenuItem(
        _("Log"),
        reverse_lazy("curation:log"),
        icon_name="history",
        order=910,
        roles=(ADMINS,),
    )


@hooks.register("insert_global_admin_css")
def demo_style() -> SafeString | str:
    """How the word that this is a demo looks, where it is one."""
    if not settings.DEMO:
        return ""
    return format_html('<link rel="stylesheet" href="{}">', static("desk/demo.css"))


@hooks.register("register_snippet_listing_buttons")
def to_merge(record: Record, user, next_url: str | None = None) -> list[Button]:
    """The way to merge a term, source or organisation, for admins."""
    is_one = isinstance(record, merging.KINDS) and not record.merged_into_id
    if not is_one or not has_role(user, ADMINS):
        return []
    address = reverse("curation:merge", args=[record._meta.model_name, record.pk])
    return [Button(_("Merge"), address, icon_name="link", priority=25)]


@hooks.register("before_delete_snippet")
def delete(request: HttpRequest, found: list) -> HttpResponse | None:
    """Our own way of deleting a record; many at once cannot be deleted."""
    if not any(isinstance(record, Record) for record in found):
        return None
    if request.resolver_match.url_name != "delete":
        raise PermissionDenied
    return records.delete(request, found[0])


@hooks.register("register_log_actions")
def name_what_we_log(actions: LogActionRegistry) -> None:
    """What the history calls a merge."""
    actions.register_action(merging.MERGED, _("Merge"), _("Changed by a merge"))
