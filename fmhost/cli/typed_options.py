"""Marshmallow fields as the types of click options, for the commands of plugins.

::

    class Colour(fields.Str, MarshmallowClickMixin): ...

    @click.option("--colour", type=Colour())
    @click.option("--when", type=AwareDateTimeField(format="iso"))
    @click.option("--sensor", type=SensorIdField())
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from flask import has_app_context
from marshmallow import ValidationError

from fmhost.api.unit_of_work import current_session
from fmhost.cli.context import current_installation
from fmhost.model import Asset, Sensor, Source
from fmhost.schemas.fields import AwareDateTime, EntityId, FixedDuration, TimeZone, Unit

if TYPE_CHECKING:
    from marshmallow.fields import Field

    _Converter = Field[Any]
    _ParamType = click.ParamType[Any]
else:
    _Converter = object
    _ParamType = click.ParamType  # generic since click 8.3 only


class MarshmallowClickMixin(_ParamType):
    """Makes a marshmallow field a click type; it comes after the field among the base classes.

    Both have an attribute ``name``. It stays that of the field; help shows the name of the class.
    """

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """What help shows for the value."""
        return type(self).__name__.removesuffix("Field").removeprefix("CLI").upper()

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value as the field loads it; one that it refuses is a mistake in using the command.

        What is no text is taken as converted, such as a default.
        """
        if not isinstance(value, str):
            return value
        field: _Converter = self  # type: ignore[assignment]
        try:
            return field.deserialize(value)
        except ValidationError as error:
            self.fail(" ".join(map(str, error.messages)), param, ctx)


class AwareDateTimeField(AwareDateTime, MarshmallowClickMixin):  # type: ignore[misc]  # `name`: see the mixin
    """A moment in ISO 8601 with its offset from UTC.

    :param format: ``iso``, the only one.
    """

    def __init__(self, format: str = "iso", **options: Any) -> None:
        if format != "iso":
            raise ValueError("Moments are written in ISO 8601: format='iso'.")
        super().__init__(**options)


class DurationField(FixedDuration, MarshmallowClickMixin):  # type: ignore[misc]  # `name`: see the mixin
    """A duration in ISO 8601 without months or years, as ``timedelta``."""


class TimeZoneField(TimeZone, MarshmallowClickMixin):  # type: ignore[misc]  # `name`: see the mixin
    """The IANA name of a time zone."""


class UnitField(Unit, MarshmallowClickMixin):  # type: ignore[misc]  # `name`: see the mixin
    """A unit that can be handled."""


class _EntityIdField(EntityId, MarshmallowClickMixin):  # type: ignore[misc]  # `name`: see the mixin
    entity: type[Any]

    def __init__(self, **options: Any) -> None:
        super().__init__(self.entity.__name__.lower(), **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        number = super()._deserialize(value, attr, data, **kwargs)
        if has_app_context():
            found = current_session().get(self.entity, number)
        else:
            with current_installation().database.reading() as session:
                found = session.get(self.entity, number)
        if found is None:
            raise ValidationError(f"No {self.kind} found with ID {number}.")
        return found


class SensorIdField(_EntityIdField):
    """The id of a sensor; gives the sensor. For commands only: the policy is not asked."""

    entity = Sensor


class AssetIdField(_EntityIdField):
    """The id of an asset; gives the asset, as for sensors."""

    entity = Asset


class DataSourceIdField(_EntityIdField):
    """The id of a data source; gives the source, as for sensors."""

    entity = Source
