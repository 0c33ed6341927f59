"""``fmhost doctor``: name each problem of an installation, and its remedy."""

from __future__ import annotations

from dataclasses import asdict

import click

from fmhost.cli.context import current_program
from fmhost.cli.diagnosis.examination import examine, open_for_examination
from fmhost.cli.diagnosis.findings import Finding, Patient
from fmhost.cli.plugins import as_json_option, print_json
from fmhost.errors import ConfigurationError

_SIGNS = {"problem": ("✗", "red"), "advice": ("!", "yellow")}


@click.command("doctor")
@click.option(
    "--least-free",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="How much room has to be left on disks [MB].",
)
@as_json_option
def doctor(least_free: int, as_json: bool) -> None:
    """Find out what is amiss with this installation, and what to do about it.

    Ends with 1 where there is a problem; advice alone is none. Nothing is changed.
    """
    examined = _examine(least_free * 1_000_000)
    findings = [finding for found in examined.values() for finding in found]
    healthy = all(finding.severity != "problem" for finding in findings)
    if as_json:
        checks = list(examined)
        found = [asdict(finding) for finding in findings]
        print_json({"healthy": healthy, "checks": checks, "findings": found})
    else:
        _tell(examined)
        problems = sum(finding.severity == "problem" for finding in findings)
        click.echo(f"\n{problems} problems, {len(findings) - problems} pieces of advice.")
    click.get_current_context().exit(0 if healthy else 1)


def _examine(least_free: int) -> dict[str, list[Finding]]:
    """What each check found; where the settings cannot be read, that alone."""
    try:
        installation = open_for_examination(current_program().settings)
    except ConfigurationError as error:
        # One line for each setting.
        lines = [line for line in error.message.splitlines() if line]
        hint = error.hint or "See docs/settings.md; the other checks need these settings."
        return {"settings": [Finding("settings", line, hint) for line in lines]}
    try:
        return dict(examine(Patient(installation, least_free)))
    finally:
        installation.close()


def _tell(examined: dict[str, list[Finding]]) -> None:
    for name, found in examined.items():
        if not found:
            click.echo(f"{click.style('✓', fg='green')} {name}")
        for finding in found:
            sign, colour = _SIGNS[finding.severity]
            click.echo(f"{click.style(sign, fg=colour)} {name}: {finding.problem}")
            if finding.remedy:
                click.echo(f"    {finding.remedy}")
