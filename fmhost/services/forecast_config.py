"""The config of a forecast: who may name what in it, who reads which part, and the limits.

Some fields mean the same to every forecaster. Those that the chosen one does not take are left
aside and named in the result; but limits of the values are applied here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from marshmallow import Schema, ValidationError
from sqlalchemy.orm import Session

from fmhost.auth.policy import Permission, allowed
from fmhost.domain import units
from fmhost.domain.arrays import Floats
from fmhost.domain.flexibility import ForecastResult
from fmhost.errors import InvalidInput
from fmhost.model import Account, Asset, Sensor, User
from fmhost.schemas.errors import first_message
from fmhost.schemas.forecasts import COMMON_FIELDS, ForecastConfigSchema
from fmhost.services.reading import StoreReader
from fmhost.services.selection import Choice

_REGRESSORS = ("regressors", "future-regressors", "past-regressors")
_LIMITS = frozenset({"lower", "upper", "snap", "ensure-positive"})
_KINDS: tuple[tuple[str, type[Account | Asset | Sensor]], ...] = (
    ("account", Account),
    ("asset", Asset),
    ("sensor", Sensor),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is done to forecast values, in this order; in the unit of the sensor.

    :param lower: values below it become it, likewise those above `upper`; NaN for no limit.
    :param snap: a target and an interval, whose values become the target.
    :param ensure_positive: whether negative values become zero.
    """

    lower: float = float("nan")
    upper: float = float("nan")
    snap: Sequence[tuple[float, float, float]] = ()
    ensure_positive: bool = False

    def apply(self, result: ForecastResult) -> ForecastResult:
        """The result within the limits; missing values stay missing."""
        values: Floats = np.fmin(np.fmax(result.values, self.lower), self.upper)
        values = np.where(np.isnan(result.values), np.nan, values)
        for target, low, high in self.snap:
            values = np.where((values >= low) & (values <= high), target, values)
        if self.ensure_positive:
            values = np.maximum(values, 0.0)
        return replace(result, values=values)


@dataclass(frozen=True, slots=True)
class Config:
    """What becomes of the config of a request.

    :param of_driver: what the forecaster gets, as its schema loads it.
    :param ignored: names of common fields that nobody takes.
    """

    of_driver: Mapping[str, Any]
    limits: Limits
    ignored: Sequence[str]


def check_references(
    session: Session, requester: User | None, reader: StoreReader, given: Mapping[str, Any]
) -> None:
    """See that the requester may read what the config names.

    :raises InvalidInput: where something does not exist or may not be read, alike.
    """
    loaded = _load(ForecastConfigSchema(), given)
    for name in _REGRESSORS:
        for number, regressor in enumerate(loaded[name.replace("-", "_")]):
            reader.sensor(regressor.sensor_id, field=f"config.{name}.{number}")
    for number, annotated in enumerate(loaded.get("annotation_regressors", ())):
        for kind, entity in _KINDS:
            if kind not in annotated:
                continue
            found = session.get(entity, annotated[kind])
            if found is None or (
                requester is not None and not allowed(requester, found, Permission.READ)
            ):
                raise InvalidInput(
                    f"No {kind} found with ID {annotated[kind]}.",
                    field=f"config.annotation-regressors.{number}.{kind}",
                )


def divide(choice: Choice, sensor: Sensor, given: Mapping[str, Any]) -> Config:
    """What of the config goes to the forecaster, what to the host, and what to nobody.

    :raises InvalidInput: naming the field, where nobody knows it or its value is refused.
    """
    common = _load(ForecastConfigSchema(), given)
    schema_class = getattr(choice.driver, "config_schema", None)
    schema = None if schema_class is None else schema_class()
    known = () if schema is None else _names(schema)
    for name in given:
        if name not in known and name not in COMMON_FIELDS:
            raise InvalidInput("Unknown field.", field=f"config.{name}")
    taken = {name: value for name, value in given.items() if name in known}
    loaded = {} if schema is None or not taken else _load(schema, taken, partial=True)
    left = given.keys() - taken.keys()
    return Config(
        of_driver={**choice.config, **loaded},
        limits=_limits(sensor, {name: common[_key(name)] for name in left & _LIMITS}),
        ignored=sorted(left - _LIMITS),
    )


def _names(schema: Schema) -> frozenset[str]:
    return frozenset(field.data_key or name for name, field in schema.fields.items())


def _load(schema: Schema, given: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(dict(given), **options)
    except ValidationError as error:
        place, text = first_message(error)
        raise InvalidInput(text, field=f"config.{place}" if place else "config") from error
    return loaded


def _key(name: str) -> str:
    return name.replace("-", "_")


def _limits(sensor: Sensor, given: Mapping[str, Any]) -> Limits:
    bounds = {name: _bound(sensor, name, given.get(name)) for name in ("lower", "upper")}
    if bounds["lower"] > bounds["upper"]:
        raise InvalidInput("The lower limit is above the upper one.", field="config.lower")
    return Limits(
        **bounds,
        snap=given.get("snap", ()),
        ensure_positive=given.get("ensure-positive", False),
    )


def _bound(sensor: Sensor, name: str, given: float | str | None) -> float:
    if given is None:
        return float("nan")
    try:
        return units.quantity(given, sensor.unit, sensor.unit)
    except InvalidInput as error:
        error.field = f"config.{name}"
        raise
