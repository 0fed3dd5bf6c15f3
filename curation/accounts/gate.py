"""The way to the desk: signed in, and with a second factor."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


class SecondFactorGate:
    """Sends whoever has no second factor yet to set one up, before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = is_guarded(request.path) and request.user.is_authenticated
        if known and not is_mfa_enabled(request.user):
            return redirect("mfa_index")
        return self.get_response(request)


def is_guarded(path: str) -> bool:
    """Whether an address is the desk’s own, and not one for signing in."""
    desk = reverse("wagtailadmin_home")
    return path.startswith(desk) and not path.startswith(f"{desk}account/")
