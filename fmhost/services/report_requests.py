"""What somebody asks for who asks for a report, and the reporter that is made for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from fmhost.beliefs.extent import extents
from fmhost.domain.moments import floor_moment, require_aware
from fmhost.domain.reporting import Reporter, ReportInput, ReportOutput, ReportTask
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, User
from fmhost.schemas.errors import first_message
from fmhost.schemas.reports import ReportParametersSchema
from fmhost.services.driver_attributes import Reference, attribute_of, resolve
from fmhost.services.installation import Installation
from fmhost.services.reading import StoreReader
from fmhost.services.selection import Choice
from fmhost.services.windows import zone_of

#: The reporter that is taken where none is named.
DEFAULT_REPORTER: Final = "PandasReporter"

#: A report has at most so many values, those of all its inputs counted.
MOST_VALUES: Final = 2_000_000

_ZERO = timedelta(0)
_FILTERS: Final = {
    "sources": "source_ids",
    "source_types": "source_types",
    "exclude_source_types": "exclude_source_types",
    "beliefs_before": "prior",
    "beliefs_after": "since",
    "horizons_at_least": "horizon",
    "horizons_at_most": "horizon_at_most",
    "use_latest_version_only": "latest_versions",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a report; as JSON, it is the arguments of the job.

    :param reporter: its name.
    :param config: how it works, as JSON.
    :param parameters: those of this run, as JSON.
    :param save_config: whether the data source of the results keeps the config.
    """

    reporter: str
    config: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    save_config: bool = False

    def as_arguments(self) -> dict[str, Any]:
        """The request as a JSON object."""
        return asdict(self)

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Request:
        """The request that a job's row holds."""
        return cls(**{name: arguments[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A reporter that is ready to compute.

    :param believed: when its results are believed; or how long before each event is known.
    :param check_resolution: whether results must have the resolution of their sensors.
    """

    reporter: Reporter
    choice: Choice
    believed: datetime | timedelta
    check_resolution: bool


def prepare(
    installation: Installation,
    session: Session,
    request: Request,
    requester: User | None,
    now: datetime,
) -> Prepared:
    """Make the reporter that a request asks for, and have it check what it is given.

    :param now: the time at which the report is asked for.
    :raises InvalidInput: naming the field.
    """
    choice = _choose(installation, request)
    given = _parameters(choice, request.parameters)
    believed = given.get("belief_time") or now
    reader = StoreReader(session, requester, min(believed, now))
    inputs = [_input(reader, number, each) for number, each in enumerate(given["input"])]
    outputs = [
        ReportOutput(
            each["name"],
            reader.output_sensor(each["sensor"], field=f"parameters.output.{number}.sensor"),
            each.get("column"),
        )
        for number, each in enumerate(given["output"])
    ]
    resolution = given.get("resolution") or _resolution(inputs)
    start, end = _window(session, given, outputs, resolution, now)
    _limit(inputs, start, end, resolution)
    task = ReportTask(
        inputs=inputs,
        outputs=outputs,
        start=start,
        end=end,
        resolution=resolution,
        zone=outputs[0].sensor.timezone,
        belief_time=min(believed, now),
        config=choice.config,
        parameters=given,
    )
    reporter: Reporter = choice.driver(task, reader, installation.settings)
    reporter.check()
    horizon = given.get("belief_horizon")
    return Prepared(
        reporter, choice, believed if horizon is None else horizon, given["check_output_resolution"]
    )


def _choose(installation: Installation, request: Request) -> Choice:
    try:
        found = resolve(
            installation, "reporter", Reference(name=request.reporter, config=request.config)
        )
    except InvalidInput as error:
        # No attribute is at fault.
        place = attribute_of("reporter")
        field_ = (error.field or place).removeprefix(place)
        error.field = field_.removeprefix(".") or "reporter"
        raise
    return Choice(found.driver, found.provenance, found.config, "asked for by name")


def _parameters(choice: Choice, given: Mapping[str, Any]) -> dict[str, Any]:
    schema = getattr(choice.driver, "parameters_schema", None) or ReportParametersSchema
    try:
        loaded: dict[str, Any] = schema().load(dict(given))
    except ValidationError as error:
        place, text = first_message(error)
        raise InvalidInput(text, field=".".join(filter(None, ("parameters", place)))) from error
    return loaded


def _input(reader: StoreReader, number: int, given: Mapping[str, Any]) -> ReportInput:
    sensor = reader.sensor(given["sensor"], field=f"parameters.input.{number}.sensor")
    return ReportInput(
        name=given["name"],
        sensor=sensor,
        filters={own: given[name] for name, own in _FILTERS.items() if name in given},
        resolution=given.get("resolution"),
        events_after=given.get("event_starts_after"),
        events_before=given.get("event_ends_before"),
        latest_counts=given["one_deterministic_belief_per_event"],
    )


def _resolution(inputs: Sequence[ReportInput]) -> timedelta:
    """The shortest of the inputs, moments left aside."""
    known = [each.resolution or each.sensor.event_resolution for each in inputs]
    found = min((each for each in known if each > _ZERO), default=None)
    if found is None:
        raise InvalidInput(
            "The input sensors measure at moments, so that the report has no resolution.",
            field="parameters.resolution",
            hint="Give one, such as PT1H.",
        )
    return found


def _window(
    session: Session,
    given: Mapping[str, Any],
    outputs: Sequence[ReportOutput],
    resolution: timedelta,
    now: datetime,
) -> tuple[datetime, datetime]:
    """From the begin of the first event to that of the first one that does not belong to it.

    Without an end it is now; without a start, the report continues where the last one ended.
    """
    sensor: Sensor = outputs[0].sensor
    zone = zone_of(sensor)
    end = require_aware(given.get("end") or now, field="parameters.end")
    start = given.get("start")
    if start is None:
        known = extents(session, [sensor])
        if sensor.id not in known:
            raise InvalidInput(
                f"Nothing is stored on sensor {sensor.id} yet where the report could continue.",
                field="parameters.start",
                hint="Give a start.",
            )
        start = known[sensor.id][1]
    begin = floor_moment(start, resolution, zone, field="parameters.start")
    finish = floor_moment(end, resolution, zone, field="parameters.end")
    if finish <= begin:
        raise InvalidInput(
            "There is no whole event between start and end.",
            field="parameters.end",
            hint=f"An event of this report lasts {resolution}.",
        )
    # Moments of one zone would be subtracted by their clocks.
    return begin.astimezone(UTC), finish.astimezone(UTC)


def _limit(
    inputs: Sequence[ReportInput], start: datetime, end: datetime, resolution: timedelta
) -> None:
    """:raises InvalidInput: where there is more than anybody can mean."""
    number = sum((end - start) / (each.resolution or resolution) for each in inputs)
    if number > MOST_VALUES:
        raise InvalidInput(
            f"A report has at most {MOST_VALUES} values, those of all its inputs counted.",
            field="parameters.resolution",
            hint="Ask for a shorter time or a coarser resolution.",
        )
