"""What holds for all commands: JSON of `show`, confirmation of `delete`, one line for mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from fmhost_cli.manifest import manifest

PAGE = Path(__file__).parents[3] / "docs" / "operations" / "command-line.md"

#: Options that commands cannot do without.
NEEDED = {
    "show account": ("--id", "1"),
    "show asset": ("--id", "3"),
    "show beliefs": (
        *("--sensor", "3", "--start", "2026-01-01T00:00:00+00:00", "--duration", "PT1H"),
    ),
}
#: Commands of which no page tells keys: they need a schedule, or keys, or have
#: those of a grammar.
ELSEWHERE = ("show schedule", "show secrets", "show chart")


def commands(group: str) -> Iterator[tuple[str, click.Command]]:
    """The commands of a group with their paths."""
    for each in manifest.commands:
        if each.path.split()[0] == group:
            module, _, name = each.target.partition(":")
            yield each.path, getattr(import_module(module), name)


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts}


@pytest.mark.parametrize(("path", "command"), [*commands("show")])
def test_whatever_is_shown_is_there_for_programs(path: str, command: click.Command) -> None:
    assert "--json" in options_of(command)


@pytest.mark.parametrize(
    ("path", "command"),
    [
        *commands("delete"),
        *(each for each in commands("jobs") if "delete" in each[0]),
        *(each for each in commands("db-ops") if "dump" not in each[0]),
        *(each for each in commands("users") if "reset" in each[0]),
    ],
)
def test_what_is_lost_for_good_is_asked_about(path: str, command: click.Command) -> None:
    assert {"--force", "--yes"} <= options_of(command)


def documented() -> dict[str, list[str]]:
    """The keys that the page tells of, by command; those of objects within are left out."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `show "):
            _, command, keys, _ = line.split("|")
            outer = re.sub(r"\([^)]*\)", "", keys)
            found[command.strip(" `")] = re.findall(r"`(\w+)`", outer) or found["show schedulers"]
            if "as `show" in keys:
                found[command.strip(" `")] = found["show schedulers"]
    return found


def test_the_page_names_every_command_that_shows() -> None:
    assert {*documented(), *ELSEWHERE} >= {path for path, _ in commands("show")}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_keys_are_those_of_the_page(toy: Any) -> None:
    toy.ok("add", "initial-structure")
    toy.ok("add", "plan", "--name", "Gold")
    key = ("--email", "toy-user@flexmeasures.io", "--name", "k", "--scopes", "read")
    toy.ok("add", "api-key", *key)
    toy.ok(
        *("add", "automation", "--name", "p", "--kind", "forecast", "--sensor", "3"),
        *("--cron", "0 6 * * *"),
    )
    for path, keys in documented().items():
        shown = toy.json(*path.split(), *NEEDED.get(path, ()))
        first = shown[0] if isinstance(shown, list) and shown else shown
        if first:
            assert list(first) == keys, path


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_sensors_of_sources(toy: Any, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("start,price\n2026-03-02T00:00:00+00:00,7\n")
    toy.ok("add", "beliefs", file, "--sensor", "3", "--source", "market")
    shown = {each["name"]: each for each in toy.json("show", "data-sources", "--show-sensors")}
    assert shown["market"]["sensors"] == [3]
    assert shown["toy-user"]["sensors"] == []
    assert toy.json("show", "data-sources")[0]["sensors"] is None
    assert "Sensors" in toy.ok("show", "data-sources", "--show-sensors")


#: Mistakes in using commands, which end with 2 and one line that names the option.
MISUSES = [
    ("delete measurements --sensor x", "--sensor"),
    ("delete beliefs --force", "--sensor, --asset, --source"),
    ("delete beliefs --sensor 2 --start yesterday", "--start"),
    ("delete unchanged-beliefs --keep-forecasts --keep-measurements", "keep"),
    ("delete account-role", "--name"),
    ("monitor latest-run --task x soon", "--task"),
    ("monitor last-seen", "--maximum-minutes-since-last-seen"),
    ("monitor last-seen --maximum-minutes-since-last-seen 0", "--maximum-minutes"),
    ("add annotation --content x --user 1 --at 2026-03-02", "--at"),
    ("add holidays --country NL --asset 3", "--year"),
    ("add plan", "--name"),
    ("edit plan --id 1", "--max-users"),
    ("edit transfer-ownership --asset 1", "--new-owner"),
    ("edit transfer-parenthood --asset 1 --old-parent 2", "--old-parent"),
    ("edit resample-data --sensor 2", "--event-resolution"),
    ("edit resample-data --sensor 2 --event-resolution P1M", "--event-resolution"),
    ("users create colour:red --account 1", "colour"),
    ("roles add ann", "ROLE"),
    ("db-ops restore", "BACKUP"),
    ("completion tcsh", "tcsh"),
    ("doctor --least-free -1", "--least-free"),
]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("line", "named"), MISUSES)
def test_misuse_is_told_in_one_line(cli: Any, line: str, named: str) -> None:
    result = cli(*line.split())
    assert result.exit_code == 2, result.output
    assert named in cli.refused(*line.split())


#: What cannot be done, which ends with 1 and one line that says why.
IMPOSSIBLE = [
    ("delete measurements --sensor 9 --force", "No sensor found with ID 9."),
    ("delete beliefs --asset 9 --force", "No asset found with ID 9."),
    ("delete nan-beliefs --source nobody --force", "Failed to find source nobody."),
    ("delete account-role --name x --force", "Account role 'x' does not exist."),
    ("add annotation --content x --user 9 --at 2026-03-02T00:00:00Z --asset 1", "No user with"),
    ("add holidays --year 2026 --country XX --asset 1", "XX"),
    ("edit plan --id 9 --legacy", "No plan with ID 9 found!"),
    ("edit transfer-ownership --asset 9 --new-owner 1", "No asset found with ID 9."),
    ("edit transfer-parenthood --asset 9", "No asset found with ID 9."),
    ("users activate nobody", "'nobody'"),
    ("roles add nobody admin", "'nobody'"),
    ("db-ops restore nothing --force", "There is no backup 'nothing'."),
    ("db-ops dump --name a/b", "'a/b' is no name for a backup."),
    ("monitor last-seen --maximum-minutes-since-last-seen 5 --account 9", "No account with ID 9"),
]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("line", "reason"), IMPOSSIBLE)
def test_what_cannot_be_done_is_told_in_one_line(cli: Any, line: str, reason: str) -> None:
    result = cli(*line.split())
    assert result.exit_code == 1, result.output
    assert reason in cli.refused(*line.split())
