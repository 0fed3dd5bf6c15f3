"""Says on every page of the desk that this is a demo, where it is one."""

from django.conf import settings
from django.http import HttpRequest

from curation.accounts.demo import names


def demo(request: HttpRequest) -> dict:
    """For templates: the demo accounts, none where DEBUG is not 1."""
    return {"demo_accounts": names() if settings.DEMO else []}
