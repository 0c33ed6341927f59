"""Commands that are listed without being imported, and imported when they are run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click
from click.shell_completion import CompletionItem

from fmhost.errors import FmhostError

#: Where a run keeps the plugin of its command.
OWNER = "fmhost.owner"


class CommandFailed(click.ClickException):
    """An :class:`FmhostError` as the command line shows it: what, why, what to do; exit code."""

    def __init__(self, error: FmhostError) -> None:
        text = str(error)
        named = error.field if error.field and error.field not in text else None
        super().__init__(f"{named}: {text}" if named else text)
        self.error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The exit code of the program; it differs by error."""
        return self.error.exit_code


@dataclass
class Node:
    """A word of the command line.

    :param help: one line for the list of commands.
    :param load: imports the command; None for a group without an action.
    :param children: the words that may follow.
    :param obstacle: why the command cannot be used; it is not listed then.
    :param owner: the plugin that brings the command; empty for the kernel.
    """

    name: str
    help: str = ""
    load: Callable[[], click.Command] | None = None
    children: dict[str, Node] = field(default_factory=dict)
    obstacle: FmhostError | None = None
    owner: str = ""

    def at(self, path: str) -> Node:
        """The node at `path` below this one, made where it is missing."""
        node = self
        for word in path.split():
            node = node.children.setdefault(word, Node(word))
        return node

    @property
    def listed(self) -> bool:
        """Whether the node leads to a command that can be used."""
        return self.load is not None or any(child.listed for child in self.children.values())

    def command(self) -> click.Command:
        """The command, ready to run: imported, with the children of all plugins below it.

        :raises FmhostError: where it cannot be used.
        """
        if self.load is None:
            if self.obstacle is not None and not self.listed:
                raise self.obstacle
            return LazyGroup(self)
        loaded = self.load()
        if not self.children:
            return loaded
        if isinstance(loaded, click.Group):
            return LazyGroup(self, commands=loaded.commands, help=loaded.help)
        return Fork(self, loaded)


class LazyGroup(click.Group):
    """A group whose members are nodes, next to ordinary `commands`."""

    def __init__(self, node: Node, **options: Any) -> None:
        options.setdefault("help", node.help)
        super().__init__(name=node.name, **options)
        self.node = node

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the members, sorted."""
        nodes = {name for name, node in self.node.children.items() if node.listed}
        return sorted({*nodes, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the member of that name; an underscore in it is as good as a hyphen."""
        children = self.node.children
        node = children.get(cmd_name) or children.get(cmd_name.replace("_", "-"))
        if node is None:
            return self.commands.get(cmd_name)
        # Shared by the whole run: the last one stands for the command that runs.
        ctx.meta[OWNER] = node.owner or ctx.meta.get(OWNER, "")
        try:
            return node.command()
        except FmhostError as error:
            raise CommandFailed(error) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The member that the first word names; for an unknown one, those that are near."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if args[0] in self.list_commands(ctx) or args[0].startswith("-"):
                raise
            raise self.no_such_command(ctx, args[0]) from error

    def no_such_command(self, ctx: click.Context, name: str) -> click.UsageError:
        """The error for a word that is no member."""
        from difflib import get_close_matches  # needed for mistakes only

        near = get_close_matches(name, self.list_commands(ctx), n=3)
        text = f"There is no command '{ctx.command_path} {name}'."
        if near:
            text += " Did you mean " + " or ".join(f"'{found}'" for found in near) + "?"
        hint = self.hint(ctx)
        return click.UsageError(f"{text} {hint}" if hint else text, ctx)

    def hint(self, ctx: click.Context) -> str:
        """What to tell, besides, those who name a member that does not exist."""
        return ""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What may follow: members by their names and help, importing none of them; options."""
        found = [
            CompletionItem(name, help=text)
            for name, text in self._listed(ctx)
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def _listed(self, ctx: click.Context) -> list[tuple[str, str]]:
        """The names of the members, each with one line of help."""
        rows = []
        for name in self.list_commands(ctx):
            node = self.node.children.get(name)
            text = node.help if node else self.commands[name].get_short_help_str(100)
            rows.append((name, text))
        return rows

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the members with their help, importing none of them."""
        rows = self._listed(ctx)
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the member; an error raised on purpose becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except FmhostError as error:
            raise CommandFailed(error) from error


class Fork(LazyGroup):
    """A command that is a group as well: ``add schedule``, and ``add schedule for-storage``.

    Where the first word names a member, that member runs, and none of the command's own options
    applies. Otherwise the command itself runs.

    :param own: the command itself.
    """

    def __init__(self, node: Node, own: click.Command) -> None:
        super().__init__(
            node, help=own.help, params=own.params, epilog=own.epilog, no_args_is_help=False
        )
        self.own = own

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """The context of the member's group or of the command, by the first word."""
        chosen: click.Command = self.own
        if args and args[0] in self.node.children:
            chosen = LazyGroup(self.node)
        elif {"-h", "--help"} & set(args) or extra.get("resilient_parsing"):
            return super().make_context(info_name, args, parent, **extra)
        return chosen.make_context(info_name, args, parent, **extra)
