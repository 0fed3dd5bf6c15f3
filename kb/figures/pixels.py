"""Turn a drawing into pixels."""

from resvg_py import svg_to_bytes

from kb.handouts.paper import turn

MOST = 6_000  # of the longer side of a picture
SHARP = 2  # pixels for each unit of the drawing


def png(svg: str, longest: float) -> bytes:
    """A drawing as PNG. longest is its longer side, so that programs can open it."""
    with turn():
        return bytes(svg_to_bytes(svg_string=svg, zoom=min(SHARP, MOST / longest)))
