"""Leaving quickly, and finding nothing when somebody presses Back.

/leave/ sends the reader to a neutral site, tells the browser to forget our pages, and
sets a marker that lives for fifteen minutes. It does so in two steps: first an empty
page, then the way out. A browser keeps the page that it leaves in memory for “Back”,
and forgets it only for an answer that comes once another page is shown. While the
marker lives every page of ours is answered with a plain question, so Back shows
nothing, with or without JavaScript. The marker says nothing but that; it is the only
cookie a reader ever gets.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

MARKER = "leaving"
MINUTES = 15


# Exempt: all that POST does is to end the reader’s own marker, and a token would need
# a second cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """GET leaves; POST comes back, to the page named in `next`."""
    if request.method == "POST":
        return come_back(request)
    if "now" in request.GET:
        response = HttpResponseRedirect(settings.LEAVE_URL, status=303)
        response["Clear-Site-Data"] = '"cache", "storage"'
    else:
        response = render(request, "leaving.html")
        response["Refresh"] = f"0;url={reverse('pages:leave')}?now=1"
    response.set_cookie(
        MARKER,
        "1",
        max_age=MINUTES * 60,
        secure=not settings.INSECURE_HTTP,
        httponly=True,
        samesite="Lax",
    )
    add_never_cache_headers(response)
    return response


def come_back(request: HttpRequest) -> HttpResponse:
    """End the marker and go to a page of ours."""
    target = request.POST.get("next", "")
    leads_out = target.startswith(reverse("pages:leave"))
    if leads_out or not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = reverse("pages:home")
    response = HttpResponseRedirect(target, status=303)
    response.delete_cookie(MARKER, samesite="Lax")
    add_never_cache_headers(response)
    return response


class Leaving:
    """While the marker lives, asks before it shows a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if MARKER in request.COOKIES and request.path != reverse("pages:leave"):
            context = {"next": request.get_full_path()}
            response = render(request, "continue.html", context)
            add_never_cache_headers(response)
        else:
            response = self.get_response(request)
        patch_vary_headers(response, ["Cookie"])
        return response
