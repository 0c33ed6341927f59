"""Limits of the state of charge as charts show them: fixed ones, and those that change in time.

What a flex-model stores holds always. What the newest schedule was asked to keep to beyond that
holds for the time of that schedule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmhost.auth.policy import Permission, allowed
from fmhost.beliefs import Query, read, selection
from fmhost.domain import units
from fmhost.domain.arrays import Floats, Moments, epoch_microseconds, moment64, moments64
from fmhost.domain.calendar_days import event_ends
from fmhost.domain.common_units import ratio
from fmhost.domain.downsampling import buckets_of, telling
from fmhost.domain.timed_values import timed_values
from fmhost.domain.vega_lite import FixedValue
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Asset, Job, JobState, Sensor, User
from fmhost.services import schedules
from fmhost.services.devices import hyphenated
from fmhost.services.plots import Frame
from fmhost.services.schedule_requests import Request
from fmhost.services.shown import Shown, sensors_among

FIELDS: Final = ("soc-min", "soc-max", "soc-minima", "soc-maxima", "soc-targets")

#: So many schedules are looked at for what they were asked to keep to.
_MOST_JOBS: Final = 20

Flex = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class LimitLine:
    """A limit in time, in columns of equal length.

    :param sensor: the state of charge that it is about.
    :param label: the field that sets it.
    :param starts: from when each value holds, UTC; `ends`, until when: the same for a moment.
    :param values: in `unit`, that of the axis.
    """

    sensor: Sensor
    label: str
    unit: str
    starts: Moments
    ends: Moments
    values: Floats


@dataclass(frozen=True, slots=True)
class _Scale:
    """How a level is written, and in what unit it is shown.

    :param capacity: number and unit of what is full, where that is known; shares are of it.
    """

    usual: str
    shown: str
    capacity: tuple[float, str] | None

    def factor(self, unit: str) -> float | None:
        """By what a value in `unit` is multiplied; None where it cannot be shown."""
        direct = ratio(unit, self.shown)
        if direct is not None or self.capacity is None:
            return direct
        number, whole = self.capacity
        share, level = ratio(unit, "%"), ratio(whole, self.shown)
        if share is not None and level is not None:
            return share / 100 * number * level
        percent, part = ratio("%", self.shown), ratio(unit, whole)
        if percent is not None and part is not None and number > 0:
            return part / number * 100 * percent
        return None

    def value(self, said: Any) -> float | None:
        """A fixed quantity as it is shown; None for anything else."""
        known = _quantity(said, self.usual)
        factor = None if known is None else self.factor(known[1])
        return None if known is None or factor is None else known[0] * factor


def with_fixed_limits(shown: Shown) -> Shown:
    """With lines at limits that always hold, in rows that show a state of charge."""
    by_id = {sensor.id: sensor for sensor in shown.sensors}
    rows = []
    for row in shown.rows:
        limits = [
            FixedValue(field, value, unit)
            for sensor_id, unit in row.sensors.items()
            if is_level(by_id[sensor_id])
            for field, value in _fixed(by_id[sensor_id], unit)
        ]
        taken = {(each.value, each.unit) for each in row.fixed}
        added = [each for each in dict.fromkeys(limits) if (each.value, each.unit) not in taken]
        rows.append(replace(row, fixed=(*row.fixed, *added)))
    return Shown(rows, shown.sensors, shown.factors)


def limits_over_time(
    session: Session, user: User, shown: Shown, frame: Frame, now: datetime
) -> list[LimitLine]:
    """The limits in rows that show a state of charge which change, as far as `user` may read them.

    Of sensors what was known at the `prior` of the frame; of schedules the newest one then.
    """
    found: list[LimitLine] = []
    for row in shown.rows:
        for sensor in shown.sensors:
            if sensor.id in row.sensors and is_level(sensor):
                found += _limits(session, user, sensor, row.sensors[sensor.id], frame, now)
    return found


def is_level(sensor: Sensor) -> bool:
    """Whether a sensor has a state of charge: what its asset calls that, else moments of energy."""
    named = hyphenated(sensor.generic_asset.flex_model).get("state-of-charge")
    if isinstance(named, Mapping) and "sensor" in named:
        return bool(named["sensor"] == sensor.id)
    return sensor.is_instantaneous and ratio(sensor.unit, "MWh") is not None


def _limits(
    session: Session, user: User, sensor: Sensor, unit: str, frame: Frame, now: datetime
) -> Iterator[LimitLine]:
    stored = hyphenated(sensor.generic_asset.flex_model)
    request, asked = _asked(session, user, sensor, frame, now)
    scale = _scale({**stored, **asked}, unit)
    for field in FIELDS:
        said = asked.get(field, stored.get(field))
        if isinstance(said, Mapping):
            line = _of_sensor(session, user, sensor, field, said, scale, frame)
        elif isinstance(said, list):
            line = _of_list(sensor, field, said, scale)
        elif request is not None and scale.value(said) != scale.value(stored.get(field)):
            window = {"start": request.start.isoformat(), "end": request.end.isoformat()}
            line = _of_list(sensor, field, [{"value": said, **window}], scale)
        else:
            continue  # it is drawn as what always holds
        if line is not None and (line := _within(line, frame)) is not None:
            yield line


def _asked(
    session: Session, user: User, sensor: Sensor, frame: Frame, now: datetime
) -> tuple[Request | None, Flex]:
    """The newest schedule of that time that was asked to keep to limits of this asset."""
    asset = sensor.generic_asset
    query = (
        select(Job)
        .where(
            Job.asset_id.in_([asset.id, *(each.id for each in asset.ancestors)]),
            Job.kind == schedules.KIND,
            Job.state == JobState.FINISHED.value,
            Job.created_at <= (frame.prior or now),
        )
        .options(joinedload(Job.sensor), joinedload(Job.asset))
        .order_by(Job.created_at.desc(), Job.id)
        .limit(_MOST_JOBS)
    )
    for job in session.scalars(query):
        about = job.sensor or job.asset
        if about is None or not allowed(user, about, Permission.READ):
            continue
        request = Request.from_arguments(job.arguments)
        entry = _entry(request.flex_model, about, sensor)
        if entry is not None and request.start < frame.end and request.end > frame.start:
            return request, entry
    return None, {}


def _entry(flex_model: Any, about: Sensor | Asset, sensor: Sensor) -> Flex | None:
    """What a request says of the asset of a sensor; None where it is about others."""
    asset = sensor.generic_asset
    own = {each.id for each in asset.sensors}
    if not isinstance(flex_model, list):
        asset_id = about.generic_asset_id if isinstance(about, Sensor) else about.id
        entries = [flex_model or {}] if asset_id == asset.id else []
    else:
        entries = [
            each
            for each in flex_model
            if isinstance(each, Mapping)
            and (each.get("asset") == asset.id or each.get("sensor") in own)
        ]
    for each in map(hyphenated, filter(lambda entry: isinstance(entry, Mapping), entries)):
        level = each.get("state-of-charge")
        if not isinstance(level, Mapping) or level.get("sensor") == sensor.id:
            return each
    return None


def _of_list(sensor: Sensor, field: str, said: list[Any], scale: _Scale) -> LimitLine | None:
    parts = sorted(
        (epoch_microseconds(each.start), epoch_microseconds(each.end), value)
        for each in timed_values(said, time_zone(sensor.timezone, field="timezone"))
        if (value := scale.value(each.said)) is not None
    )
    if not parts:
        return None
    starts, ends, values = zip(*parts, strict=True)
    columns = (moments64(starts), moments64(ends), np.array(values, np.float64))
    return LimitLine(sensor, field, scale.shown, *columns)


def _of_sensor(
    session: Session,
    user: User,
    sensor: Sensor,
    field: str,
    said: Flex,
    scale: _Scale,
    frame: Frame,
) -> LimitLine | None:
    named = said.get("sensor")
    known = sensors_among(session, user, [named] if type(named) is int else [])
    if not known:
        return None
    (other,) = known.values()
    factor = scale.factor(other.unit)
    if factor is None:
        return None
    filters = hyphenated(said)
    beliefs = read(
        session,
        Query(
            sensor=other,
            start=frame.start,
            end=frame.end,
            prior=frame.prior,
            source_ids=filters.get("sources"),
            source_types=filters.get("source-types"),
            exclude_source_types=filters.get("exclude-source-types"),
            one_source=True,
        ),
    )
    single = selection.medians(beliefs)
    single = single.take(~np.isnan(single.event_value))
    zone = time_zone(other.timezone, field="timezone")
    starts, ends = single.event_start, event_ends(single.event_start, other.event_resolution, zone)
    return LimitLine(sensor, field, scale.shown, starts, ends, single.event_value * factor)


def _within(line: LimitLine, frame: Frame) -> LimitLine | None:
    """What is in the frame, in no more parts than its pixels can tell; None where nothing is."""
    first, last = moment64(frame.start), moment64(frame.end)
    is_inside = (line.ends >= first) & (line.starts < last)
    kept = np.flatnonzero(is_inside)
    if not len(kept):
        return None
    starts, ends, values = line.starts[kept], line.ends[kept], line.values[kept]
    if frame.pixels is not None and len(kept) > 2 * frame.pixels:
        told = telling(buckets_of(starts, first, last, frame.pixels), [values])
        starts, ends, values = starts[told], ends[told], values[told]
        is_near = (starts[1:] - ends[:-1] < (last - first) / frame.pixels) & (ends > starts)[:-1]
        ends[:-1][is_near] = starts[1:][is_near]
    starts, ends = np.maximum(starts, first), np.minimum(ends, last)
    # What goes on as before is one part.
    is_new = np.ones(len(starts), np.bool_)
    lasts = ends > starts
    is_new[1:] = (starts[1:] != ends[:-1]) | (values[1:] != values[:-1]) | ~lasts[1:] | ~lasts[:-1]
    firsts = np.flatnonzero(is_new)
    ends = ends[np.append(firsts[1:], len(starts)) - 1]
    return replace(line, starts=starts[firsts], ends=ends, values=values[firsts])


def _fixed(sensor: Sensor, unit: str) -> Iterator[tuple[str, float]]:
    stored = hyphenated(sensor.generic_asset.flex_model)
    scale = _scale(stored, unit)
    for field in FIELDS:
        value = scale.value(stored.get(field))
        if value is not None:
            yield field, value


def _scale(flex: Flex, shown: str) -> _Scale:
    said = flex.get("soc-unit")
    usual = said if isinstance(said, str) and said else "MWh"
    return _Scale(usual, shown, _quantity(flex.get("soc-max"), usual))


def _quantity(said: Any, usual: str) -> tuple[float, str] | None:
    """Number and unit of a fixed quantity; None for anything else."""
    if not isinstance(said, str | int | float) or isinstance(said, bool):
        return None
    try:
        return units.parse_quantity(said, usual)
    except InvalidInput:
        return None
