"""Shells complete commands and options, and nothing heavy is imported for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from click.shell_completion import BashComplete

from fmhost.cli.root import build_program


@pytest.mark.parametrize(
    ("shell", "part"),
    [
        ("bash", "complete -o nosort -F _fmhost_completion fmhost"),
        ("zsh", "#compdef fmhost"),
        ("fish", "complete --no-files --command fmhost"),
    ],
)
def test_scripts_for_shells(fmhost: Callable[..., Any], shell: str, part: str) -> None:
    # They are printed although the settings are malformed.
    result = fmhost("completion", shell, DEBUG="perhaps")
    assert result.exit_code == 0
    assert part in result.stdout
    assert f"_FMHOST_COMPLETE={shell}_complete" in result.stdout
    assert fmhost("completion", "tcsh").exit_code == 2


@pytest.mark.parametrize(
    ("words", "incomplete", "expected"),
    [
        ([], "plu", ["plugins"]),
        (["plugins"], "", ["check", "hooks", "list", "new", "plan", "purge", "show"]),
        (["plugins", "list"], "--j", ["--json"]),
        (["add", "schedule"], "for-s", ["for-storage"]),
        (["add", "schedule", "--sensor", "3"], "--soc-at", ["--soc-at-start"]),
        (["completion"], "", ["bash", "zsh", "fish"]),
        (["nonsense"], "x", []),
    ],
)
def test_what_may_follow(words: list[str], incomplete: str, expected: list[str]) -> None:
    shell = BashComplete(build_program(), {}, "fmhost", "_FMHOST_COMPLETE")
    assert [item.value for item in shell.get_completions(words, incomplete)] == expected


def test_members_are_told_with_their_help() -> None:
    shell = BashComplete(build_program(), {}, "fmhost", "_FMHOST_COMPLETE")
    (item,) = shell.get_completions(["plugins"], "pu")
    assert item.help == "Drop the tables of a plugin with all their data."


def test_underscores_are_as_good_as_hyphens(fmhost: Callable[..., Any]) -> None:
    assert fmhost("delete", "nan_beliefs", "--help").exit_code == 0


def test_completing_imports_nothing_heavy() -> None:
    program = "import sys; from fmhost.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    program += "print(sorted({'flask', 'sqlalchemy', 'numpy', 'pint'} & set(sys.modules)))"
    finished = subprocess.run(
        [sys.executable, "-c", program],
        env={"_FMHOST_COMPLETE": "bash_complete", "COMP_WORDS": "fmhost add as", "COMP_CWORD": "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.splitlines() == ["plain,asset", "plain,asset-type", "[]"]
