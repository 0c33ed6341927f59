"""Plugins, and the solver that schedulers call."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.metadata import entry_points

from fmhost.cli.diagnosis.findings import Finding, Patient
from fmhost.cli.plugin_check import import_offers, slow_manifests
from fmhost.host.lifecycle import PluginRecord, Status

#: Entry-point group of the drivers of solvers; ``FMHOST_SOLVER`` names one.
SOLVERS = "fmhost.solvers"
#: Names under which pyomo knows the solver that needs no program.
_IN_PROCESS = ("appsi_highs", "highs")


def check_plugins(patient: Patient) -> Iterator[Finding]:
    """All that the plugins offer can be loaded and used."""
    host = patient.installation.host
    for record in host.active:
        import_offers(record, host)
    for record in host.records:
        yield from _of_plugin(record)
    for warning in [*host.warnings(), *slow_manifests(host)]:
        what, _, remedy = warning.partition(". ")
        yield Finding("plugins", f"{what.rstrip('.')}.", remedy, "advice")


def _of_plugin(record: PluginRecord) -> Iterator[Finding]:
    if record.status in (Status.FAILED, Status.QUARANTINED):
        cause = f"{record} is {record.status} (stage: {record.stage}): {record.cause}"
        yield Finding("plugins", cause, record.fix or f"See `fmhost plugins show {record.name}`.")
    for claim, problem in [*record.contested.items(), *record.broken.items()]:
        kind, _, name = claim.partition(":")
        yield Finding("plugins", f"{record}, {kind} '{name}': {problem.cause}", problem.fix)


def check_solver(patient: Patient) -> Iterator[Finding]:
    """The solver that the settings name is there."""
    settings = patient.settings
    installed = {each.name: each for each in entry_points(group=SOLVERS)}
    if not installed:
        return  # an installation without a scheduler that needs one
    name, program = settings["FMHOST_SOLVER"], settings["FLEXMEASURES_LP_SOLVER"]
    asks_program = settings.source("FLEXMEASURES_LP_SOLVER") != "default"
    if settings.source("FMHOST_SOLVER") == "default" and asks_program:
        name = name if program in _IN_PROCESS else "pyomo"
    if name not in installed:
        yield Finding(
            "solver",
            f"There is no solver driver called '{name}': no schedule can be computed.",
            f"Set FMHOST_SOLVER to one of: {', '.join(sorted(installed))}.",
        )
        return
    try:
        installed[name].load()
    except ImportError as error:
        yield Finding(
            "solver",
            f"The solver driver '{name}' cannot be loaded: {error}.",
            "Install what it needs, or set FMHOST_SOLVER to another.",
        )
        return
    if name == "pyomo" and program not in _IN_PROCESS and shutil.which(program) is None:
        yield Finding(
            "solver",
            f"The solver '{program}' is not installed: no schedule can be computed.",
            f"Install the program '{program}', or set FLEXMEASURES_LP_SOLVER to another, or "
            "FMHOST_SOLVER to highs.",
        )
