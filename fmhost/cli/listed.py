"""Commands of listed plugins, which expect the application around them."""

from __future__ import annotations

from typing import Any

import click

from fmhost.api.unit_of_work import work_outside_requests
from fmhost.app import create
from fmhost.cli.context import Program


class InApplication(click.Command):
    """A command that runs within the context of the application (``flask.current_app``).

    What it writes with ``web.session()`` is committed where the command succeeds.

    :param inner: the command itself.
    """

    def __init__(self, inner: click.Command) -> None:
        super().__init__(inner.name, help=inner.help, short_help=inner.short_help)
        self.inner = inner

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """The inner command's context, once the application is built and entered."""
        program = parent.find_object(Program) if parent else None
        if parent is None or program is None:
            raise RuntimeError("This command is for the fmhost program to run.")
        app = create(installation=program.installation)
        parent.with_resource(work_outside_requests(app))
        return self.inner.make_context(info_name, args, parent, **extra)
