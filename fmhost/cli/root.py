"""The root of the command line: options of the program, and the tree of commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import click

from fmhost.cli.context import Program
from fmhost.cli.tree import CommandFailed, LazyGroup, Node
from fmhost.errors import FmhostError, PluginError
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.loading import import_target

#: The commands of the kernel; all others come from plugins.
_KERNEL = {
    "run": ("fmhost.cli.run:run", "Serve the API and the pages of the plugins."),
    "plugins": ("fmhost.cli.plugins:plugins", "See and check the plugins of this installation."),
}


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
                    ["--version"],
                    is_flag=True,
                    is_eager=True,
                    expose_value=False,
                    callback=_show_version,
                    help="Show the version of fmhost and exit.",
                ),
            ],
            callback=lambda config_path, environment: None,
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        )
        for name, (target, help_line) in _KERNEL.items():
            self.node.children[name] = Node(name, help_line, _kernel_command(target))
        self._grown = False

    def grow(self, ctx: click.Context) -> None:
        """Hang the plugins' commands into the tree, once."""
        if self._grown:
            return
        self._grown = True
        program = ctx.find_object(Program)
        if program is None:
            program = ctx.obj = Program(
                ctx.params.get("config_path"), ctx.params.get("environment")
            )
            ctx.call_on_close(program.close)
        try:
            host = program.host
        except FmhostError as error:
            raise CommandFailed(error) from error
        budget = host.composition.import_budget
        for record in host.active:
            manifest = record.manifest
            assert manifest is not None
            for group in manifest.groups:
                node = self.node.at(group.path)
                node.help = node.help or group.help
            for command in manifest.commands:
                if record.owns("command", command.path) and command.path not in _KERNEL:
                    node = self.node.at(command.path)
                    node.help = command.help
                    node.load = _plugin_command(record, command.target, budget)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the kernel's and the plugins' commands."""
        self.grow(ctx)
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        self.grow(ctx)
        return super().get_command(ctx, cmd_name)


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        import fmhost

        click.echo(f"fmhost {fmhost.__version__}")
        ctx.exit()


def _kernel_command(target: str) -> Callable[[], click.Command]:
    def load() -> click.Command:
        import importlib

        module, _, name = target.partition(":")
        return cast(click.Command, getattr(importlib.import_module(module), name))

    return load


def _plugin_command(
    record: PluginRecord, target: str, budget: float
) -> Callable[[], click.Command]:
    def load() -> click.Command:
        loaded = import_target(record, target, budget=budget)
        if not isinstance(loaded, click.Command):
            raise PluginError(
                f"Plugin '{record.name}' names {target} as a command, and it is a "
                f"{type(loaded).__name__}.",
                hint=f"Install a version of {record.distribution} that works with this fmhost.",
            )
        return loaded

    return load


def build_program() -> click.Command:
    """The ``fmhost`` program as a click command."""
    return Root()
