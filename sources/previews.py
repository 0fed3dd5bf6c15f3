"""How a draft looks before it is public: the real page, drawn from the draft."""

from collections.abc import Callable

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP

type Page = Callable[[HttpRequest, models.Model], HttpResponse]

PAGES: dict[type[models.Model], Page] = {}


def framed(response: HttpResponse) -> HttpResponse:
    """Let the desk, and nobody else, show the page in a frame."""
    response._csp_config = settings.SECURE_CSP | {"frame-ancestors": [CSP.SELF]}
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    return response


def page_of(*kinds: type[models.Model]) -> Callable[[Page], Page]:
    """Mark the function that draws the page of a kind of record, public or not."""

    def mark(page: Page) -> Page:
        PAGES.update(dict.fromkeys(kinds, page))
        return page

    return mark
