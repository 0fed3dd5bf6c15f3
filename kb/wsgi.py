"""The entry point for a WSGI server: see scripts/server.py."""

import gc
import os
import re
from collections.abc import Callable, Iterable

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")

CHARSET = re.compile(r";\s*charset\*?\s*=[^;]*", re.IGNORECASE)
answer = get_wsgi_application()


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Answer a request; all that it says is UTF-8, as browsers send it.

    Django would read an address in any charset that is asked for in a header, which no
    cache looks at: it would keep that page for all who ask for the address.
    """
    kind, has_body = (
        environ.get("CONTENT_TYPE", ""),
        environ["REQUEST_METHOD"] == "POST",
    )
    environ["CONTENT_TYPE"] = CHARSET.sub("", kind) if has_body else ""
    return answer(environ, start_response)


# Or the first reader waits for every address, and all that they lead to, to be loaded.
reverse("pages:home")

# What is loaded by now stays: the collector need not look at it again and again. Pages
# leave little for it to find, and to look less often saves a tenth of each.
gc.collect()
gc.freeze()
gc.set_threshold(10_000)
