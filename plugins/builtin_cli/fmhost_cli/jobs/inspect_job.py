"""``fmhost jobs inspect-job``."""

from __future__ import annotations

import json
from typing import Any

import click

from fmhost.plugin import current_installation, job_control
from fmhost_cli.jobs.job_option import job_option
from fmhost_cli.tables import echo_banner, echo_json, json_option, moment_text


@click.command()
@job_option
@json_option
def command(job_id: str, as_json: bool) -> None:
    """Show all that is known about a job: where it stands, how far it is, and why it failed."""
    with current_installation().database.reading() as session:
        known = job_control.describe(session, job_control.get_job(session, job_id))
    if as_json:
        echo_json(known)
        return
    echo_banner(f"Job {job_id}")
    click.echo(known["description"])
    if known["progress"] is not None and known["ended_at"] is None:
        click.echo(f"{known['progress']:.0%} done. {known['progress_note']}".rstrip())
    click.echo()
    for name, value in known.items():
        if name not in ("id", "description", "error", "progress", "progress_note"):
            text = _text(value)
            if text:
                click.echo(f"{name}: {text}")
    if known["error"]:
        click.echo(f"\n{known['error'].get('traceback') or known['error'].get('message')}")


def _text(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, (dict, list)):
        return json.dumps(value, indent=2, ensure_ascii=False)
    return moment_text(value) if hasattr(value, "isoformat") else str(value)
