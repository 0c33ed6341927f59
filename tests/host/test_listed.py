"""Plugins that FLEXMEASURES_PLUGINS lists: folders and modules without a manifest."""

from __future__ import annotations

import logging
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from fmhost.host.host import Host
from fmhost.settings import load
from fmhost.testing.distributions import Distribution, plugin

SHOWCASE = """
__version__ = "2.0"

import click
from flask import Blueprint, current_app
from flask.cli import with_appcontext

our_client_bp = Blueprint("our-client", __name__, template_folder="templates")
again = our_client_bp

@our_client_bp.route("/my-page")
def my_page():
    return "I am a plugin!"

our_client_bp.cli.help = "Our client commands"

@our_client_bp.cli.command("test")
@with_appcontext
def our_client_test():
    \"\"\"Say who I am.\"\"\"
    print(f"I am a CLI command, part of {current_app.name}")

@click.command("plain")
@click.option("--times", default=1)
def plain(times):
    print(f"{current_app.name} " * times)

our_client_bp.cli.add_command(plain)
"""

SCHEDULER = """
from fmhost import Forecaster, Scheduler, Sensor
from fmhost_storage.manifest import manifest as theirs

class DummyScheduler(Scheduler):
    __author__ = "My Company"
    __version__ = "2"

    def compute_schedule(self, *args, **kwargs):
        return None

    def deserialize_config(self):
        self.config_deserialized = True
"""


@pytest.fixture(autouse=True)
def leave_no_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file).is_relative_to(tmp_path):
            del sys.modules[name]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """``folder(name, **{"file.py": text})``: a folder with these files."""

    def write(name: str, files: dict[str, str]) -> Path:
        path = tmp_path / "plugins" / name
        path.mkdir(parents=True)
        for file, text in files.items():
            (path / file).write_text(textwrap.dedent(text))
        return path

    return write


def test_a_folder_becomes_a_plugin(
    open_host: Callable[..., Host], folder: Callable[..., Path]
) -> None:
    path = folder("our_client", {"__init__.py": SHOWCASE})
    host = open_host(listed=[str(path)])
    record = host.plugins["our_client"]
    assert record.healthy
    assert record.listed
    assert record.version == "2.0"
    assert record.entry_point == str(path)
    assert record.manifest is not None
    assert [pages.target for pages in record.manifest.pages] == ["our_client:our_client_bp"]
    assert [(command.path, command.help) for command in record.manifest.commands] == [
        ("our-client test", "Say who I am."),
        ("our-client plain", "Commands of the plugin our_client."),
    ]
    assert [(group.path, group.help) for group in record.manifest.groups] == [
        ("our-client", "Our client commands")
    ]
    assert host.active[0] is record


def test_an_installed_module_becomes_a_plugin(open_host: Callable[..., Host]) -> None:
    module = Distribution("acme-prices", {"acme_prices/__init__.py": SHOWCASE})
    record = open_host(module, listed=["acme_prices"]).plugins["acme_prices"]
    assert record.healthy
    assert record.version == "2.0"


def test_a_module_within_a_package_becomes_a_plugin(open_host: Callable[..., Host]) -> None:
    package = Distribution(
        "acme", {"acme_all/__init__.py": "", "acme_all/prices.py": "__version__ = '3'"}
    )
    record = open_host(package, listed=["acme_all.prices"]).plugins["acme_all.prices"]
    assert record.healthy
    assert record.version == "3"


def test_the_version_is_0_1_where_the_plugin_names_none(
    open_host: Callable[..., Host], folder: Callable[..., Path]
) -> None:
    host = open_host(listed=[str(folder("quiet", {"__init__.py": ""}))])
    assert host.plugins["quiet"].version == "0.1"


def test_a_plugin_without_blueprints_is_warned_about(
    open_host: Callable[..., Host], folder: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    path = folder("quiet", {"__init__.py": ""})
    open_host(listed=[str(path)]).start()
    messages = [message for message in caplog.messages if "quiet" in message]
    assert messages == [f"No blueprints found for plugin quiet at {path}."]


@pytest.mark.parametrize(
    ("entry", "cause"),
    [
        ("/nowhere/weather", "there is no such folder"),
        ("./weather", "there is no such folder"),
        (
            "nowhere_weather",
            "Attempted to import module nowhere_weather (as it is not a valid file path), but it "
            "is not installed.",
        ),
        ("acme_nowhere.weather", "Attempted to import module acme_nowhere.weather"),
    ],
)
def test_an_entry_that_is_not_there_is_skipped_and_named(
    entry: str, cause: str, open_host: Callable[..., Host], good: Distribution
) -> None:
    host = open_host(good, listed=[entry])
    (record,) = [record for record in host.records if record.listed]
    assert record.status == "failed"
    assert cause in (record.cause or "")
    assert record.fix
    assert host.plugins["good"].active


def test_a_folder_without_init_is_skipped_and_named(
    open_host: Callable[..., Host], folder: Callable[..., Path]
) -> None:
    record = open_host(listed=[str(folder("empty", {}))]).plugins["empty"]
    assert record.cause == (
        "Plugin empty is a valid file path, but does not contain an '__init__.py' file. Cannot "
        "load plugin empty."
    )


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import acme_dependency", "module 'acme_dependency' is missing"),
        ("raise SystemExit", "SystemExit"),
        ("while True: pass", "did not finish importing"),
    ],
)
def test_a_module_that_fails_is_contained(
    code: str,
    cause: str,
    open_host: Callable[..., Host],
    folder: Callable[..., Path],
    good: Distribution,
) -> None:
    path = folder("bad", {"__init__.py": code})
    host = open_host(good, listed=[str(path)], import_budget=0.3)
    assert host.plugins["bad"].status == "failed"
    assert cause in (host.plugins["bad"].cause or "")
    assert "bad" not in sys.modules
    assert host.plugins["good"].active


def test_a_bare_name_prefers_what_is_installed_to_a_folder(
    open_host: Callable[..., Host],
    folder: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = folder("acme_prices", {"__init__.py": "__version__ = 'of the folder'"})
    folder("acme_other", {"__init__.py": "__version__ = 'of the folder'"})
    monkeypatch.chdir(path.parent)
    sys.path[:] = [entry for entry in sys.path if entry]
    module = Distribution("acme-prices", {"acme_prices.py": "__version__ = 'as installed'"})
    host = open_host(module, listed=["acme_prices", "acme_other"])
    assert host.plugins["acme_prices"].version == "as installed"
    assert host.plugins["acme_other"].version == "of the folder"


def test_a_relative_path_starts_at_the_working_directory(
    open_host: Callable[..., Host],
    folder: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder("our_client", {"__init__.py": SHOWCASE})
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    record = open_host(listed=["../plugins/our_client/"]).plugins["our_client"]
    assert record.healthy
    first = sys.modules["our_client"]
    assert open_host(listed=["../plugins/our_client"]).plugins["our_client"].healthy
    assert sys.modules["our_client"] is first


def test_a_folder_does_not_replace_a_module_of_its_name(
    open_host: Callable[..., Host], folder: Callable[..., Path]
) -> None:
    path = folder("json", {"__init__.py": "raise RuntimeError"})
    record = open_host(listed=[str(path)]).plugins["json"]
    assert "There is another module named 'json' already" in (record.cause or "")
    assert sys.modules["json"].__file__ != str(path / "__init__.py")


def test_files_beside_init_can_be_imported(
    open_host: Callable[..., Host], folder: Callable[..., Path]
) -> None:
    path = folder(
        "our_client",
        {
            "__init__.py": """
                import os
                import sys

                HERE = os.path.dirname(os.path.abspath(__file__))
                sys.path.insert(0, HERE)

                from my_other_file import NearScheduler
                from our_client import views
                """,
            "my_other_file.py": SCHEDULER.replace("DummyScheduler", "NearScheduler"),
            "views.py": SCHEDULER.replace("DummyScheduler", "FarScheduler"),
        },
    )
    host = open_host(listed=[str(path)])
    offers = host.registry.offers("scheduler")
    assert offers["NearScheduler"].driver.target == "my_other_file:NearScheduler"
    assert offers["FarScheduler"].driver.target == "our_client.views:FarScheduler"


def test_scheduler_classes_of_the_plugin_itself_are_offered_by_their_names(
    open_host: Callable[..., Host], folder: Callable[..., Path]
) -> None:
    path = folder("our_client", {"__init__.py": SCHEDULER})
    host = open_host(listed=[str(path)])
    record = host.plugins["our_client"]
    assert record.manifest is not None
    assert list(record.manifest.schedulers) == ["DummyScheduler"]
    assert not record.manifest.forecasters
    found, provenance = host.registry.get("scheduler", "DummyScheduler")
    assert found.__author__ == "My Company"
    assert provenance.plugin == "our_client"


def test_listed_plugins_come_first_in_the_order_of_the_list(
    open_host: Callable[..., Host], folder: Callable[..., Path], good: Distribution
) -> None:
    paths = [str(folder(name, {"__init__.py": ""})) for name in ("zebra", "ant")]
    host = open_host(good, listed=paths)
    assert [record.name for record in host.active][:2] == ["zebra", "ant"]


def test_two_plugins_of_one_name_are_both_left_out(
    open_host: Callable[..., Host], folder: Callable[..., Path]
) -> None:
    path = folder("weather", {"__init__.py": SCHEDULER})
    rival = plugin("weather", "manifest = Manifest('weather')")
    for_folder = {"plugin:weather": str(path)}
    assert not open_host(rival, listed=[str(path)]).plugins["weather"].active
    assert open_host(rival, listed=[str(path)], prefer=for_folder).plugins["weather"].listed


SETTINGS = """
__settings__ = {
    "MY_PLUGIN_URL": {"description": "URL used by my plugin for x.", "level": "error"},
    "MY_PLUGIN_TOKEN": {
        "description": "Token used by my plugin for y.",
        "level": "warning",
        "message_if_missing": "Without this token, my plugin will not do y.",
        "parse_as": str,
    },
    "MY_PLUGIN_COLOR": {"descripion": "A misspelled key.", "level": "info"},
    "MY_PLUGIN_SHAPE": {"level": "loud"},
    "MY_PLUGIN_SIZE": {"parse_as": int, "level": "debug"},
}
"""


def test_missing_settings_are_logged_at_their_level(
    open_host: Callable[..., Host], folder: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    host = open_host(listed=[str(folder("our_client", {"__init__.py": SETTINGS}))])
    with caplog.at_level(logging.DEBUG, "fmhost.host"):
        host.configure(load(environ={}))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "Missing config setting 'MY_PLUGIN_URL' (URL used by my plugin for x.)."),
        (
            "WARNING",
            "Missing config setting 'MY_PLUGIN_TOKEN' (Token used by my plugin for y.). Without "
            "this token, my plugin will not do y.",
        ),
        ("INFO", "Missing config setting 'MY_PLUGIN_COLOR'."),
        (
            "WARNING",
            "Unrecognized logger level 'loud' for config setting 'MY_PLUGIN_SHAPE'.",
        ),
        ("ERROR", "Missing config setting 'MY_PLUGIN_SHAPE'."),
        ("DEBUG", "Missing config setting 'MY_PLUGIN_SIZE'."),
    ]


def test_settings_of_another_type_are_logged(
    open_host: Callable[..., Host],
    folder: Callable[..., Path],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    config = tmp_path / "fmhost.cfg"
    config.write_text(
        "MY_PLUGIN_URL = 'x'\nMY_PLUGIN_TOKEN = 5\nMY_PLUGIN_COLOR = 'x'\n"
        "MY_PLUGIN_SHAPE = 'x'\nMY_PLUGIN_SIZE = 5\n"
    )
    host = open_host(listed=[str(folder("our_client", {"__init__.py": SETTINGS}))])
    host.configure(load(environ={}, config_path=config))
    assert caplog.messages == [
        "Config setting 'MY_PLUGIN_TOKEN' is a int whereas a str was expected."
    ]


def test_settings_can_stand_in_a_module_of_their_own(
    open_host: Callable[..., Host], folder: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    path = folder(
        "our_client",
        {
            "__init__.py": "from our_client import __settings__",
            "__settings__.py": "MY_PLUGIN_URL = {'description': 'A URL', 'level': 'info'}\nX = 1",
        },
    )
    host = open_host(listed=[str(path)])
    with caplog.at_level(logging.INFO, "fmhost.host"):
        host.configure(load(environ={}))
    assert caplog.messages == ["Missing config setting 'MY_PLUGIN_URL' (A URL)."]


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ("'Our Client CLI', __name__", "Our-Client-CLI test"),
        ("'any', __name__, cli_group='ours'", "ours test"),
        ("'any', __name__, cli_group=None", "test"),
    ],
)
def test_the_group_of_commands_is_as_the_blueprint_says(
    arguments: str,
    path: str,
    open_host: Callable[..., Host],
    folder: Callable[..., Path],
) -> None:
    code = f"""
        from flask import Blueprint
        bp = Blueprint({arguments})
        @bp.cli.command("test")
        def test():
            print("Here I am.")
        """
    record = open_host(listed=[str(folder("our_client", {"__init__.py": code}))]).plugins[
        "our_client"
    ]
    assert record.manifest is not None
    assert [command.path for command in record.manifest.commands] == [path]


def test_the_showcase_command_runs_within_the_application(
    folder: Callable[..., Path], fmhost: Callable[..., Result]
) -> None:
    listed = {
        "FLEXMEASURES_PLUGINS": str(folder("our_client", {"__init__.py": SHOWCASE})),
        "SECRET_KEY": "for this test only",
    }
    assert "our-client  Our client commands" in fmhost("--help", **listed).stdout
    shown = fmhost("our-client", "--help", **listed).stdout
    assert "test   Say who I am." in shown
    ran = fmhost("our-client", "test", **listed)
    assert (ran.exit_code, ran.stdout) == (0, "I am a CLI command, part of fmhost\n"), ran.output
    assert fmhost("our-client", "plain", "--times", "2", **listed).stdout == "fmhost fmhost \n"
    assert "--times" in fmhost("our-client", "plain", "--help", **listed).stdout
    table = fmhost("plugins", "list", **listed).stdout
    assert "our_client  2.0" in table
