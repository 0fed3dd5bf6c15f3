"""The desk’s own screens, and where they stand in its menu."""

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import include, path, reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from curation.roles import ADMINS, has_role


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
