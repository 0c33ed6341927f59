"""What the process plugin offers."""

from __future__ import annotations

from fmhost.plugin import Command, Driver, Manifest

manifest = Manifest(
    name="process",
    schedulers={
        "ProcessScheduler": Driver(
            "fmhost_process.scheduler:ProcessScheduler", asset_types=("process", "load")
        ),
    },
    # `add schedule` belongs to the CLI plugin; without it this command is there all the same.
    commands=[
        Command(
            "add schedule for-process",
            "fmhost_process.command:command",
            "Compute a schedule for a process: a load that runs for a given time.",
        ),
    ],
    asset_types={
        "process": "Consumption that can be shifted in time",
        "load": "Device that consumes for a given time",
    },
)
