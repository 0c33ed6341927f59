"""Every command that the manifest names is there, and says what the list says."""

from __future__ import annotations

from importlib import import_module

import click
import pytest

from fmhost_cli.manifest import manifest


@pytest.mark.parametrize("path", [command.path for command in manifest.commands])
def test_the_manifest_and_the_command_agree(path: str) -> None:
    (entry,) = (command for command in manifest.commands if command.path == path)
    module, _, name = entry.target.partition(":")
    command = getattr(import_module(module), name)
    assert isinstance(command, click.Command)
    first_line = (command.help or "").split("\n\n")[0].replace("\n", " ")
    assert first_line.split()[0] == entry.help.split()[0]
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help, f"{path} {parameter.opts} has no help"


def test_groups_name_their_members() -> None:
    groups = {group.path for group in manifest.groups}
    assert groups == {
        path.split()[0] for path in (c.path for c in manifest.commands) if " " in path
    }
