"""``fmhost forecasts evaluate``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import click

from fmhost.plugin import current_installation, dispatch, evaluations, sensors
from fmhost_cli.add.scheduling import as_job_option, run_here
from fmhost_cli.parameters import JSON_OBJECT, MOMENT, RESOLUTION, sensor_option
from fmhost_cli.tables import echo_json, echo_table, json_option


@click.command()
@sensor_option("The sensor whose forecasts are looked at.", required=True)
@click.option("--from", "--start", "start", type=MOMENT, required=True, help="With UTC offset.")
@click.option("--to", "--end", "end", type=MOMENT, required=True, help="With UTC offset.")
@click.option(
    "--horizon",
    "horizons",
    type=RESOLUTION,
    multiple=True,
    help="How far ahead, PT6H; may be repeated. Default: the usual ones.",
)
@click.option("--frequency", type=RESOLUTION, help="Time from one forecast to the next.")
@click.option("--forecaster", help="Name; see `fmhost show forecasters`.")
@click.option("--config", type=JSON_OBJECT, help="JSON object, as text or as a file.")
@as_job_option
@json_option
def command(
    sensor_id: int,
    start: datetime,
    end: datetime,
    horizons: tuple[timedelta, ...],
    frequency: timedelta | None,
    forecaster: str | None,
    config: dict[str, Any] | None,
    as_job: bool,
    as_json: bool,
) -> None:
    """Find out how good forecasts of a sensor would have been.

    The sensor is forecast again and again between --from and --to, each time with what was known
    then, and compared with what was measured and with a forecast that only repeats the last week.
    No forecast is stored; the comparison is, and the API and the page of the sensor show it.
    """
    installation = current_installation()
    with installation.database.transaction() as session:
        job = evaluations.request_evaluation(
            installation,
            session,
            sensor=sensors.get_sensor(session, sensor_id),
            start=start,
            end=end,
            horizons=horizons,
            frequency=frequency,
            forecaster=forecaster,
            config=config,
        )
    if as_job:
        dispatch(installation, job.id)
        click.secho(f"New evaluation job {job.id} has been added to the queue.", fg="green")
        return
    found = run_here(installation, job).result
    assert found is not None
    if as_json:
        echo_json(found)
        return
    _show(found)


def _show(found: Mapping[str, Any]) -> None:
    unit = found["unit"]
    click.echo(
        f"{found['forecaster']} against {found['baseline'] or 'nothing'}: {found['forecasts']} "
        f"forecasts, one every {found['frequency']}; {found['fallbacks']} times a simpler one had "
        "to step in."
    )
    headers = ["Ahead", "Events", "1 - WAPE", "(baseline)", f"MAE [{unit}]", f"RMSE [{unit}]"]
    headers += ["Coverage", f"Pinball [{unit}]"]
    echo_table(headers, [_row(each) for each in found["horizons"]])


def _row(each: Mapping[str, Any]) -> list[str]:
    baseline = each["baseline"] or {}
    covered = _percent(each["coverage"])
    if each["coverage"] is not None:
        covered += f" of {_percent(each['nominal'])}"
    return [
        each["horizon"],
        str(each["events"]),
        _percent(each["accuracy"]),
        _percent(baseline.get("accuracy")),
        _number(each["mae"]),
        _number(each["rmse"]),
        covered,
        _number(each["pinball"]),
    ]


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
