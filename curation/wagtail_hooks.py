"""The desk’s own screens, and where they stand in its menu."""

from django.http import HttpRequest
from django.urls import include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from curation.roles import ADMINS, AUTHORS, PUBLISHERS, REVIEWERS, has_role


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
