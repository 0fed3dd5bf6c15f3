"""Which screens the desk has. What is not listed here is not there for anybody.

Wagtail brings many that we do not use: pages, images, documents, reports, workflows,
users and groups. A list of what we use cannot forget one that the next version adds.
"""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import ResolverMatch

from kb.desk.places import is_desk

NAMES = frozenset(
    {
        "desk_login",
        "desk_logout",
        "wagtailadmin_home",
        "wagtailadmin_dismissibles",  # whoever closed a hint need not close it again
        "wagtailadmin_sprite",  # icons
        "wagtailadmin_javascript_catalog",
    }
)
SPACES = frozenset({"curation", "wagtailadmin_editing_sessions"})
SPACES_OF_RECORDS = ("wagtailsnippets_", "wagtailsnippetchoosers_")
OWN_ACCOUNT = ("account", "mfa_")


class ListedScreens:
    """Answers 404 for every address of the desk that is not listed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        if is_desk(request) and not is_listed(request.resolver_match):
            raise Http404


def is_listed(match: ResolverMatch) -> bool:
    """Whether a screen is one of ours, or one of Wagtail’s that we use."""
    if not match.namespaces:
        name = match.url_name or ""
        return name in NAMES or name.startswith(OWN_ACCOUNT)
    space = match.namespaces[0]
    return space in SPACES or space.startswith(SPACES_OF_RECORDS)
