"""What is deleted along with an asset or a sensor: told before somebody says yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from fmhost.model import Asset, Job, JobState, Sensor
from fmhost.services import schedules
from fmhost.services.sensors import count_beliefs


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes.

    :param assets: the names of the assets below, by id.
    :param sensors: the number of sensors, of `beliefs` about them, and of computed `schedules`.
    """

    assets: Sequence[str]
    sensors: int
    beliefs: int
    schedules: int


def of_asset(session: Session, asset: Asset) -> Removal:
    """What is deleted with an asset. The caller has asked the policy."""
    below = sorted(asset.offspring, key=lambda each: each.id)
    ids = [asset.id, *(each.id for each in below)]
    query = select(Sensor.id).where(Sensor.generic_asset_id.in_(ids))
    sensor_ids = session.scalars(query).all()
    return Removal(
        assets=[each.name for each in below],
        sensors=len(sensor_ids),
        beliefs=count_beliefs(session, sensor_ids) if sensor_ids else 0,
        schedules=_schedules(session, sensor_ids, ids),
    )


def of_sensor(session: Session, sensor: Sensor) -> Removal:
    """What is deleted with a sensor. The caller has asked the policy."""
    return Removal(
        assets=[],
        sensors=1,
        beliefs=count_beliefs(session, [sensor.id]),
        schedules=_schedules(session, [sensor.id], []),
    )


def _schedules(session: Session, sensor_ids: Sequence[int], asset_ids: Sequence[int]) -> int:
    query = select(func.count(Job.id)).where(
        Job.kind == schedules.KIND,
        Job.state == JobState.FINISHED,
        or_(Job.sensor_id.in_(sensor_ids), Job.asset_id.in_(asset_ids)),
    )
    return session.scalar(query) or 0
