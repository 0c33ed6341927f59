"""Where a field's value comes from: the trigger, else what is stored, else attributes.

A layer is what one place says; earlier layers win, field by field. Fields that say the same thing
in different words form a family: where a layer has one of them, later layers count for none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import Schema, ValidationError

from fmhost.plugin import InvalidInput
from fmhost_storage.quantities import Source, with_hyphens


@dataclass(frozen=True)
class Layer:
    """What one place says.

    :param fields: raw values by names with hyphens.
    :param place: where that stands, for messages; empty for the trigger.
    :param prefix: of the fields' names in messages, such as ``flex-model.0.``.
    :param soc_unit: the unit of bare energies in this layer.
    """

    fields: Mapping[str, Any]
    place: str = ""
    prefix: str = ""
    soc_unit: str = "MWh"

    @classmethod
    def of(cls, given: Any, *, place: str = "", prefix: str = "", field: str) -> Layer:
        """:raises InvalidInput: where it is not an object; names `field`."""
        if given is None:
            given = {}
        if not isinstance(given, Mapping):
            raise InvalidInput("Not a valid mapping type.", field=field)
        return cls(with_hyphens(given), place, prefix)

    def in_unit(self, soc_unit: str) -> Layer:
        """The same, with bare energies in that unit."""
        if soc_unit == self.soc_unit:
            return self
        return Layer(self.fields, self.place, self.prefix, soc_unit)


def effective(layers: Sequence[Layer], families: Sequence[Collection[str]] = ()) -> Iterator[Layer]:
    """The layers with only those fields that count."""
    settled: set[str] = set()
    for layer in layers:
        if not layer.fields:
            continue
        left = {name: value for name, value in layer.fields.items() if name not in settled}
        settled.update(left)
        for family in families:
            if not settled.isdisjoint(family):
                settled.update(family)
        if left:
            yield layer if len(left) == len(layer.fields) else replace(layer, fields=left)


class LayerSchema(Schema):
    """Base of the schemas of flex-model and flex-context; its fields ask it for their context."""

    def __init__(self, source: Source | None = None) -> None:
        super().__init__()
        self._source = source
        self.soc_unit = "MWh"
        self._by_key = {field.data_key or name: field for name, field in self.load_fields.items()}
        #: The others are asked for their value straight, which takes half the time.
        self._judged = {field for field in self._by_key.values() if field.validators}
        self._required = [name for name, field in self._by_key.items() if field.required]

    @property
    def source(self) -> Source:
        """Where the fields find sensors; a schema without one only describes its fields."""
        assert self._source is not None
        return self._source

    @source.setter
    def source(self, source: Source) -> None:
        self._source = source

    def read(self, layer: Layer) -> dict[str, Any]:
        """The typed values of the fields of a layer, by names with underscores.

        :raises InvalidInput: naming the field, and the place where that is not the trigger.
        """
        self.soc_unit = layer.soc_unit
        try:
            return self._values(layer.fields)
        except InvalidInput as error:
            raise _placed(error, layer) from error

    def _values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        # Not by load(), which asks all fields for their value: sites have thousands of devices.
        found: dict[str, Any] = {}
        for name, value in given.items():
            field = self._by_key.get(name)
            if field is None:
                raise InvalidInput("Unknown field.", field=name)
            try:
                read = (
                    field.deserialize
                    if field in self._judged or value is None
                    else field._deserialize
                )
                found[str(field.attribute or field.name)] = read(value, name, given)
            except ValidationError as error:
                path, message = _first(error.messages)
                raise InvalidInput(message, field=".".join(filter(None, [name, path]))) from error
        for name in self._required:
            if name not in given:
                raise InvalidInput("Missing data for required field.", field=name)
        return found


def _first(messages: Any) -> tuple[str, str]:
    """The first of marshmallow's messages, with the path of its field."""
    path: list[str] = []
    while isinstance(messages, Mapping):
        name, messages = next(iter(messages.items()))
        path.append(str(name))
    return ".".join(path), messages[0] if isinstance(messages, list) else str(messages)


def _placed(error: InvalidInput, layer: Layer) -> InvalidInput:
    """The same error with the full name of its field, and the place where the value stands."""
    hint = error.hint
    if layer.place:
        hint = " ".join(filter(None, [hint, f"The value comes from {layer.place}."]))
    return type(error)(error.message, field=f"{layer.prefix}{error.field or ''}", hint=hint)
