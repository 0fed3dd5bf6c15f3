"""The way to the desk: signed in, with a second factor shown, and with a role."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from curation.accounts.proof import has_factor, showed_factor


class SecondFactorGate:
    """Sends whoever has shown no second factor to show or make one, before all else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_guarded(request.path) and request.user.is_authenticated:
            if not showed_factor(request):
                return redirect(way_in(request))
            if not request.user.has_perm("wagtailadmin.access_admin"):
                raise PermissionDenied
        return self.get_response(request)


def is_guarded(path: str) -> bool:
    """Whether an address is the desk’s own, and not one for signing in."""
    desk = reverse("wagtailadmin_home")
    doors = [f"{desk}{door}/" for door in ("account", "login", "logout")]
    return path.startswith(desk) and not path.startswith(tuple(doors))


def way_in(request: HttpRequest) -> str:
    """Where somebody without a shown factor goes: to show theirs, or to make one."""
    if not has_factor(request.user):
        return reverse("mfa_index")
    method = get_adapter().get_reauthentication_methods(request.user)[0]
    return f"{method['url']}?{urlencode({'next': request.path})}"
