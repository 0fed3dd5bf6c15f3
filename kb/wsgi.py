"""The entry point for a WSGI server: see scripts/server.py."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from kb.pages.charset import read_as_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")

application = read_as_utf8(get_wsgi_application())
# Or the first reader waits for every address, and all that they lead to, to be loaded.
reverse("pages:home")

# What is loaded by now stays: the collector need not look at it again and again. Pages
# leave little for it to find, and to look less often saves a tenth of each.
gc.collect()
gc.freeze()
gc.set_threshold(10_000)
