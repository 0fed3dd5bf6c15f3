"""The way to the desk: signed in, with a second factor shown, and with a role."""

from collections.abc import Callable
from functools import cache

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from curation.accounts.proof import has_factor, showed_factor


class SecondFactorGate:
    """Before all else at the desk: sign in, and show a second factor or make one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view, args, kwargs
    ) -> HttpResponse | None:
        if not is_guarded(request.path):
            return None
        if not request.user.is_authenticated or not showed_factor(request):
            return redirect(way_in(request))
        if not request.user.has_perm("wagtailadmin.access_admin"):
            raise PermissionDenied
        return None


def is_guarded(path: str) -> bool:
    """Whether an address is the desk’s own, and not one for signing in."""
    home, doors = desk()
    return path.startswith(home) and not path.startswith(doors)


@cache
def desk() -> tuple[str, tuple[str, ...]]:
    """Where the desk is, and what of it is for signing in."""
    home = reverse("wagtailadmin_home")
    return home, tuple(f"{home}{door}/" for door in ("account", "login", "logout"))


def way_in(request: HttpRequest) -> str:
    """Where somebody who may not come in yet goes: to sign in, to show, to set up."""
    door = reverse("account_login")
    if request.user.is_authenticated:
        if not has_factor(request.user):
            return reverse("mfa_index")
        door = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
    return f"{door}?{urlencode({'next': request.get_full_path()})}"
