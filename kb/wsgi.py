"""The entry point for a WSGI server: see scripts/server.py."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")

application = get_wsgi_application()
# Or the first reader waits for every address, and all that they lead to, to be loaded.
reverse("pages:home")
