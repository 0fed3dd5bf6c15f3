"""Turn a drawing into pixels, where the extra that does it is installed."""

from importlib.util import find_spec

from kb.handouts.paper import turn

MOST = 6_000  # of the longer side of a picture
SHARP = 2  # pixels for each unit of the drawing


def are_possible() -> bool:
    """Whether pictures in pixels can be made here."""
    return find_spec("resvg_py") is not None


def png(svg: str, longest: float) -> bytes:
    """A drawing as PNG. longest is its longer side, so that programs can open it."""
    from resvg_py import svg_to_bytes

    with turn():
        return bytes(svg_to_bytes(svg_string=svg, zoom=min(SHARP, MOST / longest)))
