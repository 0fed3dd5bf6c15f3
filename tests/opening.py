"""What an answer says, whatever it is wrapped in."""

import io
import zipfile


def body(response):
    """The bytes of an answer, streamed or not."""
    return b"".join(response)


def text_of(response):
    """The text of an answer; of an archive or a workbook, of all that is in it."""
    found = body(response)
    if found.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(found)) as archive:
            found = b"\n".join(archive.read(name) for name in archive.namelist())
    return found.decode(errors="replace")
