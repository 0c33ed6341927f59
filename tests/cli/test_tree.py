"""Commands of plugins in the tree of the program."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from click.testing import Result

from fmhost.testing.distributions import Distribution, plugin

SCHEDULE = """
import click

@click.command(epilog="Both are equal.")
@click.option("--sensor", required=True, help="Which sensor.")
def command(sensor):
    \"\"\"Compute a schedule of any kind.\"\"\"
    click.echo(f"any kind for {sensor}")
"""

TANK = """
import click

@click.command()
@click.option("--volume", default=1)
def command(volume):
    \"\"\"Compute a schedule for a tank.\"\"\"
    click.echo(f"tank of {volume}")
"""


@pytest.fixture
def schedules(install: Callable[..., None]) -> None:
    """``acme schedule`` of one plugin and ``acme schedule for-tank`` of another."""
    install(
        plugin(
            "any",
            "manifest = Manifest('any', commands=[Command('acme schedule', 'acme_any.code:command',"
            " 'Any kind.')], groups=[CommandGroup('acme', 'All of Acme.')])",
            {"code.py": SCHEDULE},
        ),
        plugin(
            "tank",
            "manifest = Manifest('tank', commands=[Command('acme schedule for-tank', "
            "'acme_tank.code:command', 'For a tank.')])",
            {"code.py": TANK},
        ),
    )


@pytest.mark.usefixtures("schedules")
def test_a_command_can_be_a_group_as_well(fmhost: Callable[..., Result]) -> None:
    assert fmhost("acme", "schedule", "--sensor", "3").output == "any kind for 3\n"
    assert fmhost("acme", "schedule", "for-tank", "--volume", "5").output == "tank of 5\n"


@pytest.mark.usefixtures("schedules")
def test_the_help_of_such_a_command_shows_its_options_and_its_members(
    fmhost: Callable[..., Result],
) -> None:
    shown = fmhost("acme", "schedule", "--help").output
    for part in ("Compute a schedule of any kind.", "--sensor", "for-tank  For a tank.", "equal"):
        assert part in shown
    assert "acme_tank.code" not in sys.modules
    assert "--volume" in fmhost("acme", "schedule", "for-tank", "--help").output


@pytest.mark.usefixtures("schedules")
def test_such_a_command_checks_its_own_options(fmhost: Callable[..., Result]) -> None:
    result = fmhost("acme", "schedule")
    assert result.exit_code == 2
    assert "Missing option '--sensor'" in result.output


@pytest.mark.usefixtures("schedules")
def test_help_imports_no_code_of_a_plugin(fmhost: Callable[..., Result]) -> None:
    assert "acme All of Acme." in " ".join(fmhost("--help").output.split())
    assert "schedule  Any kind." in fmhost("acme", "--help").output
    assert not {"acme_any.code", "acme_tank.code"} & set(sys.modules)


@pytest.mark.usefixtures("schedules")
def test_a_misspelled_command_is_told_the_nearest(fmhost: Callable[..., Result]) -> None:
    result = fmhost("acme", "shedule")
    assert result.exit_code == 2
    assert "There is no command 'fmhost acme shedule'. Did you mean 'schedule'?" in result.output


def test_a_plugin_can_add_to_a_group_of_another_and_of_the_kernel(
    install: Callable[..., None], fmhost: Callable[..., Result]
) -> None:
    install(
        plugin(
            "more",
            "manifest = Manifest('more', commands=[Command(path, 'acme_more.code:command', 'More.')"
            " for path in ('show more', 'plugins more')])",
            {"code.py": TANK},
        )
    )
    assert fmhost("show", "more").output == "tank of 1\n"
    assert fmhost("plugins", "more").output == "tank of 1\n"
    shown = fmhost("plugins", "--help").output
    assert "more" in shown
    assert "check" in shown


def failing(name: str, code: str) -> Distribution:
    return plugin(
        name,
        f"manifest = Manifest('{name}', "
        f"commands=[Command('{name} go', 'acme_{name}.code:go', 'Go.')])",
        {"code.py": code},
    )


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import acme_dependency", "module 'acme_dependency' is missing"),
        ("1 / 0", "ZeroDivisionError"),
        ("go = 1", "which is no click.Command"),
    ],
)
def test_a_command_that_cannot_be_imported_fails_alone(
    code: str, cause: str, install: Callable[..., None], fmhost: Callable[..., Result]
) -> None:
    install(failing("bad", code), failing("fit", TANK.replace("def command", "def go")))
    result = fmhost("bad", "go")
    assert result.exit_code == 1
    assert "Error: Plugin 'bad' (acme-bad 1.0): It" in result.stderr
    assert cause in result.stderr
    assert fmhost("fit", "go").output == "tank of 1\n"
    assert "bad" in fmhost("--help").output


@pytest.mark.parametrize(
    ("error", "code", "shown"),
    [
        ("NotFound('No such tank.', hint='Add one.')", 1, "Error: No such tank. Add one.\n"),
        ("InvalidInput('It is negative.', field='volume')", 1, "Error: volume: It is negative.\n"),
        ("ConfigurationError('No key.')", 2, "Error: No key.\n"),
    ],
)
def test_an_error_raised_on_purpose_is_one_line_and_an_exit_code(
    error: str,
    code: int,
    shown: str,
    install: Callable[..., None],
    fmhost: Callable[..., Result],
) -> None:
    install(
        failing(
            "tank",
            "import click\nfrom fmhost.plugin import ConfigurationError, InvalidInput, NotFound\n"
            f"@click.command()\ndef go():\n    raise {error}\n",
        )
    )
    result = fmhost("tank", "go")
    assert (result.exit_code, result.stderr, result.stdout) == (code, shown, "")
