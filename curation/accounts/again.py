"""Asking for the second factor once more, before what cannot be undone."""

import time
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import resolve, reverse

from curation.accounts.proof import showed_factor_lately


def second_factor_again(view: Callable[..., HttpResponse]):
    """Open a view only to who showed a passkey or authenticator in five minutes.

    Others show it now and come back. A form that was sent is kept meanwhile and sent
    on; it must not hold files, and its address no query.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if showed_factor_lately(request):
            return view(request, *args, **kwargs)
        return ask(request)

    return guarded


def ask(request: HttpRequest) -> HttpResponse:
    """Keep the form, if there is one, and ask for the factor.

    Not by allauth’s way of keeping it: that stores the address and the browser too.
    """
    request.session.pop(STATE_SESSION_KEY, None)
    if request.method == "POST":
        request.session[STATE_SESSION_KEY] = {
            "callback": f"{__name__}.go_on",
            "state": {
                "path": request.path,
                "form": request.POST.urlencode(),
                "at": time.time(),
            },
        }
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:
        raise PermissionDenied
    return redirect(f"{methods[0]['url']}?{urlencode({'next': request.path})}")


def go_on(request: HttpRequest, state: dict) -> HttpResponse:
    """Send the kept form on; drop one that is old, or was meant for elsewhere."""
    onward = get_next_redirect_url(request) or reverse("wagtailadmin_home")
    is_old = time.time() - state["at"] > app_settings.REAUTHENTICATION_TIMEOUT
    if is_old or onward != state["path"]:
        return redirect(onward)
    request.path = request.path_info = state["path"]
    request.GET, request.POST = QueryDict(), QueryDict(state["form"])
    request.resolver_match = resolve(state["path"])
    view, args, kwargs = request.resolver_match
    return view(request, *args, **kwargs)
