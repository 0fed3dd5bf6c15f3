"""Where the desk is."""

from functools import cache

from django.http import HttpRequest
from django.urls import reverse


@cache
def desk() -> str:
    """What the addresses of all its screens begin with."""
    return reverse("wagtailadmin_home")


def is_desk(request: HttpRequest) -> bool:
    """Whether a screen of the desk is asked for."""
    return request.path.startswith(desk())
