"""What charts of people show: which rows where nobody has chosen, which time, which limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager

from fmhost.auth.policy import Permission, allowed
from fmhost.auth.visibility import readable_sensors
from fmhost.beliefs.extent import extents
from fmhost.domain.chart_rows import Row
from fmhost.domain.common_units import common_units, ratio
from fmhost.model import Annotation, Asset, Sensor, User
from fmhost.services.charted import ChartWindow, annotations_about
from fmhost.services.results import measures_power
from fmhost.services.shown import Shown, shown_by, shown_of
from fmhost.services.soc_limits import with_fixed_limits

#: How much is shown of sensors about which nothing is known since yesterday.
LAST_KNOWN: Final = timedelta(days=2)

#: Most sensors to choose from.
MOST_CHOICES: Final = 300

_MOST_ROWS: Final = 5
_MOST_SENSORS: Final = 6
_DAY: Final = timedelta(days=1)


def plotted_of_asset(session: Session, user: User | None, asset: Asset) -> Shown:
    """What the graphs of an asset show: what it says, else prices, powers, and what else it has.

    Only what `user` may read; with the limits of the state of charge.
    """
    return with_fixed_limits(shown_by(session, user, asset, suggested=_suggested(asset)))


def plotted_of_sensor(sensor: Sensor) -> Shown:
    """The graph of one sensor, with its limits."""
    return with_fixed_limits(shown_of(sensor))


def usual_window(
    session: Session, sensors: Sequence[Sensor], now: datetime, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """From the start of yesterday to the end of tomorrow, on the calendar of `zone`.

    Where nothing is known about that time, the last days of which something is known.
    """
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    start, end = today - _DAY, today + 2 * _DAY
    known = extents(session, sensors).values()
    if not known or any(first < end and last > start for first, last in known):
        return start, end
    last = max(last for _, last in known).astimezone(zone)
    midnight = last.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    end = midnight if midnight == last else midnight + _DAY
    return end - LAST_KNOWN, end


def _suggested(asset: Asset) -> list[Row]:
    """Rows of an asset that does not say what it shows: prices, powers, energies, and the rest."""
    own = list(asset.sensors) or [
        sensor for below in islice(asset.offspring, _MOST_SENSORS) for sensor in below.sensors
    ]
    common = common_units(sensor.unit for sensor in own)
    groups: dict[str, list[Sensor]] = {}
    for sensor in sorted(own, key=_rank):
        groups.setdefault(common[sensor.unit][0], []).append(sensor)
    rows = [Row(sensor_ids=tuple(s.id for s in each[:_MOST_SENSORS])) for each in groups.values()]
    known = {sensor.id for sensor in own}
    prices = tuple(dict.fromkeys(each for each in _prices(asset) if each not in known))
    return [*([Row(sensor_ids=prices)] if prices else ()), *rows][:_MOST_ROWS]


def _rank(sensor: Sensor) -> int:
    return 0 if measures_power(sensor) else 1 if _measures_energy(sensor) else 2


def _prices(asset: Asset) -> Iterator[Any]:
    """The sensors of prices that the flex-context names; what it names need not exist."""
    for field in ("consumption-price", "production-price"):
        said = asset.find_in_flex_context(field)
        if isinstance(said, dict) and "sensor" in said:
            yield said["sensor"]
        elif isinstance(number := asset.find_in_flex_context(f"{field}-sensor"), int):
            yield number


def _measures_energy(sensor: Sensor) -> bool:
    return ratio(sensor.unit, "MWh") is not None


def remarks_on(
    session: Session, user: User, target: Sensor | Asset, window: ChartWindow
) -> Sequence[Annotation]:
    """The annotations of a sensor or asset, and of what it belongs to as far as `user` may read.

    The policy for the target is the caller's.
    """
    asset = target.generic_asset if isinstance(target, Sensor) else target
    account = asset.account
    return annotations_about(
        session,
        window,
        sensor=target if isinstance(target, Sensor) else None,
        asset=asset if allowed(user, asset, Permission.READ) else None,
        account=account if account and allowed(user, account, Permission.READ) else None,
    )


def choices_of(session: Session, user: User, asset: Asset) -> Sequence[Sensor]:
    """The sensors that the graphs of an asset could show: of its family, and public ones.

    Only what `user` may read, at most :data:`MOST_CHOICES`; those of the asset come first.
    """
    family = [asset.id, *(each.id for each in (*asset.offspring, *asset.ancestors))]
    query = (
        select(Sensor)
        .join(Asset, Sensor.generic_asset_id == Asset.id)
        .where(readable_sensors(user), or_(Asset.id.in_(family), Asset.account_id.is_(None)))
        .options(contains_eager(Sensor.generic_asset))
        .order_by(Asset.id != asset.id, Asset.id.not_in(family), Asset.id, Sensor.id)
        .limit(MOST_CHOICES)
    )
    return session.scalars(query).all()
