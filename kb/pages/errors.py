"""Error pages that look like the site and say what to do; none asks the database."""

import logging
import traceback
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from kb.api.problems import PATH, SENTENCES, Problem
from kb.desk.places import is_desk
from kb.replicas.pin import NOWHERE, server
from sources.doors import Gone, Moved

logger = logging.getLogger("kb")

MESSAGES = {
    301: (
        _("This page has moved"),
        _("What it was about was merged into another page. Go on to that one:"),
    ),
    400: (
        _("This link cannot be read"),
        _("Something in it is not as it should be. Start again from one of these."),
    ),
    403: (
        _("This is not open to you"),
        _("The page exists, but not for everybody."),
    ),
    404: (
        _("There is no page here"),
        _("The link may be old or mistyped. Start again from one of these."),
    ),
    405: (
        _("This page can only be read"),
        _("It does not accept what was sent to it."),
    ),
    410: (
        _("This page was withdrawn"),
        _("It was public once. It was taken away on purpose and will not come back."),
    ),
    429: (
        _("Too many attempts"),
        _("For your account’s safety, wait five minutes, and try again then."),
    ),
    500: (
        _("Something went wrong on our side"),
        _("It is not your doing. Please try again in a few minutes."),
    ),
    503: (
        _("This is away for a moment"),
        _("Nothing is lost. Please try again in a few minutes."),
    ),
}
OLD_FORM = _("This form is too old. Go back, load its page again, and send it anew.")
TOO_MANY = _("It has far too many parts. Start again from one of these.")


def error_page(request: HttpRequest, status: int, text: str = "") -> HttpResponse:
    """The page for a status, in the site’s own look; to a program as it reads it."""
    title, usual = MESSAGES[status]
    if request.path.startswith(PATH):
        return Problem(status, text or SENTENCES.get(status, usual)).answer()
    context = {"title": title, "text": text or usual, "status": status}
    response = render(request, "error.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def moved(request: HttpRequest, record: Model) -> HttpResponse:
    """Lead on to the record that another one was merged into, and say why."""
    title, text = MESSAGES[301]
    address = record.get_absolute_url()
    context = {"title": title, "text": text, "record": record, "address": address}
    response = render(request, "moved.html", context, status=301)
    response["Location"] = address
    response["Cache-Control"] = "no-cache"
    return response


def bad_request(request: HttpRequest, exception: SuspiciousOperation) -> HttpResponse:
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token of its page: on the desk it is most likely too old."""
    if request.path.startswith("/desk/"):
        return error_page(request, 403, OLD_FORM)
    page = error_page(request, 405)
    page["Allow"] = "GET, HEAD"
    return page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def too_many_attempts(request: HttpRequest) -> HttpResponse:
    return error_page(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)


class ErrorPages:
    """Refuses endless links, turns Gone into its page, gives refusals a sentence.

    Where no server of the database answers, a page that needs one is away.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get("QUERY_STRING", "").count("&") >= settings.MOST_PARAMETERS:
            return error_page(request, 400, TOO_MANY)
        is_away = server.get() == NOWHERE
        if is_away and is_desk(request):  # it does nothing without a server
            return error_page(request, 503)
        response = self.get_response(request)
        if is_away and response.status_code == 500:
            return error_page(request, 503)
        if response.status_code == 405 and not response.content:
            page = error_page(request, 405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if isinstance(exception, Problem):
            return exception.answer()
        if isinstance(exception, Gone):
            return error_page(request, 410)
        if isinstance(exception, Moved):
            return moved(request, exception.record)
        if not isinstance(exception, Http404 | SuspiciousOperation | PermissionDenied):
            # Where it broke and on what kind of error; what was asked stays unsaid.
            where = "".join(traceback.format_tb(exception.__traceback__))
            logger.error("%s\n%s", type(exception).__name__, where)
        if isinstance(exception, OperationalError | InterfaceError):
            return error_page(request, 503)  # as when the database is stopped
        return None
