"""What every answer to a program has: it may be read from any site, and is small."""

from collections.abc import Callable

import brotli
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from kb.api.problems import PATH

METHODS = "GET, HEAD, OPTIONS"
SMALLEST = 200  # bytes worth compressing
EFFORT = 4  # of 11: as quick as gzip, and smaller


class ForPrograms:
    """Lets scripts of all sites read, answers what they ask before, and compresses.

    Nothing here depends on who asks: no cookie is read, and none is set.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PATH):
            return self.get_response(request)
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
            response["Allow"] = response["Access-Control-Allow-Methods"] = METHODS
            response["Access-Control-Allow-Headers"] = "If-None-Match"
            response["Access-Control-Max-Age"] = "86400"
        else:
            response = self.get_response(request)
            compress(request, response)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Link"
        return response


def compress(request: HttpRequest, response: HttpResponse) -> None:
    """Make an answer small for those who read Brotli; gzip is made further out."""
    if len(response.content) < SMALLEST:
        return
    patch_vary_headers(response, ["Accept-Encoding"])
    accepted = request.headers.get("Accept-Encoding", "").replace(" ", "").split(",")
    if "br" not in accepted:
        return
    response.content = brotli.compress(response.content, quality=EFFORT)
    response["Content-Encoding"] = "br"
    response["Content-Length"] = str(len(response.content))
    if etag := response.get("ETag"):
        response["ETag"] = f"W/{etag.removeprefix('W/')}"
