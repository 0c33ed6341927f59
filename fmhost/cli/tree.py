"""Commands that are listed without being imported, and imported when they are run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click

from fmhost.errors import FmhostError


class CommandFailed(click.ClickException):
    """An :class:`FmhostError` as the command line shows it: one line, and its exit code."""

    def __init__(self, error: FmhostError) -> None:
        text = str(error)
        named = error.field if error.field and error.field not in text else None
        super().__init__(f"{named}: {text}" if named else text)
        self.exit_code = error.exit_code


@dataclass
class Node:
    """A word of the command line.

    :param help: one line for the list of commands.
    :param load: imports the command; None for a group without an action.
    :param children: the words that may follow.
    """

    name: str
    help: str = ""
    load: Callable[[], click.Command] | None = None
    children: dict[str, Node] = field(default_factory=dict)

    def at(self, path: str) -> Node:
        """The node at `path` below this one, made where it is missing."""
        node = self
        for word in path.split():
            node = node.children.setdefault(word, Node(word))
        return node

    def command(self) -> click.Command:
        """The command, ready to run: imported, with the children of all plugins below it."""
        loaded = self.load() if self.load else None
        if not self.children:
            return loaded if loaded is not None else LazyGroup(self)
        return LazyGroup(self, loaded)


class LazyGroup(click.Group):
    """A group whose members are nodes.

    :param own: what the group does when no member is named; its options become the group's.
    """

    def __init__(self, node: Node, own: click.Command | None = None, **options: Any) -> None:
        if own is not None:
            options |= {
                "callback": own.callback,
                "params": own.params,
                "help": own.help,
                "invoke_without_command": True,
            }
        options.setdefault("help", node.help)
        super().__init__(name=node.name, **options)
        self.node = node

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the members, sorted."""
        return sorted({*self.node.children, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the member of that name."""
        if cmd_name in self.commands:
            return self.commands[cmd_name]
        node = self.node.children.get(cmd_name)
        if node is None:
            return None
        try:
            return node.command()
        except FmhostError as error:
            raise CommandFailed(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the members with their help, importing none of them."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.commands.get(name)
            text = command.get_short_help_str(100) if command else self.node.children[name].help
            rows.append((name, text))
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the member; an error raised on purpose becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except FmhostError as error:
            raise CommandFailed(error) from error
