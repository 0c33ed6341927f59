"""The floors of the house: who may import whom, and what only one floor may do."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KERNEL = ROOT / "fmhost"
PLUGIN_PACKAGES = sorted(path.parent for path in ROOT.glob("plugins/*/fmhost_*/manifest.py"))


def sources(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_keep_to_the_contracts():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_upward_import_breaks_the_contract_and_is_named(tmp_path):
    """The check itself can fail: the same contracts over a tree with one import too many."""
    for package in (KERNEL, *PLUGIN_PACKAGES):
        shutil.copytree(
            package, tmp_path / package.name, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    offender = tmp_path / "fmhost" / "domain" / "units.py"
    offender.write_text(offender.read_text() + "\nfrom fmhost.services import schedules\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    assert "fmhost.domain.units -> fmhost.services.schedules" in result.stdout


def environment_readers(path: Path) -> list[int]:
    tree = ast.parse(path.read_text())
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv", "putenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]


@pytest.mark.parametrize(
    "path",
    [path for path in sources(KERNEL, *PLUGIN_PACKAGES) if KERNEL / "settings" not in path.parents],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_only_the_settings_read_the_environment(path):
    assert environment_readers(path) == []


def test_every_plugin_is_a_distribution_whose_entry_point_is_its_manifest():
    assert {package.name for package in PLUGIN_PACKAGES} >= {
        "fmhost_cli",
        "fmhost_forecast",
        "fmhost_report",
        "fmhost_storage",
        "fmhost_ui",
    }
    for package in PLUGIN_PACKAGES:
        project = tomllib.loads((package.parent / "pyproject.toml").read_text())["project"]
        assert list(project["entry-points"]["fmhost.plugins"].values()) == [
            f"{package.name}.manifest:manifest"
        ]
