"""What a client asks for when it asks for a forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from fmhost.domain.durations import Span
from fmhost.domain.moments import floor_moment, require_aware
from fmhost.errors import InvalidInput
from fmhost.model import Sensor
from fmhost.services.installation import Installation
from fmhost.services.windows import zone_of

#: A forecast has at most so many events, those of all viewpoints counted.
MOST_EVENTS = 200_000

_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A window of events, and the time of which the knowledge is taken; aware datetimes."""

    start: datetime
    end: datetime
    belief_time: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for; as JSON, it is the arguments of the job.

    :param start: start of the first event; `end` is excluded. Aware datetimes.
    :param prior: of which time the knowledge is taken; None for the start of each viewpoint, or
        the time of the request where that is earlier.
    :param horizon: how far a viewpoint looks ahead, and `frequency` how they follow each other.
    :param config: as JSON.
    :param sensor_to_save: id of the sensor that gets the results; None for the one forecast.
    """

    start: datetime
    end: datetime
    horizon: timedelta
    frequency: timedelta
    requested_at: datetime
    prior: datetime | None
    forecaster: str | None
    probabilistic: bool
    config: Mapping[str, Any]
    sensor_to_save: int | None

    @property
    def viewpoints(self) -> list[Viewpoint]:
        """One after another; those with the same knowledge are one."""
        found: list[Viewpoint] = []
        start = self.start
        while start < self.end:
            belief_time = self.prior or min(self.requested_at, start)
            end = min(start + self.horizon, self.end)
            if found and found[-1].belief_time == belief_time:
                found[-1] = Viewpoint(found[-1].start, end, belief_time)
            else:
                found.append(Viewpoint(start, end, belief_time))
            start += self.frequency
        return found

    def as_arguments(self) -> dict[str, Any]:
        """The request as a JSON object."""
        return {name: _as_json(value) for name, value in asdict(self).items()}

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Request:
        """The request that a job's row holds."""
        given = {name: arguments[name] for name in cls.__dataclass_fields__}
        for name in ("start", "end", "requested_at", "prior"):
            if given[name] is not None:
                given[name] = datetime.fromisoformat(given[name])
        for name in ("horizon", "frequency"):
            given[name] = timedelta(seconds=given[name])
        return cls(**given)


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value


def make_request(
    installation: Installation,
    sensor: Sensor,
    *,
    start: datetime | date | None = None,
    end: datetime | date | None = None,
    duration: timedelta | Span | None = None,
    prior: datetime | None = None,
    max_forecast_horizon: timedelta | None = None,
    forecast_frequency: timedelta | None = None,
    probabilistic: bool = False,
    config: Mapping[str, Any] | None = None,
    sensor_to_save: int | None = None,
    forecaster: str | None = None,
) -> Request:
    """The request with its defaults filled in; the keywords are those of ``forecasts.trigger``.

    :raises InvalidInput: naming the field, where the window is impossible.
    """
    step = sensor.event_resolution
    if step <= _ZERO:
        raise InvalidInput(
            f"Sensor {sensor.id} is instantaneous; only sensors with a resolution are forecast.",
            field="sensor",
        )
    begin, finish = _window(installation, sensor, start, end, duration)
    horizon = _multiple(max_forecast_horizon, step, "max-forecast-horizon")
    period = finish - begin
    if horizon is not None and horizon > period:
        raise InvalidInput(
            f"It looks farther ahead than the forecast, which covers {period}.",
            field="max-forecast-horizon",
        )
    horizon = horizon or period
    frequency = _multiple(forecast_frequency, step, "forecast-frequency") or horizon
    if (period / frequency + 1) * (horizon / step) > MOST_EVENTS:
        raise InvalidInput(
            f"A forecast has at most {MOST_EVENTS} events, those of all viewpoints together.",
            field="duration",
            hint="Ask for a shorter one.",
        )
    return Request(
        start=begin,
        end=finish,
        horizon=horizon,
        frequency=frequency,
        requested_at=installation.now(),
        prior=prior,
        forecaster=forecaster,
        probabilistic=probabilistic,
        config=dict(config or {}),
        sensor_to_save=sensor_to_save,
    )


def _window(
    installation: Installation,
    sensor: Sensor,
    start: datetime | date | None,
    end: datetime | date | None,
    duration: timedelta | Span | None,
) -> tuple[datetime, datetime]:
    """The begins of the first event and of the first one that does not belong to the forecast."""
    zone, step = zone_of(sensor), sensor.event_resolution
    if start is not None and end is not None and duration is not None:
        raise InvalidInput("Give at most two of start, end and duration.", field="duration")
    length = duration
    if length is None:
        length = installation.settings["FLEXMEASURES_PLANNING_HORIZON"]
    span = length if isinstance(length, Span) else Span(time=length)
    last = _moment(end, zone, inclusive=True, field="end")
    first = _moment(start, zone, inclusive=False, field="start")
    if first is None:
        backwards = last is not None and duration is not None
        first = _moved(last, span.times(-1), zone) if backwards and last else installation.now()
    begin = floor_moment(first, step, zone, field="end" if start is None else "start")
    finish = floor_moment(
        last or _moved(begin, span, zone), step, zone, field="duration" if end is None else "end"
    )
    # A fixed offset: sums and differences within a zone follow its clock, also where that jumps.
    offset = timezone(begin.utcoffset() or _ZERO)
    begin, finish = begin.astimezone(offset), finish.astimezone(offset)
    if finish <= begin:
        raise InvalidInput(
            "There is no whole event between start and end.",
            field="duration" if end is None else "end",
            hint=f"An event of sensor {sensor.id} lasts {step}.",
        )
    return begin, finish


def _moment(
    given: datetime | date | None, zone: ZoneInfo, *, inclusive: bool, field: str
) -> datetime | None:
    """The moment that is given; of a date its begin, or with `inclusive` its end."""
    if given is None:
        return None
    if isinstance(given, datetime):
        if given.tzinfo is None:
            raise InvalidInput("The moment needs a UTC offset, such as +01:00.", field=field)
        return given
    try:
        day = given + timedelta(days=1) if inclusive else given
        return require_aware(datetime.combine(day, time(), tzinfo=zone), field=field)
    except OverflowError as error:
        raise InvalidInput("The date lies outside the calendar.", field=field) from error


def _moved(moment: datetime, span: Span, zone: ZoneInfo) -> datetime:
    try:
        return span.add_to(moment, zone)
    except InvalidInput as error:
        error.field = "duration"
        raise


def _multiple(length: timedelta | None, step: timedelta, field: str) -> timedelta | None:
    if length is not None and (length <= _ZERO or length % step):
        raise InvalidInput(
            f"It is no multiple of the sensor's resolution, which is {step}.", field=field
        )
    return length
