"""What a client asks for when it asks for a schedule, and the scheduler that will answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy.orm import Session

from fmhost.domain.flexibility import Scheduler
from fmhost.domain.moments import floor_moment, require_aware
from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor, User
from fmhost.model.sensors import sensors_below
from fmhost.services import results
from fmhost.services.installation import Installation
from fmhost.services.reading import StoreReader
from fmhost.services.selection import Choice, by_name, choose
from fmhost.services.windows import zone_of


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for; as JSON, it is the arguments of the job.

    :param start: start of the first step; `end` is excluded.
    :param resolution: length of a step.
    :param prior: only beliefs recorded up to then count; None for the time of the request.
    :param scheduler: the scheduler's name where somebody chose it, else None.
    :param sequential: whether the devices of an asset are scheduled one after another.
    """

    start: datetime
    end: datetime
    resolution: timedelta
    prior: datetime | None
    flex_model: Any
    flex_context: Any
    scheduler: str | None = None
    sequential: bool = False

    def as_arguments(self) -> dict[str, Any]:
        """The request as a JSON object."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "resolution_s": self.resolution.total_seconds(),
            "prior": self.prior.isoformat() if self.prior else None,
            "flex_model": self.flex_model,
            "flex_context": self.flex_context,
            "scheduler": self.scheduler,
            "sequential": self.sequential,
        }

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Request:
        """The request that a job's row holds."""
        return cls(
            start=datetime.fromisoformat(arguments["start"]),
            end=datetime.fromisoformat(arguments["end"]),
            resolution=timedelta(seconds=arguments["resolution_s"]),
            prior=datetime.fromisoformat(arguments["prior"]) if arguments["prior"] else None,
            flex_model=arguments["flex_model"],
            flex_context=arguments["flex_context"],
            scheduler=arguments["scheduler"],
            sequential=arguments["sequential"],
        )


def make_request(
    installation: Installation,
    target: Sensor | Asset,
    *,
    start: datetime,
    duration: timedelta | None = None,
    resolution: timedelta | None = None,
    prior: datetime | None = None,
    flex_model: Any = None,
    flex_context: Any = None,
    scheduler: str | None = None,
    sequential: bool = False,
) -> Request:
    """The request with its defaults filled in; the keywords are those of ``schedules.trigger``.

    :raises InvalidInput: naming the field, where the window is impossible.
    """
    if start.tzinfo is None:
        raise InvalidInput("The start needs a UTC offset, such as +01:00.", field="start")
    step = resolution or _natural_resolution(target)
    if step <= timedelta(0):
        raise InvalidInput("The resolution must be longer than zero.", field="resolution")
    # Zero is refused below, not replaced by the default.
    length = (
        installation.settings["FLEXMEASURES_PLANNING_HORIZON"] if duration is None else duration
    )
    if length <= timedelta(0):
        raise InvalidInput("The duration must be longer than zero.", field="duration")
    longest = _longest(installation, step)
    if longest is not None and length > longest:
        raise InvalidInput(
            f"A schedule of {length} is longer than the {longest} that this host allows.",
            field="duration",
            hint="Ask for less, or raise FLEXMEASURES_MAX_PLANNING_HORIZON.",
        )
    begin = floor_moment(start, step, zone_of(target), field="start")
    # A fixed offset: sums and differences within a zone follow its clock, also where that jumps.
    begin = begin.astimezone(timezone(begin.utcoffset() or timedelta(0)))
    return Request(
        start=begin,
        end=_end(begin, length),
        resolution=step,
        prior=prior,
        flex_model=flex_model,
        flex_context=flex_context,
        scheduler=scheduler,
        sequential=sequential,
    )


def _end(begin: datetime, length: timedelta) -> datetime:
    try:
        return require_aware(begin + length, field="duration")
    except OverflowError as error:
        raise InvalidInput(
            "The schedule leads outside the years 1 to 9999.", field="duration"
        ) from error


def _natural_resolution(target: Sensor | Asset) -> timedelta:
    """The resolution of the sensor, or the smallest of the power sensors of an asset's tree."""
    if isinstance(target, Sensor):
        if target.event_resolution <= timedelta(0):
            raise InvalidInput(
                f"Sensor {target.id} is instantaneous, so a schedule needs a resolution.",
                field="resolution",
            )
        return target.event_resolution
    sensors = [
        sensor
        for sensor in sensors_below(target)
        if results.measures_power(sensor) and sensor.event_resolution > timedelta(0)
    ]
    if not sensors:
        raise InvalidInput(
            f"Asset {target.id} has no power sensor to schedule.", field="flex-model"
        )
    return min(sensor.event_resolution for sensor in sensors)


def _longest(installation: Installation, step: timedelta) -> timedelta | None:
    """``FLEXMEASURES_MAX_PLANNING_HORIZON`` as a duration: it may count steps."""
    limit = installation.settings["FLEXMEASURES_MAX_PLANNING_HORIZON"]
    return limit * step if isinstance(limit, int) else limit


def prepare(
    installation: Installation,
    session: Session,
    target: Sensor | Asset,
    request: Request,
    requester: User | None,
    requested_at: datetime,
    reader: StoreReader | None = None,
) -> tuple[Choice, Scheduler]:
    """Choose the scheduler, make it, and let it check its configuration.

    :param reader: that of the requester and the belief time; None for a new one.
    :raises InvalidInput: naming the field, for whatever the scheduler does not accept.
    """
    belief_time = request.prior or requested_at
    choice = (
        by_name(installation, "scheduler", request.scheduler)
        if request.scheduler
        else choose(installation, "scheduler", target)
    )
    reader = reader or StoreReader(session, requester, belief_time)
    reader.expect(request.flex_model, request.flex_context)
    scheduler: Scheduler = choice.driver(
        target,
        request.start,
        request.end,
        request.resolution,
        belief_time=belief_time,
        flex_model=request.flex_model,
        flex_context=request.flex_context,
        return_multiple=True,
        reader=reader,
        config=choice.config,
        settings=installation.settings,
    )
    scheduler.deserialize_config()
    return choice, scheduler
