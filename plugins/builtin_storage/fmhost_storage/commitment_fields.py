"""The field ``commitments`` of a flex-context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from fmhost.plugin import InvalidInput
from fmhost_storage import json_schemas
from fmhost_storage.device_fields import GroupField, Key
from fmhost_storage.fields import LayerField, QuantityField
from fmhost_storage.kinds import POWER as ANY_POWER
from fmhost_storage.layers import Layer, LayerSchema
from fmhost_storage.price_fields import ENERGY, POWER, Price, PriceField
from fmhost_storage.quantities import Quantity, sensor_id


@dataclass(frozen=True)
class CommitmentConfig:
    """A flow that was promised, and what deviating from it costs.

    :param baseline: the flow [MW, consumption positive].
    :param up_price: of more consumption; None for nothing.
    :param down_price: of less consumption, times a negative deviation; None for nothing.
    :param sensors: ids of the scheduled sensors whose sum is meant; None for the whole site.
    :param commodity: that of the connection that is meant, where not electricity.
    :param group: the group of devices whose sum is meant.
    """

    name: str
    baseline: Quantity
    up_price: Price | None
    down_price: Price | None
    sensors: tuple[int, ...] | None = None
    commodity: str | None = None
    group: Key | None = None


class SensorIdsField(LayerField):
    """A list of ids of sensors that are scheduled."""

    json_schema = {**json_schemas.SENSOR_IDS, "minItems": 1}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[int, ...]:
        if not isinstance(value, list) or not value:
            raise InvalidInput("Not a valid list of sensors.", field=self.label)
        return tuple(
            dict.fromkeys(
                sensor_id(each, f"{self.label}.{number}") for number, each in enumerate(value)
            )
        )


class CommitmentSchema(LayerSchema):
    """The fields of one commitment."""

    name = fields.String(required=True, validate=validate.Length(min=1))
    baseline = QuantityField(ANY_POWER, required=True)
    up_price = PriceField(ENERGY, POWER, data_key="up-price")
    down_price = PriceField(ENERGY, POWER, data_key="down-price")
    sensors = SensorIdsField()
    commodity = fields.String(validate=validate.Length(min=1))
    group = GroupField()


class CommitmentsField(LayerField):
    """A list of commitments."""

    json_schema = {"type": "array", "items": CommitmentSchema}

    def _deserialize(
        self, value: Any, attr: Any, data: Any, **kwargs: Any
    ) -> tuple[CommitmentConfig, ...]:
        if not isinstance(value, list):
            raise InvalidInput("Not a valid list.", field=self.label)
        schema = CommitmentSchema(self.schema.source)
        return tuple(
            _read(each, schema, f"{self.label}.{number}") for number, each in enumerate(value)
        )


def _read(given: Any, schema: CommitmentSchema, place: str) -> CommitmentConfig:
    if not isinstance(given, Mapping):
        raise InvalidInput("Not a valid mapping type.", field=place)
    layer = Layer.of(given, prefix=f"{place}.", field=place)
    values = schema.read(layer)
    up, down = values.get("up_price"), values.get("down_price")
    if up is None and down is None:
        raise InvalidInput(
            "A commitment needs an up-price or a down-price.", field=f"{place}.up-price"
        )
    sensors, group = values.get("sensors"), values.get("group")
    if sensors is not None and group is not None:
        raise InvalidInput("Give either sensors or group.", field=f"{place}.group")
    return CommitmentConfig(
        values["name"], values["baseline"], up, down, sensors, values.get("commodity"), group
    )
