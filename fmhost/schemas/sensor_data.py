"""Messages that bring and ask for the data of a sensor."""

from __future__ import annotations

from marshmallow import Schema, fields

from fmhost.domain.messages import GetType, PostType
from fmhost.schemas.fields import (
    AwareDateTime,
    Duration,
    EntityId,
    FixedDuration,
    SensorReference,
    Unit,
)
from fmhost.schemas.values import Values


class PostSchema(Schema):
    """Values for the sensor that the path names."""

    values = Values(required=True)
    start = AwareDateTime(required=True)
    duration = Duration(required=True)
    unit = Unit(required=True)
    prior = AwareDateTime()
    horizon = FixedDuration()
    kind = fields.Enum(PostType, by_value=True, data_key="type", load_default=PostType.SENSOR_DATA)


class AddressedPostSchema(PostSchema):
    """Values for the sensor that the message names."""

    sensor = SensorReference(required=True)


class GetSchema(Schema):
    """A question about the sensor that the path names."""

    start = AwareDateTime(required=True)
    duration = Duration(required=True, positive=True)
    unit = Unit(required=True)
    resolution = Duration(positive=True)
    prior = AwareDateTime()
    horizon = FixedDuration()
    source_id = EntityId("data source", data_key="source")
    source_account_id = EntityId("account", data_key="source-account")
    source_type = fields.String(data_key="source-type")
    kind = fields.Enum(GetType, by_value=True, data_key="type", load_default=GetType.SENSOR_DATA)


class AddressedGetSchema(GetSchema):
    """A question about the sensor that the message names."""

    sensor = SensorReference(required=True)
