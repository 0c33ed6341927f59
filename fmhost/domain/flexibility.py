"""The contracts of schedulers and forecasters: what the host gives them and what it takes back.

A plugin subclasses :class:`Scheduler` or :class:`Forecaster` and names the class in its manifest.
The host makes one object per run, lets it check its configuration when the run is asked for (so
that a client gets its errors at once), and calls ``compute()`` where the job runs.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from fmhost.domain.durations import Span
from fmhost.errors import InvalidInput

FloatArray = NDArray[np.float64]


class SeriesReader(Protocol):
    """How a scheduler or forecaster gets at sensors and their time series.

    The host implements it. It hands out only what the user who asked for the run may read, and
    only beliefs recorded up to the belief time of the run.

    :ivar memory: for what shall not be read or computed again for the next viewpoint of the same
        run; gone when the run ends.
    """

    memory: MutableMapping[Any, Any]

    def sensor(self, sensor_id: int, *, field: str) -> Any:
        """The sensor with that id.

        :param field: the field that refers to it, for the message.
        :raises InvalidInput: where it does not exist or may not be read.
        """

    def output_sensor(self, sensor_id: int, *, field: str) -> Any:
        """The sensor with that id, for results to be stored on.

        :param field: the field that refers to it, for the message.
        :raises InvalidInput: where it does not exist, or may not be read or written to.
        """

    def values(
        self,
        sensor: Any,
        start: datetime,
        end: datetime,
        *,
        resolution: timedelta | Span,
        unit: str,
        source_ids: Sequence[int] | None = None,
        source_types: Sequence[str] | None = None,
        exclude_source_types: Sequence[str] | None = None,
        source_account_ids: Sequence[int] | None = None,
        prior: datetime | None = None,
        since: datetime | None = None,
        horizon: timedelta | None = None,
        horizon_at_most: timedelta | None = None,
        latest_versions: bool = True,
        quantile: float = 0.5,
    ) -> FloatArray:
        """One value per step of [start, end): the most recent belief, converted to `unit`.

        NaN where nothing is known.

        :param prior: only beliefs recorded up to then count; never later than the belief time.
        :param since: only beliefs recorded then or later count.
        :param horizon: only beliefs formed at least so long before the event was known count;
            with `horizon_at_most` those formed at most so long before.
        :param latest_versions: of sources that differ in their version only the highest counts.
        :param quantile: cumulative probability of what a probabilistic belief counts as.
        :raises UnitMismatch: where the sensor's unit does not convert to `unit`.
        """

    def sources(
        self,
        sensor: Any,
        start: datetime,
        end: datetime,
        *,
        source_ids: Sequence[int] | None = None,
        source_types: Sequence[str] | None = None,
        exclude_source_types: Sequence[str] | None = None,
        prior: datetime | None = None,
        since: datetime | None = None,
        horizon: timedelta | None = None,
        horizon_at_most: timedelta | None = None,
        latest_versions: bool = True,
    ) -> Sequence[int]:
        """The ids of the data sources with beliefs about events in [start, end), ascending.

        The filters are those of :meth:`values`.
        """

    def recorded(self, sensor: Any) -> datetime | None:
        """When the newest of the beliefs was recorded of which this reader has given values.

        None where it has given none of this sensor. Aware.
        """

    def closest(self, sensor: Any, name: str) -> Any | None:
        """The sensor called `name` that is nearest to `sensor`; None where there is none.

        Only sensors that may be read, on assets with a location, count.
        """

    def annotated(
        self,
        entity: Any,
        start: datetime,
        end: datetime,
        *,
        resolution: timedelta,
        kind: str = "holiday",
        content: str | None = None,
    ) -> FloatArray:
        """Which part of each step of [start, end) has an annotation, from 0 to 1.

        :param entity: an account, asset or sensor that may be read, or a pair of the word for it
            and its id: ``("asset", 3)``. The annotations of a sensor's asset and account, and of an
            asset's account, count as its own.
        :param kind: type of the annotation.
        :param content: only annotations with this text count.
        :raises InvalidInput: where the entity does not exist or may not be read.
        """


@dataclass(frozen=True, slots=True)
class ScheduleResult:
    """A series that a scheduler computed for one sensor.

    :param name: what it is: ``storage_schedule`` is the power of a device, ``state_of_charge``
        the energy it holds; ``consumption_schedule`` and ``production_schedule`` are power for
        sensors that the flex-model names for it.
    :param sensor: the sensor that the series is for.
    :param start: start of the first event; consecutive events follow each `resolution`.
    :param values: one value per event, in `unit`; power is consumption positive, but that of a
        ``production_schedule``.
    """

    sensor: Any
    start: datetime
    resolution: timedelta
    values: FloatArray
    unit: str
    name: str = "storage_schedule"


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """A series that a forecaster computed for one sensor, one value per event from `start` on.

    :param values: in the sensor's unit and with its sign; shape (events,) for a deterministic
        forecast, (events, len(probabilities)) for a probabilistic one.
    :param probabilities: cumulative probability of each column, ascending.
    :param model: name of the model of the data source, where it is not that of the forecaster;
        such as that of a simpler one that stepped in.
    """

    sensor: Any
    start: datetime
    resolution: timedelta
    values: FloatArray
    probabilities: Sequence[float] = (0.5,)
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """What somebody asks a schedule for: why does this device not run so then?

    :param device: name of the device, or the id of its power sensor; None for the only one.
    :param at: a moment within the step that is meant; aware.
    :param power: [MW, consumption positive].
    """

    device: str | None
    at: datetime
    power: float


class Scheduler:
    """Base of all schedulers.

    A subclass overrides :meth:`compute` and, where it reads flex-model or flex-context,
    :meth:`deserialize_flex_config`. Where it takes a configuration of its own, next to its name in
    the attribute ``custom-scheduler``, its class attribute ``config_schema`` is the marshmallow
    schema of that configuration; the host checks it when the attribute is saved. None means that
    no configuration is accepted.

    Where it raises :class:`~fmhost.errors.InfeasibleProblem`, and the host wants that, a job with
    its ``fallback_scheduler_class`` follows: another scheduler, or the name of one.

    It may explain its schedule: :meth:`compute` sets ``explanation``, a JSON object that the host
    keeps with the job, so the smaller the better; :meth:`describe_explanation` makes of it what
    people read, and :meth:`why_not` answers questions.

    Its class attributes ``flex_model_schema`` (of one device) and ``flex_context_schema`` say in
    the API's document what may be in there. Each is a marshmallow schema (a class that can be made
    without arguments), or else a JSON Schema as a mapping, or None where nobody has said it.

    :param asset_or_sensor: the sensor or asset to schedule; also readable as `sensor` or `asset`.
    :param start: start of the schedule; `end` is excluded. Aware datetimes.
    :param resolution: length of one step.
    :param belief_time: only beliefs recorded up to then count; the schedule is recorded as
        believed at that time.
    :param round_to_decimals: digits to which the host rounds the result; None for no rounding.
    :param flex_model: the device's flexibility, as the client or the database wrote it.
    :param flex_context: its surroundings: prices, capacities.
    :param return_multiple: whether :meth:`compute` may return several results.
    :param reader: access to sensors and their time series.
    :param config: the configuration that ``custom-scheduler`` gives next to the name, as
        ``config_schema`` loads it; empty where there is none.
    :param settings: the settings of the installation, by name.
    """

    __author__: ClassVar[str] = "Unknown author"
    __version__: ClassVar[str] = "1"
    fallback_scheduler_class: ClassVar[type[Scheduler] | str | None] = None
    config_schema: ClassVar[type[Any] | None] = None
    flex_model_schema: ClassVar[type[Any] | Mapping[str, Any] | None] = None
    flex_context_schema: ClassVar[type[Any] | Mapping[str, Any] | None] = None

    def __init__(
        self,
        asset_or_sensor: Any = None,
        start: datetime | None = None,
        end: datetime | None = None,
        resolution: timedelta | None = None,
        belief_time: datetime | None = None,
        round_to_decimals: int | None = 6,
        flex_model: Any = None,
        flex_context: Any = None,
        return_multiple: bool = False,
        *,
        sensor: Any = None,
        reader: SeriesReader | None = None,
        config: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        target = sensor if asset_or_sensor is None else asset_or_sensor
        if target is None or start is None or end is None or resolution is None:
            raise TypeError(
                "A scheduler needs a sensor or asset, a start, an end and a resolution."
            )
        is_sensor = hasattr(target, "event_resolution")
        self.sensor = target if is_sensor else None
        self.asset = target.generic_asset if is_sensor else target
        self.start = start
        self.end = end
        self.resolution = resolution
        self.belief_time = belief_time
        self.round_to_decimals = round_to_decimals
        self.flex_model = flex_model
        self.flex_context = flex_context
        self.return_multiple = return_multiple
        self.reader = reader
        self.config: Mapping[str, Any] = config or {}
        self.settings: Mapping[str, Any] = settings or {}
        self.config_deserialized = False
        self.info: dict[str, Any] = {"scheduler": type(self).__name__}
        self.explanation: Mapping[str, Any] | None = None

    def compute(self) -> Any:
        """Compute the schedule.

        :return: a sequence of :class:`ScheduleResult`; or one series of power with a value per
            step of [start, end), consumption positive, in the unit of the sensor (a pandas Series
            or an array); or None where there is nothing to schedule.
        :raises ComputationFailed: where there is no schedule; the job fails with its message.
        """
        return self.compute_schedule()

    def compute_schedule(self) -> Any:
        """The older name of :meth:`compute`; a subclass overrides one of the two."""
        raise TypeError(f"{type(self).__name__} has no compute() method.")

    @classmethod
    def describe_explanation(cls, explanation: Mapping[str, Any]) -> Mapping[str, Any]:
        """What people and programs read of an ``explanation``, as a JSON object."""
        return explanation

    def why_not(self, alternative: Alternative) -> Mapping[str, Any]:
        """What it would cost, or take, to have a device run otherwise; as a JSON object.

        It is asked of a scheduler like the one that made the schedule, with the same arguments.

        :raises InvalidInput: naming the field of the alternative that makes no sense.
        """
        raise InvalidInput(
            f"{type(self).__name__} does not answer such questions.",
            field="at",
            hint="Ask without device, at and power for what it says of its schedule.",
        )

    def deserialize_config(self) -> None:
        """Check timing, flex-model and flex-context, and replace them by their typed form; once.

        :raises InvalidInput: naming the field.
        """
        if not self.config_deserialized:
            self.deserialize_timing_config()
            self.deserialize_flex_config()
            self.config_deserialized = True

    def deserialize_timing_config(self) -> None:
        """:raises InvalidInput: where start, end and resolution do not make a window."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise InvalidInput("The start and end of a schedule need a UTC offset.", field="start")
        if self.end <= self.start:
            raise InvalidInput("The end of a schedule must lie after its start.", field="duration")
        if self.resolution <= timedelta(0):
            raise InvalidInput("The resolution must be longer than zero.", field="resolution")

    def deserialize_flex_config(self) -> None:
        """Check ``flex_model`` and ``flex_context``; the base class accepts anything."""

    def persist_flex_model(self) -> None:
        """Keep in attributes of `sensor` or `asset` what the next run should know; once it is done.

        The host calls it in the transaction that stores the results. The base class keeps nothing.
        """

    @classmethod
    def get_data_source_info(cls) -> dict[str, str]:
        """Name, model and version of the data source to which the results belong."""
        return {
            "name": cls.__author__,
            "model": cls.__name__,
            "version": str(cls.__version__),
        }


@dataclass(frozen=True, slots=True)
class ForecastTask:
    """What a forecast is asked for.

    :param sensor: the sensor to forecast.
    :param start: start of the first event to forecast; `end` is excluded. Aware datetimes.
    :param resolution: length of one event.
    :param belief_time: only beliefs recorded up to then may be used.
    :param config: the configuration that ``custom-forecaster`` gives next to the name, and that of
        the request, as the forecaster's ``config_schema`` loads it; empty where there is none.
    :param probabilistic: whether quantiles are asked for; who has none gives single values.
    :param known_until: what happened before can have been measured at the belief time, and for
        prices, what the market has cleared; None for `belief_time`. A forecaster reads the history
        of its sensor up to here.
    """

    sensor: Any
    start: datetime
    end: datetime
    resolution: timedelta
    belief_time: datetime
    config: Mapping[str, Any] = field(default_factory=dict)
    probabilistic: bool = False
    known_until: datetime | None = None


class Forecaster:
    """Base of all forecasters; a subclass overrides :meth:`compute`.

    Where it takes a configuration, next to its name in the attribute ``custom-forecaster``, its
    class attribute ``config_schema`` is the marshmallow schema of that configuration; the host
    checks it when the attribute is saved. None means that no configuration is accepted. A request
    may have a configuration, too: of that it gets the fields that its schema has.

    :param task: what is asked for.
    :param reader: access to sensors and their time series.
    """

    __author__: ClassVar[str] = "Unknown author"
    __version__: ClassVar[str] = "1"
    config_schema: ClassVar[type[Any] | None] = None

    def __init__(self, task: ForecastTask, reader: SeriesReader) -> None:
        self.task = task
        self.reader = reader
        self.info: dict[str, Any] = {"forecaster": type(self).__name__}

    def compute(self) -> Sequence[ForecastResult]:
        """Compute the forecast.

        :raises ComputationFailed: where there is none; the job fails with its message.
        """
        raise TypeError(f"{type(self).__name__} has no compute() method.")

    @classmethod
    def get_data_source_info(cls) -> dict[str, str]:
        """Name, model and version of the data source to which the results belong."""
        return {
            "name": cls.__author__,
            "model": cls.__name__,
            "version": str(cls.__version__),
        }
