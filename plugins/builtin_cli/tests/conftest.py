"""The ``fmhost`` program in the process of the tests, on a fresh database of either kind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fmhost.cli.root import build_program
from fmhost.model.database import Database


@dataclass(frozen=True)
class Cli:
    """Runs the program with the environment of one installation."""

    environment: dict[str, str | None]
    folder: Path

    def __call__(self, *arguments: str | Path, stdin: str = "") -> Result:
        """Run it; an unforeseen exception is raised."""
        result = CliRunner(env=self.environment).invoke(
            build_program(), [str(each) for each in arguments], input=stdin, prog_name="fmhost"
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ok(self, *arguments: str | Path, stdin: str = "") -> str:
        """Run it, see that it succeeds, and return what it printed."""
        result = self(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str | Path) -> Any:
        """Run it with ``--json`` and return the value."""
        return json.loads(self.ok(*arguments, "--json"))

    def refused(self, *arguments: str | Path, stdin: str = "") -> str:
        """Run it, see that it fails with one clear message and no traceback; return the message."""
        result = self(*arguments, stdin=stdin)
        assert result.exit_code != 0, result.output
        assert "Traceback" not in result.output
        _before, *errors = result.stderr.split("Error: ")
        assert len(errors) == 1, result.output
        return errors[0].rstrip()


def _cli(database: Database, folder: Path) -> Cli:
    return Cli(
        {
            "HOME": str(folder),
            "FMHOST_INSTANCE": str(folder / "instance"),
            "SQLALCHEMY_DATABASE_URI": database.url.render_as_string(hide_password=False),
            "SECRET_KEY": "only for tests",
            "FLEXMEASURES_TIMEZONE": None,
        },
        folder,
    )


@pytest.fixture
def cli(database: Database, tmp_path: Path) -> Cli:
    """The program on an upgraded and otherwise empty database, of either kind."""
    return _cli(database, tmp_path)


@pytest.fixture
def empty_cli(empty_database: Database, tmp_path: Path) -> Cli:
    """The program on a database without tables, of either kind."""
    return _cli(empty_database, tmp_path)


@pytest.fixture
def toy(cli: Cli) -> Cli:
    """The program on a database with the toy account: battery sensor 2, price sensor 3."""
    cli.ok("add", "toy-account")
    return cli
