"""The root of the command line: options of the program, and the tree of commands."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click

from fmhost.cli.context import Program
from fmhost.cli.tree import OWNER, CommandFailed, LazyGroup, Node
from fmhost.errors import FmhostError, PluginError
from fmhost.host import kernel
from fmhost.host.host import Host
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.loading import import_offer
from fmhost.host.manifest import Command


class Root(LazyGroup):
    """The ``fmhost`` program; it discovers the plugins' commands after its options are read."""

    def __init__(self) -> None:
        super().__init__(
            Node("fmhost"),
            help=(
                "Decide when batteries, EV chargers, heat pumps and other flexible devices run.\n\n"
                "Commands come from plugins; see `fmhost plugins list`."
            ),
            params=[
                click.Option(
                    ["--config", "config_path"],
                    type=click.Path(path_type=Path),
                    help="Configuration file, instead of the usual places.",
                ),
                click.Option(
                    ["--env", "environment"],
                    help="Environment: production, staging, development, testing, documentation.",
                ),
                click.Option(
                    ["--debug"],
                    is_flag=True,
                    help="Show the traceback where a command crashes.",
                ),
                click.Option(
                    ["--version"],
                    is_flag=True,
                    is_eager=True,
                    expose_value=False,
                    callback=_show_version,
                    help="Show the version of fmhost and exit.",
                ),
            ],
            callback=lambda config_path, environment, debug: None,
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        )
        for path, help_line in kernel.GROUPS.items():
            self.node.at(path).help = help_line
        for path, (target, help_line) in kernel.COMMANDS.items():
            node = self.node.at(path)
            node.help = help_line
            node.load = _kernel_command(target)
        self._host: Host | None = None

    def grow(self, ctx: click.Context) -> Host:
        """Hang the plugins' commands into the tree, once.

        :raises FmhostError: where the settings are malformed.
        """
        if self._host is None:
            program = ctx.find_object(Program)
            if program is None:
                options = ctx.find_root().params
                program = ctx.obj = Program(options.get("config_path"), options.get("environment"))
                ctx.call_on_close(program.close)
            self._host = program.host
            for record in self._host.records:
                hang(self.node, record, self._host.composition.import_budget)
        return self._host

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the kernel's and the plugins' commands.

        Malformed settings hide the plugins' commands, and help says so.
        """
        try:
            self.grow(ctx)
        except FmhostError as error:
            click.echo(f"Error: {error}\nOnly the kernel's commands are listed.", err=True)
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        try:
            self.grow(ctx)
        except FmhostError as error:
            if cmd_name not in kernel.WITHOUT_SETTINGS:
                raise CommandFailed(error) from error
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a crash of a plugin's command becomes one line that names the plugin."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            owner = ctx.meta.get(OWNER)
            if not owner or ctx.params.get("debug"):
                raise
            raise _crashed(ctx, owner, error) from error

    def hint(self, ctx: click.Context) -> str:
        """An unknown word may belong to a plugin that is not active."""
        unfit = [record.name for record in self.grow(ctx).records if not record.active]
        if not unfit:
            return ""
        return (
            f"It may belong to a plugin that is not active ({', '.join(unfit)}): "
            "see `fmhost plugins list`."
        )


def hang(root: Node, record: PluginRecord, budget: float) -> None:
    """Hang the commands of one plugin into the tree; those that cannot be used with the reason."""
    if record.manifest is None:
        return
    for group in record.manifest.groups if record.active else ():
        node = root.at(group.path)
        node.help = node.help or group.help
    for command in record.manifest.commands:
        if kernel.owns("command", command.path):
            continue
        node = root.at(command.path)
        reason = record.why_not("command", command.path)
        if reason is None:
            node.help = command.help
            node.owner = str(record)
            node.load = _plugin_command(record, command, budget)
        else:
            node.obstacle = PluginError(
                f"The command 'fmhost {command.path}' is unavailable. {reason.cause}",
                hint=reason.fix,
            )


def _crashed(ctx: click.Context, owner: str, error: Exception) -> click.ClickException:
    what = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(":.")
    return click.ClickException(
        f"A command of {owner} crashed: {what}. That is a fault of the plugin, or of fmhost. "
        f"Run it as `{ctx.info_name} --debug ...` for the traceback."
    )


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        import fmhost

        click.echo(f"fmhost {fmhost.__version__}")
        ctx.exit()


def _kernel_command(target: str) -> Callable[[], click.Command]:
    def load() -> click.Command:
        module, _, name = target.partition(":")
        return cast(click.Command, getattr(importlib.import_module(module), name))

    return load


def _plugin_command(
    record: PluginRecord, command: Command, budget: float
) -> Callable[[], click.Command]:
    def load() -> click.Command:
        return load_command(record, command, budget)

    return load


def load_command(record: PluginRecord, command: Command, budget: float) -> click.Command:
    """Import a command of a plugin.

    :raises PluginError: where it cannot be imported, or is no command.
    """
    loaded: click.Command = import_offer(
        record,
        "command",
        command.path,
        command.target,
        budget=budget,
        fits=lambda found: isinstance(found, click.Command),
        expected="click.Command",
    )
    if record.listed:
        from fmhost.cli.listed import InApplication  # loads the web framework

        return InApplication(loaded)
    return loaded


def build_program() -> click.Command:
    """The ``fmhost`` program as a click command."""
    return Root()
