"""Every request is read as UTF-8, which is what browsers send, whatever it says."""

import re
from collections.abc import Callable, Iterable

CHARSET = re.compile(r";\s*charset\*?\s*=[^;]*", re.IGNORECASE)

type Application = Callable[[dict, Callable], Iterable[bytes]]


def read_as_utf8(answer: Application) -> Application:
    """The same application, to which nobody says in which charset to read.

    Django would read an address in any charset that is asked for in a header, which no
    cache looks at: it would keep that page for all who ask for the address.
    """

    def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
        kind = environ.get("CONTENT_TYPE", "")
        is_form = environ["REQUEST_METHOD"] == "POST"
        environ["CONTENT_TYPE"] = CHARSET.sub("", kind) if is_form else ""
        return answer(environ, start_response)

    return application
