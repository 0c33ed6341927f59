"""What the options of ``fmhost add report`` ask for, and how it is carried out."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from fmhost.plugin import (
    Installation,
    InvalidInput,
    ReportResult,
    current_installation,
    dispatch,
    offsets,
    reports,
    sensors,
    time_zone,
)
from fmhost_cli.add.report_files import named, write
from fmhost_cli.add.scheduling import run_here
from fmhost_cli.terminal_chart import Panel, draw, is_braille_shown


@dataclass(frozen=True)
class ReportRequest:
    """The options of the command.

    :param steps: from now to ``start`` and ``end``, by these names.
    :param timezone: on whose clock; None for that of the first output sensor.
    """

    reporter: str
    config: Mapping[str, Any]
    parameters: Mapping[str, Any]
    save_config: bool = False
    steps: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None

    def keywords(self, installation: Installation, session: Any) -> dict[str, Any]:
        """The arguments of :func:`fmhost.plugin.reports.compute`."""
        parameters = dict(self.parameters)
        if self.steps:
            zone = time_zone(self.timezone or _zone(session, parameters))
            for name, steps in self.steps.items():
                place = f"{name}-offset"
                parameters[name] = offsets.moved(
                    installation.now(), steps, zone, field=place
                ).isoformat()
        return {"reporter": self.reporter, "config": self.config, "parameters": parameters}


def _zone(session: Any, parameters: Mapping[str, Any]) -> str:
    """The time zone of the first output sensor."""
    try:
        number = int(parameters["output"][0]["sensor"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InvalidInput(
            "The parameters name no output sensor.",
            field="parameters.output",
            hint='Such as {"input": [{"sensor": 1}], "output": [{"sensor": 2}]}.',
        ) from error
    zone: str = sensors.get_sensor(session, number).timezone
    return zone


def fulfil(request: ReportRequest, *, files: Sequence[str], as_job: bool, dry_run: bool) -> None:
    """Compute the report and store it; or queue the job; or only show what would be stored.

    :param files: names of the files to write, as templates.
    :raises InvalidInput: naming the field.
    :raises ComputationFailed: where there is no report; then nothing is stored.
    """
    installation = current_installation()
    now = installation.now()
    if as_job:
        with installation.database.transaction() as session:
            keywords = request.keywords(installation, session)
            job = reports.trigger(
                installation, session, **keywords, save_config=request.save_config
            )
        dispatch(installation, job.id)
        click.secho(f"New reporting job {job.id} has been added to the queue.", fg="green")
        return
    computed: list[ReportResult] = []
    paths: list[Path] = []
    with installation.database.reading() as session:
        keywords = request.keywords(installation, session)
        if dry_run or files:
            computed = reports.compute(installation, session, **keywords)
            paths = [named(each, request.reporter, computed[0], now) for each in files]
        if dry_run:
            _show(computed)
            _write(paths, computed)
            return
    with installation.database.transaction() as session:
        job = reports.trigger(installation, session, **keywords, save_config=request.save_config)
    result = run_here(installation, job).result or {}
    for output in result["outputs"]:
        click.echo(f"Report {output['name']} is on sensor {output['sensor']}.")
    click.secho(f"New report is stored: {result['num-beliefs']} new beliefs.", fg="green")
    with installation.database.reading() as session:
        _write(paths, computed)


def _write(paths: Sequence[Path], computed: Sequence[ReportResult]) -> None:
    for path in paths:
        write(path, computed)
        click.echo(f"Written to {path}.")


def _show(computed: Sequence[ReportResult]) -> None:
    panels = []
    for result in computed:
        title = f"{result.name} for sensor {result.sensor.id} [{result.unit}]"
        if len(result.values):
            values = result.values.tolist()
            panels.append(Panel(title, result.start, result.resolution, values))
        else:
            click.echo(f"{title}: no values")
    if panels:
        zone = time_zone(computed[0].sensor.timezone)
        width = min(shutil.get_terminal_size().columns, 120)
        for line in draw(panels, zone, width=width, braille=is_braille_shown(sys.stdout)):
            click.echo(line)
    click.secho("This was a dry run: nothing is stored.", fg="yellow")
