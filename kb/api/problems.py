"""Errors as programs read them: RFC 9457, with the parameters at fault by name."""

import json
from collections.abc import Iterable
from http import HTTPStatus

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PATH = "/api/"  # below it every error is told so
KIND = "application/problem+json"


# What is said of these, where nothing more is known.
SENTENCES = {
    404: _("There is no such table or record."),
    405: _("This can only be read."),
    410: _("It was withdrawn, and will not come back. Drop your copy."),
    429: _("Too many questions at once. Wait as long as Retry-After says."),
}


class Problem(Exception):  # noqa: N818 — it is an answer, not a fault
    """What cannot be answered, and why; parameters are those at fault."""

    def __init__(
        self, status: int, detail: str | Promise, parameters: Iterable[str] = ()
    ):
        super().__init__(status, detail)
        self.status, self.detail, self.parameters = status, detail, [*parameters]

    def answer(self) -> HttpResponse:
        """The answer that says so. Nobody keeps it."""
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": str(self.detail),
        }
        if self.parameters:
            body["parameters"] = self.parameters
        response = HttpResponse(
            json.dumps(body, ensure_ascii=False), content_type=KIND, status=self.status
        )
        response["Cache-Control"] = "no-store"
        return response
