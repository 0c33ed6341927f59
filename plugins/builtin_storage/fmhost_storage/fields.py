"""Fields of the schemas: quantities, sensors, and what the scheduler does not support yet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from marshmallow import fields

from fmhost.plugin import InvalidInput
from fmhost_storage import json_schemas
from fmhost_storage.kinds import Kind, energy, state_of_charge
from fmhost_storage.layers import LayerSchema
from fmhost_storage.quantities import (
    FromSensor,
    Quantity,
    not_supported,
    read_fixed,
    read_quantity,
    sensor_id,
)


class LayerField(fields.Field[Any]):
    """A field that knows its own name and asks its schema for context."""

    @cached_property
    def schema(self) -> LayerSchema:
        root = self.root
        assert isinstance(root, LayerSchema)
        return root

    @cached_property
    def label(self) -> str:
        """The field's name, as people write it."""
        return str(self.data_key or self.name)


class FixedField(LayerField):
    """One quantity; with no `kind`, an energy of which bare numbers are in the ``soc-unit``."""

    def __init__(self, kind: Kind | None = None, *, minimum: float | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.kind = kind
        self.minimum = minimum
        self.json_schema = json_schemas.quantity("MWh" if kind is None else kind.unit)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        kind = self.kind or energy(self.schema.soc_unit, self.minimum)
        return read_fixed(value, kind, field=self.label)


class QuantityField(LayerField):
    """A quantity that may change over time; with no `kind`, an energy as in `FixedField`."""

    def __init__(self, kind: Kind | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.json_schema = json_schemas.changing("MWh" if kind is None else kind.unit)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Quantity:
        kind = self.kind or energy(self.schema.soc_unit)
        return read_quantity(value, kind, field=self.label, source=self.schema.source)


class LevelField(LayerField):
    """A state of charge over time: a sensor or segments."""

    json_schema = {"anyOf": [json_schemas.reference("MWh"), json_schemas.segments("MWh")]}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Quantity:
        if not isinstance(value, Mapping | list):
            raise InvalidInput("Not a sensor or a list of segments.", field=self.label)
        kind = state_of_charge(self.schema.soc_unit)
        return read_quantity(value, kind, field=self.label, source=self.schema.source)


class QuantitiesField(LayerField):
    """Several quantities that add up; a list of segments alone is one of them."""

    def __init__(self, kind: Kind, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        one = json_schemas.changing(kind.unit)
        self.json_schema = {"anyOf": [one, {"type": "array", "items": one}]}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[Quantity, ...]:
        kind = self.kind
        source = self.schema.source
        if not isinstance(value, list) or (value and all(_is_segment(each) for each in value)):
            return (read_quantity(value, kind, field=self.label, source=source),)
        return tuple(
            read_quantity(each, kind, field=f"{self.label}.{number}", source=source)
            for number, each in enumerate(value)
        )


def _is_segment(value: Any) -> bool:
    return isinstance(value, Mapping) and "sensor" not in value


class OutputSensorField(LayerField):
    """A sensor that takes results, as ``{"sensor": id}``."""

    json_schema = json_schemas.OUTPUT_SENSOR

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping) or set(value) != {"sensor"}:
            raise InvalidInput("Not a sensor.", field=self.label, hint='Write {"sensor": 14}.')
        number = sensor_id(value["sensor"], self.label)
        return self.schema.source.reader.output_sensor(number, field=self.label)


class SensorsField(LayerField):
    """A list of ids of sensors."""

    json_schema = json_schemas.SENSOR_IDS

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise InvalidInput("Not a valid list.", field=self.label)
        places = [f"{self.label}.{number}" for number in range(len(value))]
        reader = self.schema.source.reader
        return tuple(
            reader.sensor(sensor_id(each, place), field=place)
            for each, place in zip(value, places, strict=True)
        )


class QuantityListField(LayerField):
    """A list of sensors, each as ``{"sensor": id}`` with filters, if any."""

    def __init__(self, kind: Kind, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.json_schema = {"type": "array", "items": json_schemas.reference(kind.unit)}

    def _deserialize(
        self, value: Any, attr: Any, data: Any, **kwargs: Any
    ) -> tuple[FromSensor, ...]:
        if not isinstance(value, list):
            raise InvalidInput("Not a valid list.", field=self.label)
        source = self.schema.source
        found = []
        for number, each in enumerate(value):
            place = f"{self.label}.{number}"
            if not isinstance(each, Mapping):
                raise InvalidInput("Not a sensor.", field=place, hint='Write {"sensor": 14}.')
            quantity = read_quantity(each, self.kind, field=place, source=source)
            assert isinstance(quantity, FromSensor)
            found.append(quantity)
        return tuple(found)


class NotYet(LayerField):
    """A field that the scheduler does not support, but for a value that changes nothing."""

    def __init__(self, *neutral: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.neutral = neutral
        allowed: dict[str, Any] = {"enum": list(neutral)} if neutral else {"not": {}}
        self.json_schema = {"description": "Not supported yet.", **allowed}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> None:
        if not any(value == each and type(value) is type(each) for each in self.neutral):
            raise not_supported(self.label)
