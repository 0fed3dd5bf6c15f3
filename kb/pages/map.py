"""Where a place lies on the world map, static/img/world.svg.

The map is drawn in the Equal Earth projection (Šavrič, Patterson and Jenny, 2018),
which shows every country at its true relative size. Its middle is 11° East, so that
its sides meet in the Bering Strait and cut no mainland. Antarctica is not drawn.
"""

from math import asin, cos, pi, radians, sin, sqrt

WIDTH = 800
HEIGHT = 360
VIEWBOX = f"0 0 {WIDTH} {HEIGHT}"

MIDDLE = 11.0  # the longitude halfway across
EQUATOR = 200.0  # the y of the equator
NORTH, SOUTH = 84.0, -56.0  # the latitudes the drawn land lies between

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
SCALE = WIDTH * sqrt(3) * A1 / (4 * pi)


def position(longitude: float, latitude: float) -> tuple[float, float]:
    """Turn degrees into the x and y of the map.

    A place north or south of the drawn land is put at its edge, so that it is seen.
    """
    east = radians((longitude - MIDDLE + 180) % 360 - 180)
    north = radians(min(max(latitude, SOUTH), NORTH))
    angle = asin(sqrt(3) / 2 * sin(north))
    power2, power6 = angle**2, angle**6
    slope = A1 + 3 * A2 * power2 + power6 * (7 * A3 + 9 * A4 * power2)
    x = 2 * east * cos(angle) / (sqrt(3) * slope)
    y = angle * (A1 + A2 * power2 + power6 * (A3 + A4 * power2))
    return round(WIDTH / 2 + SCALE * x, 1), round(EQUATOR - SCALE * y, 1)
