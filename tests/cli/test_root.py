"""The program itself: its options, its help, what it imports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from click.testing import Result

from fmhost.cli.root import Root
from fmhost.host import kernel
from fmhost.testing.distributions import Site, plugin

HEAVY = ("flask", "sqlalchemy", "pandas", "numpy", "pint", "marshmallow", "pluggy")


def test_the_version_is_that_of_the_distribution(fmhost: Callable[..., Result]) -> None:
    assert fmhost("--version").output == f"fmhost {version('fmhost')}\n"


def test_every_command_of_the_kernel_can_be_loaded_and_has_help() -> None:
    program = Root()
    for path, (_target, help_line) in kernel.COMMANDS.items():
        node = program.node.at(path)
        assert node.load is not None
        assert node.load().name == path.split()[-1]
        assert help_line.endswith(".")


def test_malformed_settings_leave_help_and_are_named(
    fmhost: Callable[..., Result], tmp_path: Path
) -> None:
    shown = fmhost("--help", FMHOST_STRICT_PLUGINS="perhaps")
    assert shown.exit_code == 0
    assert "plugins     See and check" in shown.stdout
    assert "The value of FMHOST_STRICT_PLUGINS is not a boolean: 'perhaps'" in shown.stderr
    refused = fmhost("plugins", "list", FMHOST_STRICT_PLUGINS="perhaps")
    assert refused.exit_code == 2
    assert "FMHOST_STRICT_PLUGINS" in refused.stderr


def test_a_config_file_and_an_environment_can_be_named(
    fmhost: Callable[..., Result], tmp_path: Path
) -> None:
    config = tmp_path / "mine.cfg"
    config.write_text('FMHOST_PLUGINS_ALLOWED = ["storage"]\n')
    listed = fmhost("--config", str(config), "plugins", "list")
    assert listed.stdout.count("disabled") >= 3
    missing = fmhost("--config", "nowhere.cfg", "plugins", "list")
    assert (missing.exit_code, missing.stderr) == (
        2,
        "Error: Cannot find config file nowhere.cfg!\n",
    )
    unknown = fmhost("--env", "moon", "plugins", "list")
    assert unknown.exit_code == 2
    assert "moon" in unknown.stderr


def test_help_in_a_process_of_its_own_imports_nothing_heavy(site: Site, tmp_path: Path) -> None:
    site.install(
        plugin(
            "heavy",
            "manifest = Manifest('heavy', hooks='acme_heavy.code', "
            "groups=[CommandGroup('x', 'X.')],"
            " commands=[Command('x y', 'acme_heavy.code:y', 'Y.')])",
            {"code.py": "import pandas"},
        )
    )
    script = (
        "import sys\n"
        "from fmhost.cli.root import build_program\n"
        "try:\n"
        "    build_program()(sys.argv[1:], prog_name='fmhost')\n"
        "finally:\n"
        f"    print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)\n"
        "    print('acme_heavy.code' in sys.modules, file=sys.stderr)\n"
    )
    for arguments in (["--help"], ["x", "--help"], ["plugins", "--help"], ["plugins", "list"]):
        ran = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env={"PYTHONPATH": str(site.folder), "HOME": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stderr == "[]\nFalse\n"
        assert ran.stdout


def test_the_installed_program_finds_the_plugins_of_a_site(site: Site, tmp_path: Path) -> None:
    site.install(plugin("tank", "manifest = Manifest('tank', requires=['nowhere'])", version="2.5"))
    ran = site.run("plugins", "list", instance=tmp_path / "instance")
    assert ran.returncode == 0
    assert "tank      2.5    failed" in ran.stdout
    assert "Plugin 'tank' (acme-tank 2.5) is failed" in ran.stderr
