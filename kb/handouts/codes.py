"""QR codes of addresses, drawn into the page: paper to telephone, in a workshop."""

import segno
from django.utils.safestring import SafeString


def qr(address: str, title: str) -> SafeString:
    """A QR code as inline SVG, without a style and without a fixed size.

    title is what is read aloud in its place.
    """
    code = segno.make(address, error="m", micro=False)
    return SafeString(
        code.svg_inline(omitsize=True, title=title, svgclass="qr", lineclass=None)
    )
