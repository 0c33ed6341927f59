"""Forecasts of a sensor: have them computed, and fetch them."""

from __future__ import annotations

from fmhost.api.operations import Resource

forecasts = Resource("forecasts", __name__, url_prefix="/api/v3_0/sensors")
