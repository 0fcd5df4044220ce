"""Distance over the globe between places that a seller gives as centroids of postal codes."""

import math

from packline.domain.values import Value

EARTH_M = 6_371_008.8
"""Mean radius of the earth (IUGG, R1)."""
FARTHEST_M = round(math.pi * EARTH_M)
"""Half around the globe: what a place counts as whose centroid is not known."""


class Point(Value, frozen=True):
    """A place on the globe, in degrees: latitude from -90 to 90, longitude from -180 to 180."""

    latitude: float
    longitude: float


def great_circle(one: Point, other: Point) -> int:
    """Give the distance of two points in metres, on a sphere (haversine)."""
    phi, psi = math.radians(one.latitude), math.radians(other.latitude)
    bow = math.sin((psi - phi) / 2) ** 2 + math.cos(phi) * math.cos(psi) * (
        math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    )
    return round(2 * EARTH_M * math.asin(min(1.0, math.sqrt(bow))))
