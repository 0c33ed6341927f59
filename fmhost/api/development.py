"""``/api/dev``: for pages and experiments; not versioned, and may change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from flask import jsonify

from fmhost.api.chart_answers import annotations_in, style_in, timezone_of, window_in
from fmhost.api.errors import Rejected
from fmhost.api.loaders import load_asset, load_sensor
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.beliefs.extent import extents
from fmhost.domain.vega_lite import ChartKind, chart, with_data
from fmhost.model import Sensor
from fmhost.schemas.chart_records import dump_sensor_records
from fmhost.schemas.charts import (
    SPECIFICATION,
    ChartAnnotationSchema,
    ChartAnnotationsQuery,
    ChartAssetSchema,
    ChartedSensorSchema,
    ChartQuery,
    SensorChartDataQuery,
    SensorRecordSchema,
)
from fmhost.services.chart_resampling import resampled
from fmhost.services.charted import ChartWindow, charted, sources_in
from fmhost.services.shown import shown_by, shown_of

development = Resource("development", __name__, url_prefix="/api/dev")

#: Height of the chart of a sensor [pixels].
_HEIGHT = 300


@development.operation("GET", "/sensor/<id>", answer=ChartedSensorSchema, either_slash=True)
def fetch_sensor_for_chart(id: str) -> Answer:
    """Download what a chart needs to know about a sensor."""
    sensor = load_sensor(id, Permission.READ)
    return {
        "name": sensor.name,
        "timezone": sensor.timezone,
        "timerange": _timerange([sensor]),
    }


@development.operation("GET", "/asset/<id>", answer=ChartAssetSchema, either_slash=True)
def fetch_asset_for_chart(id: str) -> Answer:
    """Download what a chart needs to know about an asset."""
    asset = load_asset(id, Permission.READ)
    shown = shown_by(current_session(), requesting_user(), asset)
    return {
        "name": asset.name,
        "timezone": timezone_of(asset, shown),
        "timerange_of_sensors_to_show": _timerange(shown.sensors),
    }


def _timerange(sensors: Sequence[Sensor]) -> dict[str, str]:
    """From the first event of any sensor to the end of the last; now, where there is none."""
    found = extents(current_session(), sensors).values()
    now = current_installation().now()
    start = min((first for first, _ in found), default=now)
    end = max((last for _, last in found), default=now)
    return {"start": _http_date(start), "end": _http_date(end)}


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


@development.operation(
    "GET", "/sensor/<id>/chart", schema=ChartQuery(), answer=SPECIFICATION, either_slash=True
)
def fetch_sensor_chart(id: str, given: dict[str, Any]) -> Answer:
    """Download an embeddable chart of a sensor.

    The answer is a specification in the Vega-Lite grammar. With `include_data` its data come with
    it; else the page fills the data set `dataset_name` (default `sensor_<id>`), and another one
    with that name and `_annotations`.
    """
    sensor = load_sensor(id, Permission.READ)
    window = window_in(given, sensor.timezone)
    style = style_in(
        {"height": _HEIGHT, **given},
        window,
        dataset=f"sensor_{sensor.id}",
        kind=ChartKind.BARS,
        color="source.description",
    )
    specification = chart(sensor.name, shown_of(sensor).rows, style)
    if given["include_data"]:
        records = _records(sensor, window, given)
        remarks = _annotations(sensor, window, given)
        specification = with_data(specification, style.dataset, records, remarks)
    return jsonify(specification)


@development.operation(
    "GET",
    "/sensor/<id>/chart_data",
    schema=SensorChartDataQuery(),
    answer=SensorRecordSchema(many=True),
    either_slash=True,
)
def fetch_sensor_chart_data(id: str, given: dict[str, Any]) -> Answer:
    """Download the data for the chart of a sensor, in case you have the chart already."""
    sensor = load_sensor(id, Permission.READ)
    return _records(sensor, window_in(given, sensor.timezone), given)


@development.operation(
    "GET",
    "/sensor/<id>/chart_annotations",
    schema=ChartAnnotationsQuery(),
    answer=ChartAnnotationSchema(many=True),
    either_slash=True,
)
def fetch_sensor_chart_annotations(id: str, given: dict[str, Any]) -> Answer:
    """Download the annotations of a sensor for its chart.

    Those of its asset come with `include_asset_annotations`, and those of its account with
    `include_account_annotations`.
    """
    sensor = load_sensor(id, Permission.READ)
    return _annotations(sensor, window_in(given, sensor.timezone), given)


def _records(sensor: Sensor, window: ChartWindow, given: dict[str, Any]) -> list[dict[str, Any]]:
    session = current_session()
    resolution = given.get("resolution")
    most_recent = given["most_recent_beliefs_only"]
    if resolution is not None and not most_recent:
        text = "Only the most recent beliefs come in another resolution."
        raise Rejected({"query": {"most_recent_beliefs_only": [text]}})
    found = charted(
        session,
        [sensor],
        window,
        most_recent=most_recent,
        latest_versions=given["use_latest_version_per_event"],
        quantiles=True,
    )
    beliefs = found[0].beliefs
    if resolution is not None:
        beliefs = resampled(sensor, beliefs, resolution)
    return dump_sensor_records(sensor, beliefs, sources_in(session, [beliefs]), resolution)


def _annotations(
    sensor: Sensor, window: ChartWindow, given: dict[str, Any]
) -> Sequence[dict[str, Any]]:
    asset = sensor.generic_asset
    return annotations_in(
        window,
        sensor=sensor,
        asset=asset if given.get("include_asset_annotations") else None,
        account=asset.account if given["include_account_annotations"] else None,
        clip=given.get("clip", True),
    )
