"""``python -m fmhost.testing.chaos``: the trial in full, or as large as one says."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from fmhost.testing.chaos.trial import Plan, run


def main() -> int:
    """0 where nothing was lost or doubled, in time; else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    for field in fields(Plan):
        value = field.default
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(value), default=value)
    plan = Plan(**vars(parser.parse_args()))
    folder = Path(tempfile.mkdtemp(prefix="fmhost-chaos-"))
    print(f"Logs are in {folder}.")
    outcome = run(plan, folder, lambda line: print(line, flush=True))
    for field in fields(outcome):
        print(f"{field.name:16} {getattr(outcome, field.name)}")
    return 0 if outcome.is_clean and outcome.settled_after <= plan.patience else 1


if __name__ == "__main__":
    sys.exit(main())
