"""What ``fmhost --help`` may import."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"flask", "sqlalchemy", "pandas", "numpy", "pint", "alembic", "marshmallow", "rq", "redis"}

PROGRAM = """
import json, sys
from fmhost.cli import main
sys.argv = ["fmhost", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def _modules_after(*arguments: str) -> set[str]:
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    assert "Usage: fmhost" in finished.stdout
    modules: set[str] = set(json.loads(finished.stderr.splitlines()[-1]))
    return modules


@pytest.mark.parametrize("arguments", [("--help",), ("add", "--help"), ("show", "--help")])
def test_help_imports_nothing_heavy_and_no_plugin_code(arguments: tuple[str, ...]) -> None:
    modules = _modules_after(*arguments)
    assert not {name.partition(".")[0] for name in modules} & HEAVY
    plugin_modules = {name for name in modules if name.startswith("fmhost_") and "." in name}
    assert "fmhost_cli.manifest" in plugin_modules
    # A manifest may have a part of itself elsewhere, such as a long list of routes.
    assert {name.partition(".")[2] for name in plugin_modules} <= {"manifest", "routes"}


def test_help_of_a_command_imports_that_command_alone() -> None:
    modules = _modules_after("add", "asset-type", "--help")
    assert "fmhost_cli.add.asset_type" in modules
    assert "fmhost_cli.add.asset" not in modules
