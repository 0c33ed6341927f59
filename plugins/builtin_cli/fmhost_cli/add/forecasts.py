"""``fmhost add forecasts``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from fmhost.plugin import Checked, InvalidInput, parse_moment
from fmhost_cli.add.forecasting import (
    HOUR,
    ForecastRequest,
    edited,
    forecaster_of,
    fulfil,
)
from fmhost_cli.add.scheduling import as_job_option
from fmhost_cli.parameters import (
    DURATION,
    JSON_LIST,
    JSON_OBJECT,
    MOMENT,
    RESOLUTION,
    Decorated,
)


def _moment_or_date(text: str) -> datetime | date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return parse_moment(text)


_WHEN = Checked("datetime or date", _moment_or_date)

_SENSORS = "ID. A sensor that helps to forecast; may be repeated."


def _when(*names: str, help: str) -> Callable[[Decorated], Decorated]:
    return click.option(*names, type=_WHEN, help=help)


@click.command()
@click.option(
    "--sensor",
    "--sensor-id",
    "sensor_ids",
    type=int,
    multiple=True,
    required=True,
    help="ID. The sensor to forecast; may be repeated.",
)
@_when("--start", "--from-date", "--start-predict-date", "start", help="Default now.")
@_when("--end", "--to-date", "end", help="A date counts as a whole.")
@click.option("--duration", type=DURATION, help="Instead of an end; default the planning horizon.")
@click.option("--prior", type=MOMENT, help="As known then: later beliefs do not count.")
@click.option("--max-forecast-horizon", type=RESOLUTION, help="How far one forecast looks ahead.")
@click.option("--forecast-frequency", type=RESOLUTION, help="Time from one forecast to the next.")
@click.option("--probabilistic", is_flag=True, help="Store quantiles.")
@click.option("--sensor-to-save", type=int, help="ID. The sensor that gets the results instead.")
@click.option(
    "--horizon",
    "horizons",
    type=click.IntRange(min=1),
    multiple=True,
    help="Forecast each event so many hours ahead of it, with what was known then; repeatable.",
)
@click.option("--rolling", is_flag=True, help="The same, at the horizons usual for the sensor.")
@click.option("--forecaster", help="Name; see `fmhost show forecasters`.")
@click.option("--source", "source_id", type=int, help="ID. The forecaster with this data source.")
@click.option("--regressors", type=int, multiple=True, help=_SENSORS)
@click.option("--future-regressors", type=int, multiple=True, help=_SENSORS)
@click.option("--past-regressors", type=int, multiple=True, help=f"{_SENSORS} By its past only.")
@click.option("--annotation-regressors", type=JSON_LIST, help="JSON list of annotations that help.")
@click.option("--train-start", type=MOMENT, help="Learn from nothing before.")
@click.option("--train-period", type=RESOLUTION, help="Learn from so much history: P90D.")
@click.option("--retrain-frequency", type=RESOLUTION, help="How long a model is used: P1D.")
@click.option("--missing-threshold", type=float, help="Share of values that may be missing.")
@click.option("--lower", help="No value below: '0 kW'.")
@click.option("--upper", help="No value above.")
@click.option("--snap", type=JSON_OBJECT, help="Targets with intervals: '{\"0\": [-0.1, 0.1]}'.")
@click.option("--ensure-positive", is_flag=True, help="No negative values.")
@click.option("--config", type=JSON_OBJECT, help="Object, as JSON text or as a JSON or YAML file.")
@click.option(
    "--parameters", type=JSON_OBJECT, help="JSON object, as text or as a JSON or YAML file."
)
@click.option("--edit-config", is_flag=True, help="Change the config in an editor.")
@click.option("--edit-parameters", is_flag=True, help="Change the parameters in an editor.")
@click.option("--resolution", type=RESOLUTION, help="Deprecated; it is that of the sensor.")
@click.option(
    "--output-path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what is stored to this CSV file, too.",
)
@click.option("--model-save-dir", hidden=True, help="Accepted for older scripts, without effect.")
@as_job_option
def command(
    sensor_ids: tuple[int, ...],
    horizons: tuple[int, ...],
    rolling: bool,
    source_id: int | None,
    config: dict[str, Any] | None,
    parameters: dict[str, Any] | None,
    edit_config: bool,
    edit_parameters: bool,
    resolution: timedelta | None,
    output_path: Path | None,
    model_save_dir: str | None,
    as_job: bool,
    **options: Any,
) -> None:
    """Forecast sensors: from now on, or as it would have been in the past.

    Without --horizon and --rolling there is one forecast of the period, or one every
    --forecast-frequency, each with the knowledge of its start. With them, each event from
    --from-date to --to-date is what is looked ahead from: its forecasts lie the horizon later, and
    use only what was known that long before.

    --config and --parameters take what the API takes; options count more.
    """
    if output_path is not None and (as_job or horizons or rolling):
        raise click.UsageError("--output-path goes without --as-job, --horizon and --rolling.")
    config = {**(config or {}), **_given(options, _CONFIG)}
    asked = {**_parameters(parameters or {}), **_given(options, _PARAMETERS, hyphens=False)}
    if source_id is not None:
        asked.setdefault("forecaster", forecaster_of(source_id))
    if edit_config:
        config = edited(config)
    if edit_parameters:
        shown = {name.replace("_", "-"): str(value) for name, value in asked.items()}
        asked = _parameters(edited(shown))
    fulfil(
        ForecastRequest(
            sensor_ids,
            asked,
            config,
            [HOUR * each for each in horizons],
            rolling,
            resolution,
        ),
        as_job=as_job,
        file=output_path,
    )


_PARAMETERS = (
    *("start", "end", "duration", "prior", "max_forecast_horizon", "forecast_frequency"),
    *("probabilistic", "sensor_to_save", "forecaster"),
)
_CONFIG = (
    *("regressors", "future_regressors", "past_regressors", "annotation_regressors"),
    *("train_start", "train_period", "retrain_frequency", "missing_threshold"),
    *("lower", "upper", "snap", "ensure_positive"),
)
_TYPES: dict[str, Any] = {
    "start": _WHEN,
    "end": _WHEN,
    "duration": DURATION,
    "prior": MOMENT,
    "max_forecast_horizon": RESOLUTION,
    "forecast_frequency": RESOLUTION,
}


def _given(
    options: dict[str, Any], names: tuple[str, ...], *, hyphens: bool = True
) -> dict[str, Any]:
    """The options that were given; with `hyphens` as JSON by the names that the API has."""
    found = {name: options[name] for name in names if options[name] not in (None, (), False)}
    if not hyphens:
        return found
    return {name.replace("_", "-"): _as_json(value) for name, value in found.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return f"PT{value.total_seconds():.0f}S" if isinstance(value, timedelta) else value


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    """Parameters as the API writes them, by the names of options.

    :raises InvalidInput: naming the field, where it is none.
    """
    found = {}
    for name, value in given.items():
        key = name.replace("-", "_")
        if key not in _PARAMETERS:
            raise InvalidInput("Unknown field.", field=f"parameters.{name}")
        kind = _TYPES.get(key)
        found[key] = value if kind is None else kind.convert(str(value), None, None)
    return found
