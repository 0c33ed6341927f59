"""What clients send to create or change assets and sensors.

These schemas look at the form; whether names are free, what is referred to, and what the JSON
inside means, is for the services, which see the database.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate

from fmhost.domain import units
from fmhost.domain.json_values import read_json, require_storable
from fmhost.domain.knowledge import KNOWLEDGE_FUNCTIONS
from fmhost.errors import InvalidInput, UnitMismatch
from fmhost.schemas.errors import as_validation_error
from fmhost.schemas.fields import LARGEST_ID, EntityId, FixedDuration, JsonSchema, TimeZone


class JsonContent(fields.Field[Any]):
    """A JSON value, as a text or as it is."""

    json_schema: ClassVar[JsonSchema] = {
        "anyOf": [
            {"type": "string", "contentMediaType": "application/json"},
            {"type": "object"},
            {"type": "array"},
        ],
        "examples": ["{}", {}],
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        with as_validation_error():
            if isinstance(value, str):
                return read_json(value, str(attr))
            require_storable(value, str(attr))
            return value


class JsonObjectContent(JsonContent):
    """A JSON object, as a text or as it is."""

    json_schema: ClassVar[JsonSchema] = {
        "anyOf": [{"type": "string", "contentMediaType": "application/json"}, {"type": "object"}],
        "examples": ['{"capacity": 3}', {"capacity": 3}],
    }


class AssetTypeId(fields.Field[int]):
    """The id of an asset type."""

    json_schema: ClassVar[JsonSchema] = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        number: int | None = fields.Integer().deserialize(value)
        if isinstance(value, bool | float):
            raise ValidationError("Not a valid integer.")
        if number is None or not 0 < number <= LARGEST_ID:
            raise ValidationError(f"GenericAssetType with id {number} doesn't exist.")
        return number


class HandledUnit(fields.Field[str]):
    """A unit that can be handled, such as ``kW``; empty for a number without one."""

    json_schema: ClassVar[JsonSchema] = {"type": "string", "examples": ["kW"]}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Not a valid string.")
        try:
            units.parse_unit(value)
        except (UnitMismatch, InvalidInput) as error:
            raise ValidationError(f"Unit '{value}' cannot be handled.") from error
        return value


class Resolution(FixedDuration):
    """The length of an event: an ISO 8601 duration, or a number of minutes."""

    json_schema: JsonSchema = {
        "anyOf": [{"type": "string", "format": "duration"}, {"type": "integer", "minimum": 0}],
        "examples": ["PT15M", 15],
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> timedelta:
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                length = timedelta(minutes=value)
            except OverflowError as error:
                raise ValidationError("Not a valid duration.") from error
        else:
            length = super()._deserialize(value, attr, data, **kwargs)
        if length < timedelta(0):
            raise ValidationError("The event resolution must not be negative.")
        return length


class AssetFields(Schema):
    """The fields that an asset has whenever it is created or changed."""

    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    parent_asset_id = EntityId("asset", allow_none=True)
    external_id = fields.String(allow_none=True, validate=validate.Length(max=80))
    description = fields.String(allow_none=True)
    attributes = JsonObjectContent()
    flex_context = JsonObjectContent()
    flex_model = JsonObjectContent()
    sensors_to_show = JsonContent()
    sensors_to_show_as_kpis = JsonContent()


class AssetCreationSchema(AssetFields):
    """A new asset."""

    name = fields.String(required=True, validate=validate.Length(max=80))
    generic_asset_type_id = AssetTypeId(required=True)
    account_id = EntityId("account", allow_none=True)


class AssetUpdateSchema(AssetFields):
    """Fields of an asset that are to change."""

    name = fields.String(validate=validate.Length(max=80))
    generic_asset_type_id = AssetTypeId()


class KnowledgeParameters(JsonObjectContent):
    """Parameters of the rule that tells when an event is known, as a text or as they are."""

    json_schema: ClassVar[JsonSchema] = {
        **JsonObjectContent.json_schema,
        "examples": ['{"ex_post_horizon": "PT1H"}', {"ex_post_horizon": "PT1H"}],
    }


class KnowledgeHorizonFields(Schema):
    """When the events of a sensor become known."""

    knowledge_horizon_fnc = fields.String(
        validate=validate.OneOf(KNOWLEDGE_FUNCTIONS),
        metadata={"description": "Which rule tells when an event is known."},
    )
    knowledge_horizon_par = KnowledgeParameters(
        metadata={
            "description": "Its parameters: ex_post_horizon, or ex_ante_horizon, as durations; or "
            "x [days before], y [hour of the day] and z [time zone]."
        }
    )


class SensorCreationSchema(KnowledgeHorizonFields):
    """A new sensor."""

    name = fields.String(required=True, validate=validate.Length(max=120))
    unit = HandledUnit(required=True)
    event_resolution = Resolution(required=True)
    generic_asset_id = EntityId("asset", required=True)
    timezone = TimeZone()
    attributes = JsonObjectContent()


class SensorUpdateSchema(KnowledgeHorizonFields):
    """Fields of a sensor that are to change."""

    name = fields.String(validate=validate.Length(max=120))
    unit = HandledUnit()
    event_resolution = Resolution()
    timezone = TimeZone()
    attributes = JsonObjectContent()
