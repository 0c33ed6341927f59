"""What a command can ask of the program that runs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fmhost import settings as configuration
from fmhost.host.host import Composition, Host

if TYPE_CHECKING:
    from fmhost.services.installation import Installation
    from fmhost.settings import Settings


@dataclass
class Program:
    """One run of the ``fmhost`` program; settings, host and installation are made when needed.

    :param config_path: configuration file named on the command line.
    :param environment: environment named on the command line.
    """

    config_path: Path | None = None
    environment: str | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings of this run.

        :raises ConfigurationError: where one is missing or malformed.
        """
        return configuration.load(config_path=self.config_path, environment=self.environment)

    @cached_property
    def host(self) -> Host:
        """The plugins of this installation, discovered and not yet loaded."""
        return Host(Composition.from_settings(self.settings))

    @cached_property
    def installation(self) -> Installation:
        """The opened installation; closed when the program ends.

        :raises DatabaseNotReady: where the database is missing or not upgraded.
        """
        from fmhost.services.installation import Installation  # loads SQLAlchemy

        return Installation.open(self.settings, self.host)

    def close(self) -> None:
        """Close what was opened."""
        opened = self.__dict__.pop("installation", None)
        if opened is not None:
            opened.close()


def current_program() -> Program:
    """The program that runs the present command."""
    program = click.get_current_context().find_object(Program)
    if program is None:
        raise RuntimeError("This function is for commands that the fmhost program runs.")
    return program


def current_installation() -> Installation:
    """The installation that the present command works on, ready for use.

    :raises DatabaseNotReady: where the database is missing or not upgraded.
    """
    installation = current_program().installation
    installation.database.require_upgraded()
    return installation
