"""Assets (things with sensors: batteries, roofs, buildings, markets) and their types."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, object_session, relationship

from fmhost.model.base import NEVER_REUSE_IDS, Base
from fmhost.model.location import Location, great_circle_distance
from fmhost.model.types import json_list, json_object

if TYPE_CHECKING:
    from fmhost.model.accounts import Account
    from fmhost.model.annotations import Annotation
    from fmhost.model.sensors import Sensor

#: Attributes of old that live in the flex-model now, under another name.
MOVED_TO_FLEX_MODEL = {
    "min_soc_in_mwh": "soc-min",
    "max_soc_in_mwh": "soc-max",
    "capacity_in_mw": "power-capacity",
    "consumption_capacity": "consumption-capacity",
    "production_capacity": "production-capacity",
    "roundtrip_efficiency": "roundtrip-efficiency",
    "charging-efficiency": "charging-efficiency",
    "discharging-efficiency": "discharging-efficiency",
    "storage_efficiency": "storage-efficiency",
    "soc-gain": "soc-gain",
    "soc-usage": "soc-usage",
}


class AssetType(Base):
    """What kind of thing an asset is: ``battery``, ``solar``, ``building``, ..."""

    __tablename__ = "generic_asset_type"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True, default="")
    description: Mapped[str | None] = mapped_column(String(80))

    assets: Mapped[list[Asset]] = relationship(
        back_populates="generic_asset_type", passive_deletes="all"
    )


class Asset(Base):
    """A thing with sensors; belongs to an account, or to all (public, without account).

    Assets form trees. Deleting one deletes its descendants, all their sensors and beliefs.
    """

    __tablename__ = "generic_asset"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), default="")
    generic_asset_type_id: Mapped[int] = mapped_column(
        ForeignKey("generic_asset_type.id"), index=True
    )
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    parent_asset_id: Mapped[int | None] = mapped_column(
        ForeignKey("generic_asset.id", ondelete="CASCADE")
    )
    external_id: Mapped[str | None] = mapped_column(String(80))
    description: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    attributes: Mapped[dict[str, Any]] = mapped_column(
        json_object(), default=dict, server_default="{}"
    )
    flex_context: Mapped[dict[str, Any]] = mapped_column(
        json_object(), default=dict, server_default="{}"
    )
    flex_model: Mapped[dict[str, Any]] = mapped_column(
        json_object(), default=dict, server_default="{}"
    )
    sensors_to_show: Mapped[list[Any]] = mapped_column(
        json_list(), default=list, server_default="[]"
    )
    sensors_to_show_as_kpis: Mapped[list[Any]] = mapped_column(
        json_list(), default=list, server_default="[]"
    )
    #: Encrypted envelopes only, at most two names deep; never leaves the server.
    secrets: Mapped[dict[str, Any]] = mapped_column(
        json_object(), default=dict, server_default="{}"
    )

    generic_asset_type: Mapped[AssetType] = relationship(back_populates="assets")
    account: Mapped[Account | None] = relationship(back_populates="assets")
    parent_asset: Mapped[Asset | None] = relationship(
        back_populates="child_assets", remote_side=[id]
    )
    child_assets: Mapped[list[Asset]] = relationship(
        back_populates="parent_asset",
        cascade="save-update, merge, delete",
        passive_deletes=True,
        order_by=id,
    )
    sensors: Mapped[list[Sensor]] = relationship(
        back_populates="generic_asset",
        cascade="save-update, merge, delete",
        passive_deletes=True,
        order_by="Sensor.id",
    )
    annotations: Mapped[list[Annotation]] = relationship(
        secondary="annotations_assets", back_populates="assets", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("parent_asset_id <> id", name="parent_is_another"),
        UniqueConstraint("account_id", "external_id"),
        Index(
            "uq_generic_asset_child_name",
            "parent_asset_id",
            "name",
            unique=True,
            sqlite_where=text("parent_asset_id IS NOT NULL"),
            postgresql_where=text("parent_asset_id IS NOT NULL"),
        ),
        Index(
            "uq_generic_asset_root_name",
            "account_id",
            "name",
            unique=True,
            sqlite_where=text("parent_asset_id IS NULL AND account_id IS NOT NULL"),
            postgresql_where=text("parent_asset_id IS NULL AND account_id IS NOT NULL"),
        ),
        Index(
            "uq_generic_asset_public_root_name",
            "name",
            unique=True,
            sqlite_where=text("parent_asset_id IS NULL AND account_id IS NULL"),
            postgresql_where=text("parent_asset_id IS NULL AND account_id IS NULL"),
        ),
        NEVER_REUSE_IDS,
    )

    @property
    def is_public(self) -> bool:
        """Whether the asset belongs to no account."""
        return self.account_id is None and self.account is None

    @property
    def location(self) -> Location | None:
        """Latitude and longitude [degrees], where both are known."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude

    def distance_to(self, location: Location) -> float | None:
        """Great-circle distance to `location` [km]; None where the asset has no location."""
        return great_circle_distance(self.location, location) if self.location else None

    @property
    def ancestors(self) -> list[Asset]:
        """Parent, grandparent and so on up to the root."""
        found: list[Asset] = []
        asset = self.parent_asset
        # Schemas refuse circles; a circle written by hand must still not hang the server.
        while asset is not None and asset is not self and asset not in found:
            found.append(asset)
            asset = asset.parent_asset
        return found

    @property
    def offspring(self) -> list[Asset]:
        """Children, grandchildren and so on, by id."""
        session = object_session(self)
        if session is None or self.id is None:
            return list(_walk_down(self))
        return list(session.scalars(_offspring(), {"its_id": self.id}))

    @property
    def offspring_ids(self) -> set[int]:
        """The ids of children, grandchildren and so on, without loading these."""
        session = object_session(self)
        if session is None or self.id is None:
            return {each.id for each in _walk_down(self)}
        return set(session.scalars(_ids_of_offspring(), {"its_id": self.id}))

    @property
    def common_timezone(self) -> str | None:
        """The time zone that all sensors of the asset share, if they do."""
        zones = {sensor.timezone for sensor in self.sensors}
        return zones.pop() if len(zones) == 1 else None

    def has_attribute(self, name: str) -> bool:
        """Whether `get_attribute` finds a value of its own for `name`."""
        return name in self.attributes or MOVED_TO_FLEX_MODEL.get(name, "") in self.flex_model

    def get_attribute(self, name: str, default: Any = None) -> Any:
        """The attribute `name`; for names that moved there, else the field of the flex-model."""
        if name in self.attributes:
            return self.attributes[name]
        return self.flex_model.get(MOVED_TO_FLEX_MODEL.get(name, ""), default)

    def set_attribute(self, name: str, value: Any) -> None:
        """Set the attribute `name` (a JSON value)."""
        self.attributes = {**self.attributes, name: value}

    def find_in_flex_context(self, field: str, default: Any = None) -> Any:
        """The field of the own flex-context, else that of the nearest ancestor which has it."""
        for asset in (self, *self.ancestors):
            if field in asset.flex_context:
                return asset.flex_context[field]
        return default


@cache
def _offspring() -> Select[Asset]:
    """What is below the asset ``its_id``; made once, as making it takes longer than asking it."""
    return select(Asset).where(Asset.id.in_(_ids_of_offspring())).order_by(Asset.id)


@cache
def _ids_of_offspring() -> Select[int]:
    child = aliased(Asset)
    top = bindparam("its_id", type_=Integer)
    below = select(Asset.id).where(Asset.parent_asset_id == top).cte("below", recursive=True)
    below = below.union(select(child.id).where(child.parent_asset_id == below.c.id))
    return select(below.c.id).where(below.c.id != top)


def _walk_down(asset: Asset) -> Iterator[Asset]:
    for child in asset.child_assets:
        yield child
        yield from _walk_down(child)
