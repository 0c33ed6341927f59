"""``fmhost show schedule``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from fmhost.plugin import (
    Alternative,
    Installation,
    InvalidInput,
    Job,
    NotFound,
    current_installation,
    explanations,
    job_states,
    schedules,
    units,
)
from fmhost_cli.parameters import MOMENT
from fmhost_cli.tables import echo_banner, echo_json, echo_table, json_option


@click.command()
@click.argument("job_id", metavar="UUID")
@click.option("--why", is_flag=True, help="Tell why devices act as they do, and what limits them.")
@click.option("--device", help="With --at and --power: name of a device, or id of its sensor.")
@click.option("--at", type=MOMENT, help="Ask why the device does not run otherwise then ...")
@click.option("--power", help="... at this power: '2 kW', consumption positive.")
@json_option
def command(
    job_id: str,
    why: bool,
    device: str | None,
    at: datetime | None,
    power: str | None,
    as_json: bool,
) -> None:
    """Show a schedule by the id of its job, and why it is as it is.

    What another choice would cost: --at 2026-03-02T14:00+01:00 --power '5 kW'
    """
    installation = current_installation()
    with installation.database.reading() as session:
        job = session.get(Job, job_id)
        if job is None or job.kind != schedules.KIND:
            raise NotFound(f"There is no schedule {job_id}.", field="uuid")
        told: dict[str, Any] = {"job": job.id, "message": job_states.describe(session, job)}
        told |= _summary(job)
        if at is not None or power is not None:
            told["answer"] = _answer(installation, session, job, device, at, power)
        elif why:
            told["explanation"] = explanations.explanation_of(installation, job)
    if as_json:
        echo_json(told)
        return
    _echo(told)


def _summary(job: Job) -> dict[str, Any]:
    """What the job says of its schedule."""
    result = job.result if isinstance(job.result, dict) else {}
    said = result.get("scheduler_info", {})
    names = ("scheduler", "fallback", "cost", "currency", "saving")
    window = {name: job.arguments[name] for name in ("start", "end")}
    return {**window, **{name: said[name] for name in names if name in said}}


def _answer(
    installation: Installation,
    session: Any,
    job: Job,
    device: str | None,
    at: datetime | None,
    power: str | None,
) -> Mapping[str, Any]:
    if at is None or power is None:
        missing = "power" if power is None else "at"
        raise InvalidInput("A question needs --at and --power.", field=missing)
    alternative = Alternative(device, at, units.quantity(power, "MW", "MW", field="power"))
    return explanations.why_not(installation, session, job, alternative)


def _echo(told: Mapping[str, Any]) -> None:
    echo_banner(f"Schedule {told['job']}")
    click.echo(f"{told['message']}\nFrom {told['start']} to {told['end']}.")
    if "scheduler" in told:
        click.echo(f"Computed by {told['scheduler']}.")
    if told.get("fallback"):
        click.secho("This is a fallback: no schedule keeps to the constraints.", fg="yellow")
    if "cost" in told and "currency" in told:
        click.echo(f"Cost: {told['cost']:.4f} {told['currency']}.")
    if "answer" in told:
        _echo_answer(told["answer"])
    for each in told.get("explanation", {}).get("sequence", [told.get("explanation", {})]):
        _echo_explanation(each)


def _echo_answer(found: Mapping[str, Any]) -> None:
    click.echo(f"\n{found.get('text') or found.get('message')}")
    if found.get("changes"):
        click.echo("\nOther changes that come with it:\n")
        echo_table(
            ["Device", "From", "To", "Power", "Instead of"],
            [
                (
                    each["device"],
                    each["start"],
                    each["end"],
                    f"{each['to']} MW",
                    f"{each['from']} MW",
                )
                for each in found["changes"]
            ],
        )


def _echo_explanation(told: Mapping[str, Any]) -> None:
    for device in told.get("devices", ()):
        click.echo(f"\n{click.style(device['name'], bold=True)}\n")
        echo_table(
            ["From", "Energy", "Why"],
            [
                (each["start"], f"{each['energy']:g} {each['unit']}", each["text"])
                for each in device["reasons"]
            ],
        )
    for title, rows in (
        ("Processes", [each["text"] for each in told.get("processes", ())]),
        ("Costs", [f"{name}: {value:.4f}" for name, value in told.get("costs", {}).items()]),
        ("Limits that bind", [_limit(each) for each in told.get("limits", ())]),
        ("Soft limits that are breached", [_breach(each) for each in told.get("breaches", ())]),
        ("Inputs that are assumed", told.get("assumed", ())),
        ("Inputs that are old", told.get("stale", ())),
        ("Warnings", told.get("warnings", ())),
        ("What contradicts each other", [_limit(each) for each in told.get("conflict", ())]),
        ("The smallest change that helps", [_change(each) for each in told.get("repair", ())]),
    ):
        if rows:
            click.echo(f"\n{click.style(title, bold=True)}\n")
            for row in rows:
                click.echo(f"- {row}")


def _limit(each: Mapping[str, Any]) -> str:
    who = each.get("device") or "site"
    value = f" ({each['value']:g} {each['unit']})" if "value" in each else ""
    worth = f": up to {each['worth']:g} {each['unit']} more" if "worth" in each else ""
    return f"{who}: {each['field']}{value} from {each['start']} to {each['end']}{worth}"


def _breach(each: Mapping[str, Any]) -> str:
    return (
        f"{each['field']} from {each['start']} to {each['end']}, by up to {each['amount']:g} "
        f"{each['unit']}"
    )


def _change(each: Mapping[str, Any]) -> str:
    return f"{_limit(each)}: {each['to']:g} instead of {each['from']:g} {each['unit']}"
