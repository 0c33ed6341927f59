"""Commands of plugins: typed options, the database, task status, and what a crash looks like."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from fmhost.model import TaskRun
from fmhost.model.database import Database
from fmhost.testing.distributions import Distribution, Site, plugin

MEETING = """
from datetime import datetime
from typing import Optional

import click
from flask import Blueprint
from marshmallow import fields, validate

from fmhost import AssetType
from fmhost.plugin import (
    AssetIdField,
    AwareDateTimeField,
    DurationField,
    MarshmallowClickMixin,
    SensorIdField,
    task_with_status_report,
    web,
)

bp = Blueprint("meeting", __name__)

class CLIStrField(fields.Str, MarshmallowClickMixin):
    \"\"\"String field validator, made usable for CLI functions.\"\"\"

@bp.cli.command("meet")
@click.option("--where", required=True, type=CLIStrField(validate=validate.Length(max=5)))
@click.option("--when", required=False, type=AwareDateTimeField(format="iso"))
@click.option("--long", required=False, type=DurationField())
@click.option("--sensor", required=False, type=SensorIdField())
def schedule_meeting(
    where: str, when: Optional[datetime] = None, long=None, sensor=None
):
    \"\"\"Plan a meeting.\"\"\"
    print(f"Okay, see you {where} on {when} for {long}.")

@bp.cli.command("add-type")
@click.argument("name")
@task_with_status_report("meeting_addType")
def add_type(name):
    web.session().add(AssetType(name=name))
    if name == "broken":
        web.session().flush()
        raise ValueError("This is\\nno type.")

@bp.cli.command("types")
@task_with_status_report
def list_types():
    from sqlalchemy import select
    print(sorted(web.session().scalars(select(AssetType.name).where(AssetType.name.like("x%")))))

@bp.cli.command("quit")
@click.pass_context
def quit(ctx):
    web.session().add(AssetType(name="xquit"))
    ctx.exit(0)
"""

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, fmhost: Run) -> Iterator[Run]:
    """Runs the program with the plugin listed, on an upgraded database."""
    folder = tmp_path / "our_meeting"
    folder.mkdir()
    (folder / "__init__.py").write_text(MEETING)
    listed = {"FLEXMEASURES_PLUGINS": str(folder), "SECRET_KEY": "for this test only"}
    assert fmhost("db", "upgrade", **listed).exit_code == 0
    yield lambda *arguments: fmhost(*arguments, **listed)
    sys.modules.pop("our_meeting", None)


def test_options_are_checked_by_marshmallow_fields(run: Run) -> None:
    met = run("meeting", "meet", "--where", "here", "--when", "2026-03-01T10:00+01:00")
    assert met.stdout == "Okay, see you here on 2026-03-01 10:00:00+01:00 for None.\n", met.output
    assert run("meeting", "meet", "--where", "here", "--long", "PT90M").stdout.endswith(
        "for 1:30:00.\n"
    )
    shown = run("meeting", "meet", "--help").stdout
    assert "--when AWAREDATETIME" in shown
    assert "--where STR" in shown


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--when", "2026-03-01T10:00"), "'--when'"),
        (("--when", "tomorrow"), "'--when'"),
        (("--long", "soon"), "'--long'"),
        (("--sensor", "7"), "No sensor found with ID 7."),
        (("--sensor", "x"), "Not a valid integer."),
        (("--where", "far away"), "Longer than maximum length 5."),
    ],
)
def test_what_a_field_refuses_is_a_mistake_in_using_the_command(
    arguments: tuple[str, ...], complaint: str, run: Run
) -> None:
    refused = run("meeting", "meet", "--where", "here", *arguments)
    assert refused.exit_code == 2
    assert complaint in refused.stderr


def test_what_a_command_writes_is_committed_where_it_succeeds(run: Run) -> None:
    assert run("meeting", "add-type", "xone").exit_code == 0
    assert run("meeting", "quit").exit_code == 0
    assert run("meeting", "types").stdout == "['xone', 'xquit']\n"


def task_runs(folder: Path) -> dict[str, bool]:
    """The latest runs of tasks, and whether they succeeded."""
    database = Database(f"sqlite:///{folder / 'instance' / 'fmhost.db'}")
    with database.reading() as session:
        found = {each.name: each.status for each in session.scalars(select(TaskRun))}
    database.dispose()
    return found


def test_runs_of_tasks_are_recorded(run: Run, tmp_path: Path) -> None:
    run("meeting", "add-type", "xone")
    run("meeting", "types")
    assert task_runs(tmp_path) == {"meeting_addType": True, "list_types": True}
    assert run("meeting", "add-type", "broken").exit_code == 1
    assert task_runs(tmp_path) == {"meeting_addType": False, "list_types": True}
    assert run("meeting", "types").stdout == "['xone']\n"


def test_a_crash_is_one_line_with_the_plugins_name(run: Run) -> None:
    crashed = run("meeting", "add-type", "broken")
    assert crashed.exit_code == 1
    assert crashed.stderr == (
        "Error: A command of Plugin 'our_meeting' (our_meeting 0.1) crashed: ValueError: This is "
        "no type. That is a fault of the plugin, or of fmhost. Run it as `fmhost --debug ...` for "
        "the traceback.\n"
    )
    with_traceback = run("--debug", "meeting", "add-type", "broken")
    assert with_traceback.exit_code == 1
    assert isinstance(with_traceback.exception, ValueError)


CRASHING = plugin(
    "crash",
    """
    manifest = Manifest(
        "crash", commands=[Command("show trouble", "acme_crash.trouble:trouble", "Crashes.")]
    )
    """,
    {"trouble.py": "import click\n@click.command()\ndef trouble():\n    {}['missing']\n"},
)


def test_a_command_in_the_group_of_another_plugin_crashes_in_its_own_name(
    install: Callable[[Distribution], None], fmhost: Run
) -> None:
    install(CRASHING)
    crashed = fmhost("show", "trouble")
    assert crashed.exit_code == 1
    assert "A command of Plugin 'crash' (acme-crash 1.0) crashed: KeyError: 'missing'." in (
        crashed.stderr
    )
    assert "Traceback" not in crashed.output


def test_a_crash_reaches_the_shell_as_one_line(site: Site, tmp_path: Path) -> None:
    site.install(CRASHING)
    plain = site.run("show", "trouble", instance=tmp_path / "there")
    assert plain.returncode == 1
    assert plain.stderr.count("\n") == 1
    traced = site.run("--debug", "show", "trouble", instance=tmp_path / "there")
    assert traced.returncode == 1
    assert "Traceback" in traced.stderr
    assert "acme_crash/trouble.py" in traced.stderr
