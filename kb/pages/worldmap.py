"""Countries of cases on the map of the world: a dot, a label, and a link."""

from collections.abc import Iterable
from dataclasses import dataclass

from cases.models import Country
from kb.pages.map import HEIGHT, WIDTH, position

LETTER = 8.4  # the average width of a letter in a label, in units of the map
LINE = 20  # the height of a label
GAP = 9  # from the dot to its label


@dataclass(frozen=True)
class Place:
    """A country on the map; the label is put where it hides no other."""

    country: Country
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str


def places(countries: Iterable[Country]) -> list[Place]:
    """Put each country’s dot and label on the map."""
    dots = [(c, *position(c.longitude, c.latitude)) for c in countries]
    # A dot that is covered is worse than a label that touches another.
    taken = [(x - 8, y - 8, x + 8, y + 8) for _country, x, y in dots] * 5
    found = []
    for country, x, y in dots:
        width = len(country.name) * LETTER
        spots = [
            (x + GAP, y + 5, "start", x + GAP),
            (x - GAP, y + 5, "end", x - GAP - width),
            (x, y - 10, "middle", x - width / 2),
            (x, y + 22, "middle", x - width / 2),
        ]
        boxes = [
            (left, base - 15, left + width, base - 15 + LINE)
            for _x, base, _anchor, left in spots
        ]
        best = min(range(len(spots)), key=lambda n: clash(boxes[n], taken))
        taken.append(boxes[best])
        label_x, label_y, anchor, _left = spots[best]
        found.append(Place(country, x, y, label_x, label_y, anchor))
    return found


def clash(box: tuple, taken: list[tuple]) -> float:
    """How much of a box is covered by others, or outside the map."""
    left, top, right, bottom = box
    outside = max(0, -left) + max(0, right - WIDTH) + max(0, -top)
    outside += max(0, bottom - HEIGHT)
    return outside * LINE + sum(
        max(0, min(right, r) - max(left, x)) * max(0, min(bottom, b) - max(top, t))
        for x, t, r, b in taken
    )
