"""The desk’s own screens, and where they stand in its menu."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry

from curation import merging
from curation.roles import ADMINS, has_role
from curation.views import records
from sources.models import Record


@hooks.register("register_admin_urls")
def addresses() -> list:
    """Our own screens."""
    return [path("curation/", include("curation.urls"))]


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
