"""What the host's settings make of the plugins that are installed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest
from click.testing import Result

from fmhost.errors import PluginError
from fmhost.host.host import Composition, Host
from fmhost.settings import load
from fmhost.testing.distributions import Distribution, plugin

BROKEN = plugin("broken", "manifest = Manifest('broken', requires=['nowhere'])")


def test_disabled_plugins_are_found_and_not_used(
    open_host: Callable[..., Host], good: Distribution
) -> None:
    record = open_host(good, disabled=["good"]).plugins["good"]
    assert (record.status, record.stage) == ("disabled", "found")
    assert record.cause == "FMHOST_PLUGINS_DISABLED names it."
    assert record.fix == "Take it off that list to use it."
    assert record.healthy
    assert not record.active


def test_only_allowed_plugins_are_used(open_host: Callable[..., Host], good: Distribution) -> None:
    host = open_host(good, BROKEN, allowed=["good", "storage"])
    assert [record.name for record in host.active] == ["good", "storage"]
    assert host.plugins["broken"].status == "disabled"
    assert host.plugins["broken"].cause == "FMHOST_PLUGINS_ALLOWED does not name it."


def test_what_is_disabled_stays_so_although_it_is_allowed(
    open_host: Callable[..., Host], good: Distribution
) -> None:
    assert not open_host(good, allowed=["good"], disabled=["good"]).active


def test_names_that_mean_no_plugin_are_reported(
    open_host: Callable[..., Host], good: Distribution, caplog: pytest.LogCaptureFixture
) -> None:
    host = open_host(good, disabled=["goood"], allowed=["good", "best"], prefer={"menu:x": "us"})
    known = f"Installed: {', '.join(sorted(host.plugins))}."
    expected = [
        f"FMHOST_PLUGINS_DISABLED names 'goood', which is no installed plugin. {known}",
        f"FMHOST_PLUGINS_ALLOWED names 'best', which is no installed plugin. {known}",
        f"FMHOST_PREFER names 'us', which is no installed plugin. {known}",
    ]
    assert host.warnings() == expected
    with caplog.at_level(logging.WARNING, "fmhost.host"):
        host.start()
    assert caplog.messages[:3] == expected


def test_strict_plugins_refuse_the_start_and_name_every_problem(
    open_host: Callable[..., Host], good: Distribution
) -> None:
    late = plugin(
        "late",
        "manifest = Manifest('late', hooks='acme_late.hooks')",
        {"hooks.py": "def fmhost_startup(): ..."},
    )
    host = open_host(good, BROKEN, late, strict=True)
    with pytest.raises(PluginError) as caught:
        host.start()
    assert "FMHOST_STRICT_PLUGINS is on" in caught.value.message
    assert "Plugin 'broken' (acme-broken 1.0) is failed" in caught.value.message
    assert "Plugin 'late' (acme-late 1.0) is failed" in caught.value.message
    assert "'good'" not in caught.value.message


def test_strict_plugins_start_where_all_are_healthy(
    open_host: Callable[..., Host], good: Distribution
) -> None:
    host = open_host(good, BROKEN, strict=True, disabled=["broken"], allowed=["good"])
    host.start()
    assert host.plugins["good"].stage == "active"


def test_the_settings_make_the_composition() -> None:
    settings = load(
        environ={
            "FLEXMEASURES_PLUGINS": "my_module",
            "FMHOST_PLUGINS_DISABLED": "ui,forecast",
            "FMHOST_PLUGINS_ALLOWED": "storage",
            "FMHOST_PREFER": '{"command:demo": "cli"}',
            "FMHOST_STRICT_PLUGINS": "true",
            "FMHOST_PLUGIN_IMPORT_TIMEOUT": "2.5",
        }
    )
    assert Composition.from_settings(settings) == Composition(
        listed=["my_module"],
        disabled=["ui", "forecast"],
        allowed=["storage"],
        prefer={"command:demo": "cli"},
        strict=True,
        import_budget=2.5,
    )


def test_the_command_line_obeys_the_settings(
    install: Callable[..., None], fmhost: Callable[..., Result], good: Distribution
) -> None:
    install(good, BROKEN)
    assert fmhost("good", "hello").exit_code == 0
    refused = fmhost("good", "hello", FMHOST_PLUGINS_DISABLED="good")
    assert refused.exit_code == 2
    assert "There is no command 'fmhost good'." in refused.stderr
    assert re.search(r"a plugin that is not active \(broken, good\b", refused.stderr)
    assert "good" not in fmhost("--help", FMHOST_PLUGINS_ALLOWED="storage").stdout


def test_strict_plugins_leave_the_commands_that_help(
    install: Callable[..., None], fmhost: Callable[..., Result]
) -> None:
    install(BROKEN)
    for arguments in (("--help",), ("plugins", "list"), ("plugins", "show", "broken")):
        assert fmhost(*arguments, FMHOST_STRICT_PLUGINS="true").exit_code == 0
