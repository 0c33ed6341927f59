"""What one asset says about the sensors of others, and how it forgets them when they go."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.model import Asset, User
from fmhost.services import audit
from fmhost.services.installation import Installation

#: Fields of an asset that refer to sensors and assets.
FIELDS = ("flex_context", "flex_model", "sensors_to_show", "sensors_to_show_as_kpis")

#: Fields of flex-context and flex-model whose bare number, or list of numbers, means sensors.
_BARE_SENSOR_FIELDS = frozenset(
    {"consumption-price-sensor", "production-price-sensor", "inflexible-device-sensors"}
)

_GONE = object()


def prune(
    installation: Installation,
    session: Session,
    *,
    sensor_ids: Collection[int],
    asset_ids: Collection[int] = (),
    actor: User | None = None,
) -> None:
    """Take sensors and assets that are about to be deleted out of all other assets.

    What would be left empty by that goes too. One audit record is written per changed field.

    :param asset_ids: assets that go; they are not changed themselves.
    """
    for asset in session.scalars(select(Asset).where(Asset.id.not_in(asset_ids))):
        for field in FIELDS:
            before = getattr(asset, field)
            after = _without(before, None, sensor_ids, asset_ids, show=field.startswith("sensors"))
            after = type(before)() if after is _GONE else after
            if after != before:
                setattr(asset, field, after)
                audit.record_for_asset(
                    installation,
                    session,
                    f"Updated: {field}, From: {before}, To: {after}",
                    actor=actor,
                    asset_id=asset.id,
                )


def _without(
    value: Any,
    key: str | None,
    sensor_ids: Collection[int],
    asset_ids: Collection[int],
    *,
    show: bool,
) -> Any:
    """`value` without references to what goes; `_GONE` where nothing is left of it.

    :param key: the name of the field that holds `value`.
    :param show: whether bare numbers are sensors, as in the lists of what to show.
    """
    if isinstance(value, dict):
        if value.get("sensor") in sensor_ids or value.get("asset") in asset_ids:
            return _GONE
        kept = {
            name: _without(part, name, sensor_ids, asset_ids, show=show)
            for name, part in value.items()
        }
        left = {name: part for name, part in kept.items() if part is not _GONE}
        return left if left or not value else _GONE
    if isinstance(value, list):
        parts = [_without(part, key, sensor_ids, asset_ids, show=show) for part in value]
        kept_parts = [part for part in parts if part is not _GONE]
        return kept_parts if kept_parts or not value else _GONE
    means_sensor = key in _BARE_SENSOR_FIELDS or key == "sensors" or (show and key != "asset")
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return _GONE if means_sensor and is_number and value in sensor_ids else value
