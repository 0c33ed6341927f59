"""Distances on the globe."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

#: Mean radius of the Earth (IUGG) [km].
EARTH_RADIUS = 6371.0088

#: Latitude and longitude [degrees, north and east positive].
Location = tuple[float, float]


def great_circle_distance(one: Location, other: Location) -> float:
    """Distance between two locations over the surface of a spherical Earth [km].

    Haversine formula (R. W. Sinnott, Sky and Telescope 68, 1984, p. 159).
    """
    latitude, longitude = map(radians, one)
    other_latitude, other_longitude = map(radians, other)
    haversine = (
        sin((other_latitude - latitude) / 2) ** 2
        + cos(latitude) * cos(other_latitude) * sin((other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * asin(sqrt(min(1.0, haversine)))
