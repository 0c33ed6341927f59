"""Sensors: what is measured, forecast or scheduled, as a time series of beliefs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Integer,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    select,
)
from sqlalchemy.orm import (
    Mapped,
    Session,
    aliased,
    contains_eager,
    joinedload,
    mapped_column,
    object_session,
    relationship,
)

from fmhost.model.assets import Asset, AssetType
from fmhost.model.base import NEVER_REUSE_IDS, Base
from fmhost.model.location import Location, great_circle_distance
from fmhost.model.types import json_object

if TYPE_CHECKING:
    from fmhost.model.annotations import Annotation


def _known_at_once() -> dict[str, Any]:
    return {"ex_post_horizon": 0}


class Sensor(Base):
    """One quantity of an asset over time.

    An event of the sensor lasts `event_resolution`, or is a moment where that is zero. When an
    event becomes known is told by `knowledge_horizon_fnc`, the name of a knowledge-horizon
    function, and its parameters `knowledge_horizon_par`. Deleting a sensor deletes its beliefs.
    """

    __tablename__ = "sensor"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    unit: Mapped[str] = mapped_column(String(80), default="")
    #: IANA name.
    timezone: Mapped[str] = mapped_column(String(80), default="UTC", server_default="UTC")
    event_resolution: Mapped[timedelta] = mapped_column(default=timedelta(0), server_default="0")
    knowledge_horizon_fnc: Mapped[str] = mapped_column(
        String(80), default="ex_post", server_default="ex_post"
    )
    knowledge_horizon_par: Mapped[dict[str, Any]] = mapped_column(
        json_object(), default=_known_at_once, server_default='{"ex_post_horizon": 0}'
    )
    attributes: Mapped[dict[str, Any]] = mapped_column(
        json_object(), default=dict, server_default="{}"
    )
    generic_asset_id: Mapped[int] = mapped_column(
        ForeignKey("generic_asset.id", ondelete="CASCADE")
    )

    generic_asset: Mapped[Asset] = relationship(back_populates="sensors")
    annotations: Mapped[list[Annotation]] = relationship(
        secondary="annotations_sensors", back_populates="sensors", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("event_resolution >= 0", name="event_resolution"),
        UniqueConstraint("generic_asset_id", "name"),
        NEVER_REUSE_IDS,
    )

    @property
    def is_instantaneous(self) -> bool:
        """Whether the events of the sensor are moments."""
        return self.event_resolution == timedelta(0)

    @property
    def is_strictly_non_positive(self) -> bool:
        """Whether the device can consume and cannot produce [stored power, production positive]."""
        return self._can("is_consumer") and not self._can("is_producer")

    @property
    def is_strictly_non_negative(self) -> bool:
        """Whether the device can produce and cannot consume [stored power, production positive]."""
        return self._can("is_producer") and not self._can("is_consumer")

    def _can(self, attribute: str) -> bool:
        return bool(self.get_attribute(attribute, True))

    @property
    def location(self) -> Location | None:
        """Latitude and longitude of the asset [degrees]."""
        return self.generic_asset.location

    def has_attribute(self, name: str) -> bool:
        """Whether the sensor or its asset has the attribute `name`."""
        return name in self.attributes or self.generic_asset.has_attribute(name)

    def get_attribute(self, name: str, default: Any = None) -> Any:
        """The attribute `name` of the sensor, else that of its asset, else `default`."""
        if name in self.attributes:
            return self.attributes[name]
        return self.generic_asset.get_attribute(name, default)

    def set_attribute(self, name: str, value: Any) -> None:
        """Set the attribute `name` (a JSON value) of the sensor itself."""
        self.attributes = {**self.attributes, name: value}


#: So many ids at once are asked for; engines have a limit.
_AT_ONCE = 1000


def load_sensors(session: Session, ids: Collection[int]) -> list[Sensor]:
    """Those sensors that there are, with their assets; at once, and not one by one."""
    wanted = sorted(set(ids))
    query = select(Sensor).options(joinedload(Sensor.generic_asset))
    found: list[Sensor] = []
    for first in range(0, len(wanted), _AT_ONCE):
        part = wanted[first : first + _AT_ONCE]
        found += session.scalars(query.where(Sensor.id.in_(part)))
    return found


def sensors_below(asset: Asset) -> list[Sensor]:
    """The sensors of an asset and of those below it, by id."""
    session = object_session(asset)
    if session is None or asset.id is None:
        return [sensor for each in (asset, *asset.offspring) for sensor in each.sensors]
    return list(session.scalars(_below().order_by(Sensor.id), {"its_id": asset.id}))


def zones_below(asset: Asset) -> set[str]:
    """The time zones of the sensors of an asset and of those below it."""
    session = object_session(asset)
    if session is None or asset.id is None:
        return {sensor.timezone for sensor in sensors_below(asset)}
    query = _below().with_only_columns(Sensor.timezone).distinct()
    return set(session.scalars(query, {"its_id": asset.id}))


@cache
def _below() -> Select[Sensor]:
    """The sensors of the asset ``its_id`` and of those below it; made once, as that takes long."""
    child, top = aliased(Asset), bindparam("its_id", type_=Integer)
    tree = select(Asset.id).where(Asset.id == top).cte("tree", recursive=True)
    tree = tree.union(select(child.id).where(child.parent_asset_id == tree.c.id))
    return select(Sensor).where(Sensor.generic_asset_id.in_(select(tree.c.id)))


def find_called(session: Session, name: str, location: Location) -> list[Sensor]:
    """The sensors of that name, nearest to `location` first.

    Sensors whose asset has no location are left out.
    """
    return _by_distance(session, location, Sensor.name == name)


def find_closest(
    session: Session, asset_type: str, sensor_name: str, location: Location, n: int = 1
) -> list[Sensor]:
    """The up to `n` sensors of that name on assets of that type, nearest to `location` first.

    Sensors whose asset has no location are left out.
    """
    of_type = AssetType.name == asset_type
    return _by_distance(session, location, of_type, Sensor.name == sensor_name)[:n]


def _by_distance(
    session: Session, location: Location, *conditions: ColumnElement[bool]
) -> list[Sensor]:
    query = (
        select(Sensor)
        .join(Sensor.generic_asset)
        .join(Asset.generic_asset_type)
        .where(*conditions)
        .where(Asset.latitude.is_not(None), Asset.longitude.is_not(None))
        .options(contains_eager(Sensor.generic_asset))
        .order_by(Sensor.id)
    )

    def distance(sensor: Sensor) -> float:
        return great_circle_distance(sensor.location or location, location)

    return sorted(session.scalars(query), key=distance)
