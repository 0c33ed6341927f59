"""Messages that ask for a schedule and fetch it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from fmhost.domain.durations import Span
from fmhost.schemas.fields import AwareDateTime, Duration, FixedDuration, JsonSchema, Unit

#: Fields that stood beside the flex-model before 4 January 2023, and where they are now.
MOVED_FIELDS = {
    "soc-at-start": "flex-model",
    "soc-unit": "flex-model",
    "soc-min": "flex-model",
    "soc-max": "flex-model",
    "soc-targets": "flex-model",
    "roundtrip-efficiency": "flex-model",
    "prefer-charging-sooner": "flex-model",
    "consumption-price-sensor": "flex-context",
    "production-price-sensor": "flex-context",
    "inflexible-device-sensors": "flex-context",
}

SIGN_CONVENTIONS = ("consumption-positive", "production-positive", "wysiwyg")


class JsonObject(fields.Field[dict[str, Any]]):
    """A JSON object; what it holds is checked by whom it is meant for."""

    json_schema: ClassVar[JsonSchema] = {"type": "object"}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError("Not a valid mapping type.")
        return dict(value)


class FlexModel(JsonObject):
    """What a device can do; each scheduler has its own fields."""

    json_schema: ClassVar[JsonSchema] = {"$ref": "#/components/schemas/FlexModel"}


class FlexModelEntry(fields.Field[Any]):
    """What one device can do, and which one it is: its power ``sensor``, or its ``asset``.

    What is no object is refused with the place of the device, by whom the list is meant for.
    """

    json_schema: ClassVar[JsonSchema] = {
        "type": "object",
        "description": "A FlexModel, and which device it is about.",
        "properties": {
            "sensor": {"type": "integer", "description": "The power sensor of the device."},
            "asset": {"type": "integer", "description": "The device, where it has no such sensor."},
        },
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return value


class FlexContext(JsonObject):
    """What surrounds the devices; each scheduler has its own fields."""

    json_schema: ClassVar[JsonSchema] = {"$ref": "#/components/schemas/FlexContext"}


class TriggerSchema(Schema):
    """What all requests for schedules have in common."""

    also_accepts: ClassVar[Mapping[str, JsonSchema]] = {
        "force_new_job_creation": {"type": "boolean"}
    }

    start = AwareDateTime(required=True)
    duration = Duration(positive=True)
    prior = AwareDateTime()
    resolution = FixedDuration(positive=True)
    flex_context = FlexContext(data_key="flex-context", load_default=dict)
    force_new_job_creation = fields.Boolean(data_key="force-new-job-creation", load_default=False)

    @pre_load
    def _spell(self, given: Any, **_options: Any) -> Any:
        older = "force_new_job_creation"
        if not isinstance(given, Mapping) or older not in given:
            return given
        spelled = {name: value for name, value in given.items() if name != older}
        spelled.setdefault(older.replace("_", "-"), given[older])
        return spelled


class SensorTriggerSchema(TriggerSchema):
    """A request for a schedule of one device."""

    #: What is accepted besides the fields, for the API's document.
    also_accepts: ClassVar[Mapping[str, JsonSchema]] = {
        **TriggerSchema.also_accepts,
        **{
            name: {"deprecated": True, "description": f"Now a field of {home}."}
            for name, home in MOVED_FIELDS.items()
        },
    }

    flex_model = FlexModel(data_key="flex-model", load_default=dict)

    @pre_load
    def _move_older_fields(self, given: Any, **_options: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        moved = dict(given)
        for name in older_fields(given):
            home = MOVED_FIELDS[name]
            inner = moved.get(home, {})
            if isinstance(inner, Mapping):
                # What the newer place says counts more.
                moved[home] = {name: moved[name], **inner}
            del moved[name]
        return moved


class AssetTriggerSchema(TriggerSchema):
    """A request for schedules of the devices of an asset and of those below it."""

    flex_model = fields.List(FlexModelEntry(), data_key="flex-model", load_default=list)
    sequential = fields.Boolean(load_default=False)


def older_fields(given: Any) -> list[str]:
    """The fields of a request that have moved into the flex-model or the flex-context."""
    return [name for name in MOVED_FIELDS if name in given] if isinstance(given, Mapping) else []


class FetchScheduleQuery(Schema):
    """How a schedule is to be fetched."""

    class Meta:
        """Queries ignore what they do not know."""

        unknown = EXCLUDE

    duration = Duration(positive=True, load_default=Span(time=timedelta(hours=6)))
    unit = Unit()
    sign_convention = fields.String(
        data_key="sign-convention",
        load_default=SIGN_CONVENTIONS[0],
        validate=validate.OneOf(SIGN_CONVENTIONS),
    )

    @pre_load
    def _spell(self, given: Mapping[str, Any], **_options: Any) -> dict[str, Any]:
        return {name.replace("_", "-"): value for name, value in given.items()}
