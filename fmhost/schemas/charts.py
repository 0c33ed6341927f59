"""What clients say and see about charts: parameters, and the records of what is shown.

Parameters are spelled with hyphens or underscores, and some by another name: `start` is
`event_starts_after`, `end` is `event_ends_before`, and `prior` is `beliefs_before`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from fmhost.domain.vega_lite import CONTAINER, ChartKind
from fmhost.schemas.fields import AwareDateTime, Duration, FixedDuration, JsonSchema

_OTHER_NAMES = {
    "start": "event_starts_after",
    "end": "event_ends_before",
    "prior": "beliefs_before",
}

#: More than any screen has [pixels].
_LARGEST = 20_000


class Pixels(fields.Field[Any]):
    """A size in pixels; or with `container`, that of what contains the chart."""

    json_schema: ClassVar[JsonSchema] = {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": _LARGEST},
            {"type": "string", "const": CONTAINER},
        ],
        "examples": [400],
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int | str:
        if value == CONTAINER:
            return CONTAINER
        text = str(value)
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise ValidationError(f"Not a number of pixels, and not '{CONTAINER}'.")
        if not 1 <= int(text) <= _LARGEST:
            raise ValidationError(f"Must be from 1 to {_LARGEST}.")
        return int(text)


class Height(fields.Integer):
    """A height in pixels."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Range(min=1, max=_LARGEST), **options)


class WindowQuery(Schema):
    """Which events, and which beliefs about them; each side is open where nothing is said."""

    class Meta:
        """Queries ignore what they do not know."""

        unknown = EXCLUDE

    event_starts_after = AwareDateTime()
    event_ends_before = AwareDateTime()
    start = AwareDateTime(metadata={"description": "The same as event_starts_after."})
    end = AwareDateTime(metadata={"description": "The same as event_ends_before."})
    duration = Duration(
        positive=True, metadata={"description": "Instead of one of the sides of the window."}
    )
    beliefs_after = AwareDateTime()
    beliefs_before = AwareDateTime()
    prior = AwareDateTime(metadata={"description": "The same as beliefs_before."})

    @pre_load
    def _spell(self, given: Mapping[str, Any], **_options: Any) -> dict[str, Any]:
        return {name.replace("-", "_"): value for name, value in given.items()}

    @post_load
    def _rename(self, given: dict[str, Any], **_options: Any) -> dict[str, Any]:
        for other, name in _OTHER_NAMES.items():
            if other in given:
                given.setdefault(name, given.pop(other))
        return given


class AnnotationsQuery(WindowQuery):
    """Whose annotations."""

    include_asset_annotations = fields.Boolean()
    include_account_annotations = fields.Boolean(load_default=False)


class ChartQuery(AnnotationsQuery):
    """What a chart looks like, and whether its data come with it."""

    include_data = fields.Boolean(load_default=False)
    combine_legend = fields.Boolean(load_default=True)
    dataset_name = fields.String(validate=validate.Length(min=1, max=255))
    height = Height()
    width = Pixels(load_default=CONTAINER)
    chart_type = fields.String(validate=validate.OneOf([kind.value for kind in ChartKind]))
    most_recent_beliefs_only = fields.Boolean(load_default=True)
    use_latest_version_per_event = fields.Boolean(load_default=True)


class ChartAnnotationsQuery(AnnotationsQuery):
    """Which annotations, and whether they are cut at the edges of the window."""

    clip = fields.Boolean(load_default=True)


class ChartDataQuery(WindowQuery):
    """Which beliefs, and in which form."""

    most_recent_beliefs_only = fields.Boolean(load_default=True)
    use_latest_version_per_event = fields.Boolean(load_default=True)
    compress_json = fields.Boolean(load_default=False)


class SensorChartDataQuery(WindowQuery):
    """Which beliefs about a sensor, and how long the steps are."""

    most_recent_beliefs_only = fields.Boolean(load_default=True)
    use_latest_version_per_event = fields.Boolean(load_default=True)
    resolution = FixedDuration(positive=True)


class ChartSourceSchema(Schema):
    """Who formed a belief."""

    id = fields.Integer()
    name = fields.String()
    model = fields.String()
    version = fields.String()
    type = fields.String(metadata={"enum": ["forecaster", "scheduler", "other"]})
    raw_type = fields.String()
    display_type = fields.String()
    description = fields.String()


class ChartSensorSchema(Schema):
    """What a belief is about."""

    id = fields.Integer()
    name = fields.String()
    asset_id = fields.Integer()
    sensor_unit = fields.String()
    event_resolution = fields.Float(metadata={"description": "In seconds; 0 for moments."})
    description = fields.String()
    asset_description = fields.String()


class _RecordSchema(Schema):
    index = fields.Integer()
    event_start = fields.Float(metadata={"description": "In ms since the epoch."})
    event_value = fields.Float(allow_none=True)
    source = fields.Nested(ChartSourceSchema)
    sensor = fields.Nested(ChartSensorSchema)
    sensor_unit = fields.String()


class AssetRecordSchema(_RecordSchema):
    """A belief about an event of one of several sensors."""

    belief_horizon = fields.Float(metadata={"description": "In ms."})
    scale_factor = fields.Float(
        metadata={"description": "By what a value is multiplied for the unit of its axis."}
    )


class SensorRecordSchema(_RecordSchema):
    """A belief about an event of a sensor."""

    belief_time = fields.Float(metadata={"description": "In ms since the epoch."})
    cumulative_probability = fields.Float()


class CompressedRecordSchema(Schema):
    """A belief in short."""

    ts = fields.Float(metadata={"description": "Start of the event, in ms since the epoch."})
    sid = fields.Integer(metadata={"description": "Key in sensors."})
    val = fields.Float(allow_none=True)
    sf = fields.Float(metadata={"description": "Scale factor to the unit of the axis."})
    src = fields.Integer(metadata={"description": "Key in sources."})
    bh = fields.Float(metadata={"description": "Belief horizon, in ms."})


class CompressedSensorSchema(Schema):
    """What beliefs are about, in short."""

    name = fields.String()
    unit = fields.String()
    description = fields.String()
    asset_id = fields.Integer()
    asset_description = fields.String()


class CompressedSourceSchema(Schema):
    """Who formed beliefs, in short."""

    name = fields.String()
    model = fields.String()
    type = fields.String()
    description = fields.String()


class CompressedSchema(Schema):
    """Beliefs in short, and once each what they are about and who formed them."""

    data = fields.List(fields.Nested(CompressedRecordSchema))
    sensors = fields.Dict(keys=fields.String(), values=fields.Nested(CompressedSensorSchema))
    sources = fields.Dict(keys=fields.String(), values=fields.Nested(CompressedSourceSchema))


class ChartAnnotationSchema(Schema):
    """An annotation, in lines that fit into a chart."""

    start = fields.Float(metadata={"description": "In ms since the epoch."})
    end = fields.Float(metadata={"description": "In ms since the epoch."})
    content = fields.List(fields.String())
    type = fields.String()
    source = fields.Nested(ChartSourceSchema)


#: A chart; the grammar has a schema of its own.
SPECIFICATION: JsonSchema = {
    "description": "A specification in the Vega-Lite grammar.",
    "externalDocs": {"url": "https://vega.github.io/vega-lite/"},
    "type": "object",
    "required": ["$schema"],
}


class TimeRangeSchema(Schema):
    """A stretch of time, in the format of HTTP dates."""

    start = fields.String(metadata={"examples": ["Sat, 21 Nov 2026 03:09:44 GMT"]})
    end = fields.String(metadata={"examples": ["Sun, 22 Nov 2026 03:09:44 GMT"]})


class ChartedSensorSchema(Schema):
    """What a chart needs to know about a sensor."""

    name = fields.String()
    timezone = fields.String()
    timerange = fields.Nested(TimeRangeSchema)


class ChartAssetSchema(Schema):
    """What a chart needs to know about an asset."""

    name = fields.String()
    timezone = fields.String()
    timerange_of_sensors_to_show = fields.Nested(TimeRangeSchema)
