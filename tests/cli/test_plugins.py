"""``fmhost plugins``: for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from fmhost.host.implementations import specifications
from fmhost.testing.distributions import Distribution, plugin

WEATHER = plugin(
    "weather",
    """
    manifest = Manifest(
        "weather",
        after=["storage"],
        schedulers={"Sunny": Driver("acme_weather.code:Sunny", asset_types=["solar"])},
        commands=[Command("show weather", "acme_weather.code:weather", "Show the weather.")],
        pages=[Pages("acme_weather.code:pages", ["/weather", "/weather/<int:id>"])],
        menu=[MenuEntry("weather.index", "/weather", "Weather")],
        permissions=["read-weather"],
        settings="acme_weather.settings:SETTINGS",
        setting_names=["WEATHER_KEY"],
        migrations="acme_weather:migrations",
        table_prefix="weather_",
        hooks="acme_weather.hooks",
        asset_types={"weather station": "Measures the weather"},
        roles={"meteorologist": "Knows better"},
    )
    """,
    {
        "code.py": """
            import click
            from flask import Blueprint
            from fmhost.plugin import Scheduler

            pages = Blueprint("weather", __name__)

            class Sunny(Scheduler): ...

            @click.command()
            def weather(): ...
            """,
        "settings.py": """
            from fmhost.plugin import Setting, Text

            SETTINGS = {"WEATHER_KEY": Setting("WEATHER_KEY", Text(), "", "A key.", secret=True)}
            """,
        "hooks.py": """
            from fmhost.plugin import hookimpl

            @hookimpl
            def fmhost_select_scheduler(target):
                return None
            """,
    },
    version="2.5",
)
BROKEN = plugin("broken", "manifest = Manifest('broken', requires=['nowhere'])")
OFFERS = {
    "schedulers": ["Sunny"],
    "forecasters": [],
    "reporters": [],
    "commands": ["show weather"],
    "routes": ["/weather", "/weather/<int:id>"],
    "menu entries": ["weather.index"],
    "permissions": ["read-weather"],
    "settings": ["WEATHER_KEY"],
    "table prefixes": ["weather_"],
    "asset types": ["weather station"],
    "roles": ["meteorologist"],
}


@pytest.fixture(autouse=True)
def installed(install: Callable[..., None]) -> None:
    install(WEATHER, BROKEN)


def by_name(result: Result) -> dict[str, Any]:
    return {found["name"]: found for found in json.loads(result.stdout)}


def test_list_shows_each_plugin_in_a_line_and_what_is_wrong(
    fmhost: Callable[..., Result],
) -> None:
    result = fmhost("plugins", "list")
    lines = {line.split()[0]: line.split() for line in result.stdout.splitlines()}
    assert lines["weather"][:5] == ["weather", "2.5", "active", "1", "scheduler,"]
    assert "1 command, 2 routes, 1 menu entry, 1 permission, 1 setting, 1 table prefix" in (
        result.stdout
    )
    assert lines["broken"] == ["broken", "1.0", "failed"]
    assert result.stderr.startswith(
        "Plugin 'broken' (acme-broken 1.0) is failed (stage reached: compatible): It requires "
    )


def test_list_as_json_has_everything(fmhost: Callable[..., Result]) -> None:
    found = by_name(fmhost("plugins", "list", "--json"))
    weather = found["weather"]
    assert weather["offers"] == OFFERS
    assert weather["status"] == "active"
    assert weather["stage"] == "free of conflicts"
    assert weather["healthy"] is True
    assert weather["version"] == "2.5"
    assert weather["distribution"] == "acme-weather"
    assert weather["summary"] == "A plugin named weather"
    assert weather["after"] == ["storage"]
    assert weather["plugin_api"] == ">=1.0,<2"
    assert weather["import_ms"] > 0
    assert found["broken"]["healthy"] is False
    assert found["broken"]["requires"] == ["nowhere"]
    assert found["broken"]["cause"] == "It requires the plugin 'nowhere', which is not installed."


def test_show_has_everything_for_people(fmhost: Callable[..., Result]) -> None:
    result = fmhost("plugins", "show", "weather")
    assert result.stdout.startswith("weather 2.5: A plugin named weather\n")
    for text in ("acme-weather", "acme_weather.manifest:manifest", "/weather, /weather/<int:id>"):
        assert text in result.stdout
    broken = fmhost("plugins", "show", "broken").stdout
    assert "status          failed (stage: compatible)" in broken
    assert "cause           It requires the plugin 'nowhere', which is not installed." in broken
    assert "fix             Install or enable 'nowhere'" in broken


def test_show_as_json_is_one_object(fmhost: Callable[..., Result]) -> None:
    result = fmhost("plugins", "show", "weather", "--json")
    assert json.loads(result.stdout)["offers"] == OFFERS


def test_show_of_an_unknown_plugin_names_those_that_exist(
    fmhost: Callable[..., Result],
) -> None:
    result = fmhost("plugins", "show", "wether")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: No plugin named 'wether' is installed. Installed: ")
    assert "weather" in result.stderr


def test_check_passes_where_all_is_well(fmhost: Callable[..., Result]) -> None:
    result = fmhost("plugins", "check", FMHOST_PLUGINS_ALLOWED="weather")
    assert result.exit_code == 0, result.stderr
    assert "plugins are healthy." in result.stdout


@pytest.mark.parametrize(
    ("file", "code", "claim"),
    [
        ("code.py", "", "scheduler:Sunny"),
        ("code.py", "weather = pages = Sunny = 1", "command:show weather"),
        ("code.py", "1 / 0", "pages:acme_weather.code:pages"),
    ],
)
def test_check_imports_all_that_plugins_offer(
    file: str,
    code: str,
    claim: str,
    install: Callable[..., None],
    fmhost: Callable[..., Result],
) -> None:
    files = {
        path.removeprefix("acme_weather/"): text
        for path, text in WEATHER.files.items()
        if not path.endswith("manifest.py")
    }
    manifest = WEATHER.files["acme_weather/manifest.py"]
    install(plugin("weather", manifest, {**files, file: code}, version="2.5"))
    result = fmhost("plugins", "check", "--json", FMHOST_PLUGINS_ALLOWED="weather")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["healthy"] is False
    (weather,) = [each for each in found["plugins"] if each["name"] == "weather"]
    broken = {problem["claim"]: problem for problem in weather["broken"]}
    assert "It" in broken[claim]["cause"]
    assert broken[claim]["fix"]
    assert any(broken[claim]["cause"] in problem for problem in found["problems"])


def test_check_advises_where_a_manifest_is_slow(
    install: Callable[..., None], fmhost: Callable[..., Result]
) -> None:
    slow = """
        import time
        end = time.monotonic() + 0.15
        while time.monotonic() < end: pass
        manifest = Manifest('slow')
        """
    install(plugin("slow", slow))
    result = fmhost("plugins", "check", FMHOST_PLUGINS_ALLOWED="slow", FMHOST_PREFER='{"a:b": "x"}')
    assert result.exit_code == 0
    assert "Plugin 'slow' (acme-slow 1.0) spends 1" in result.stderr
    assert "Ask its author to import nothing heavy there" in result.stderr
    assert "FMHOST_PREFER names 'x', which is no installed plugin" in result.stderr


def test_hooks_shows_every_hook_with_its_signature_and_who_implements_it(
    fmhost: Callable[..., Result],
) -> None:
    result = fmhost("plugins", "hooks")
    assert result.exit_code == 0
    for name in specifications():
        assert f"{name}(" in result.stdout
    assert "fmhost_select_scheduler(target: Any) -> str | None\n    Name the sch" in result.stdout
    assert "Implemented by: weather 2.5" in result.stdout
    assert ":class:" not in result.stdout
    assert "Plugin 'broken'" in result.stderr


def test_hooks_as_json(fmhost: Callable[..., Result]) -> None:
    found = by_name(fmhost("plugins", "hooks", "--json"))
    assert set(found) == set(specifications())
    selects = found["fmhost_select_scheduler"]
    assert selects["first_result"] is True
    assert selects["signature"] == "(target: Any) -> str | None"
    assert selects["implemented_by"] == [
        {"plugin": "weather", "distribution": "acme-weather", "version": "2.5"}
    ]
    assert found["fmhost_startup"]["first_result"] is False
    assert found["fmhost_startup"]["signature"] == "(host: Host) -> None"


def test_plan_needs_a_change_and_known_names(fmhost: Callable[..., Result]) -> None:
    nothing = fmhost("plugins", "plan")
    assert nothing.exit_code == 1
    assert "Name one with --disable, --enable or --uninstall." in nothing.stderr
    unknown = fmhost("plugins", "plan", "--disable", "wether")
    assert unknown.exit_code == 1
    assert "No plugin named 'wether' is installed." in unknown.stderr


def test_plan_without_a_database_says_what_it_cannot_know(
    fmhost: Callable[..., Result],
) -> None:
    result = fmhost("plugins", "plan", "--uninstall", "weather")
    assert result.exit_code == 0
    assert "Plugin 'weather': active -> not installed." in result.stdout
    assert "- scheduler Sunny (weather)\n" in result.stdout
    assert "- hooks acme_weather.hooks (weather)\n" in result.stdout
    assert "The tables that begin with 'weather_' stay in the database." in result.stdout
    assert "Which sensors and assets are concerned is not known" in result.stderr
    assert "fmhost db upgrade" in result.stderr


def rival() -> Distribution:
    return plugin(
        "rival",
        "manifest = Manifest('rival', requires=['weather'],"
        " schedulers={'Sunny': Driver('acme_rival.x:Sunny')})",
    )


def test_plan_tells_what_follows_for_other_plugins(
    install: Callable[..., None], fmhost: Callable[..., Result]
) -> None:
    install(rival())
    result = fmhost("plugins", "plan", "--disable", "weather")
    assert "Plugin 'rival': active -> failed. It requires the plugin 'weather', which is" in (
        result.stdout
    )
    freed = fmhost("plugins", "plan", "--disable", "rival")
    assert "+ scheduler Sunny (weather)" in freed.stdout


def test_plan_can_switch_plugins_on(fmhost: Callable[..., Result]) -> None:
    result = fmhost(
        "plugins", "plan", "--enable", "weather", "--json", FMHOST_PLUGINS_DISABLED="weather"
    )
    found = json.loads(result.stdout)
    assert {"kind": "scheduler", "name": "Sunny", "before": None, "after": "weather"} in (
        found["offers"]
    )
    assert found["orphans"] is None
    assert found["harms"] is False
    assert "not upgraded" in found["unknown"]
    allowed = fmhost("plugins", "plan", "--enable", "weather", FMHOST_PLUGINS_ALLOWED="storage")
    assert "Plugin 'weather': disabled -> active." in allowed.stdout
    unchanged = fmhost("plugins", "plan", "--enable", "weather")
    assert unchanged.stdout == "Nothing would change.\n"
