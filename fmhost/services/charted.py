"""The beliefs and annotations that charts are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from fmhost.beliefs import Beliefs, Query, read_several, selection
from fmhost.domain.arrays import moment64
from fmhost.domain.calendar_days import event_ends
from fmhost.domain.durations import Span
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Account, Annotation, Asset, Sensor, Source

#: Most beliefs that are looked at for one chart, and most that it shows.
MOST_READ = 500_000
MOST_SHOWN = 200_000


@dataclass(frozen=True, slots=True)
class ChartWindow:
    """Which events and beliefs a chart is about; None leaves a side open.

    :param start: only events that start then or later; likewise `end`, the end of the last one.
    :param since: only beliefs formed then or later; likewise `prior`, formed by then.
    """

    start: datetime | None = None
    end: datetime | None = None
    since: datetime | None = None
    prior: datetime | None = None

    def lasting(self, duration: Span | None, zone: ZoneInfo) -> ChartWindow:
        """The window with a length, of which one side is given.

        :raises InvalidInput: where both sides are given, or none; and for an end before the start.
        """
        # Within a zone, moments are compared by its clock, which may show a time twice.
        start = None if self.start is None else self.start.astimezone(UTC)
        end = None if self.end is None else self.end.astimezone(UTC)
        if duration is not None:
            if (start is None) == (end is None):
                raise InvalidInput(
                    "A duration goes with either a start or an end.", field="duration"
                )
            try:
                if start is not None:
                    end = duration.add_to(start, zone).astimezone(UTC)
                elif end is not None:
                    start = duration.times(-1).add_to(end, zone).astimezone(UTC)
            except InvalidInput as error:
                error.field = "duration"
                raise
        if start is not None and end is not None and end <= start:
            raise InvalidInput("The end must be after the start.", field="event_ends_before")
        return ChartWindow(start, end, self.since, self.prior)


@dataclass(frozen=True, slots=True)
class Charted:
    """What is shown of one sensor."""

    sensor: Sensor
    beliefs: Beliefs


def charted(
    session: Session,
    sensors: Sequence[Sensor],
    window: ChartWindow,
    *,
    most_recent: bool = True,
    latest_versions: bool = True,
    quantiles: bool = False,
) -> list[Charted]:
    """The beliefs about each sensor; the policy is the caller's.

    :param most_recent: of each source only the most recent belief about an event.
    :param latest_versions: per event only the latest version of sources that differ in nothing
        else.
    :param quantiles: whether probabilistic beliefs come as they are, rather than as medians.
    :raises InvalidInput: where there are more than a chart can take.
    """
    queries = [
        Query(
            sensor=sensor,
            start=window.start,
            end=window.end,
            since=window.since,
            prior=window.prior,
            most_recent=most_recent,
            latest_versions=latest_versions,
        )
        for sensor in sensors
    ]
    found = [
        Charted(sensor, _within(sensor, beliefs, window))
        for sensor, beliefs in zip(
            sensors, read_several(session, queries, at_most=MOST_READ), strict=True
        )
    ]
    if not quantiles:
        found = [Charted(each.sensor, selection.medians(each.beliefs)) for each in found]
    if sum(len(each.beliefs) for each in found) > MOST_SHOWN:
        raise InvalidInput(
            f"There are more than {MOST_SHOWN} beliefs to show.", hint="Ask for a shorter time."
        )
    return found


def _within(sensor: Sensor, beliefs: Beliefs, window: ChartWindow) -> Beliefs:
    """The beliefs about events that lie in the window as a whole."""
    inside = np.ones(len(beliefs), dtype=np.bool_)
    if window.start is not None:
        inside &= beliefs.event_start >= moment64(window.start)
    if window.end is not None:
        zone = time_zone(sensor.timezone, field="timezone")
        ends = event_ends(beliefs.event_start, sensor.event_resolution, zone)
        inside &= ends <= moment64(window.end)
    return beliefs.take(inside)


def sources_in(session: Session, found: Sequence[Beliefs]) -> Mapping[int, Source]:
    """The sources of the beliefs, by id."""
    ids = {each for beliefs in found for each in np.unique(beliefs.source_id).tolist()}
    if not ids:
        return {}
    return {each.id: each for each in session.scalars(select(Source).where(Source.id.in_(ids)))}


def annotations_about(
    session: Session,
    window: ChartWindow,
    *,
    sensor: Sensor | None = None,
    asset: Asset | None = None,
    account: Account | None = None,
) -> Sequence[Annotation]:
    """The annotations of any of these that overlap the window, with their sources, by start.

    The policy is the caller's.
    """
    linked: list[ColumnElement[bool]] = []
    if sensor is not None:
        linked.append(Annotation.sensors.any(Sensor.id == sensor.id))
    if asset is not None:
        linked.append(Annotation.assets.any(Asset.id == asset.id))
    if account is not None:
        linked.append(Annotation.accounts.any(Account.id == account.id))
    if not linked:
        return []
    query = select(Annotation).where(or_(*linked)).options(joinedload(Annotation.source))
    if window.start is not None:
        query = query.where(Annotation.end > window.start)
    if window.end is not None:
        query = query.where(Annotation.start < window.end)
    # Nobody knows when an annotation without a belief time was made, so that it always counts.
    if window.since is not None:
        query = query.where(_unknown_or(Annotation.belief_time >= window.since))
    if window.prior is not None:
        query = query.where(_unknown_or(Annotation.belief_time <= window.prior))
    return session.scalars(query.order_by(Annotation.start, Annotation.id)).all()


def _unknown_or(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(Annotation.belief_time.is_(None), condition)


def clipped(annotation: Annotation, window: ChartWindow) -> tuple[datetime, datetime]:
    """Start and end of the part of an annotation that lies in the window."""
    start, end = annotation.start, annotation.end
    return (
        start if window.start is None else max(start, window.start),
        end if window.end is None else min(end, window.end),
    )
