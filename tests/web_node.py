"""A web node for test_replication.py, and the one case that it shows.

Run as a program it writes the case; for a server it is what is served.
"""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
# Pages without collectstatic.
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
django.setup()


def write_case():
    """The case that pages are asked for."""
    from tests import factories

    case = factories.CaseFactory(code="C900", slug="here", title="As it was")
    factories.cite(case, factories.SourceFactory())


if __name__ == "__main__":
    write_case()
else:
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
