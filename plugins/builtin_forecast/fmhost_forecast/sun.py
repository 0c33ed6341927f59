"""Where the sun stands."""

from __future__ import annotations

import numpy as np

from fmhost_forecast.timeline import Floats, Timeline

_DAY_US = 86_400_000_000


def sine_of_elevation(timeline: Timeline, latitude: float, longitude: float) -> Floats:
    """Sine of the sun's elevation in the middle of each event; 0 where it is below the horizon.

    Low-precision formulas of the Astronomical Almanac; better than 0.1 degrees, refraction apart.

    :param latitude: and `longitude` of the place [degrees, north and east positive].
    """
    middle = timeline.ticks + timeline.step.total_seconds() * 1e6 / 2
    days = middle / _DAY_US - 10957.5  # since noon of 1 January 2000
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360)
    ecliptic = np.radians(280.460 + 0.9856474 * days) + np.radians(
        1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)
    )
    tilt = np.radians(23.439 - 4e-7 * days)
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    sidereal = np.radians((18.697374558 + 24.06570982441908 * days) % 24 * 15 + longitude)
    north = np.radians(latitude)
    sine = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(
        sidereal - ascension
    )
    return np.asarray(np.maximum(sine, 0.0))
