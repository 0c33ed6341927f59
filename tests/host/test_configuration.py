"""Settings that plugins declare."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fmhost.host.host import Host
from fmhost.settings import load
from fmhost.testing.distributions import Distribution, plugin


@pytest.fixture
def weather() -> Distribution:
    return plugin(
        "weather",
        """
        manifest = Manifest(
            "weather",
            settings="acme_weather.settings:SETTINGS",
            setting_names=("WEATHER_KEY", "WEATHER_STATIONS"),
        )
        """,
        {
            "settings.py": """
                from fmhost.plugin import Integer, OrNone, Setting, Text

                SETTINGS = {
                    setting.name: setting
                    for setting in (
                        Setting("WEATHER_KEY", OrNone(Text()), None, "Key of the weather service.",
                                from_environment=True, secret=True),
                        Setting("WEATHER_STATIONS", Integer(1), 3, "How many stations to ask.",
                                from_environment=True),
                    )
                }
                """
        },
    )


def test_settings_of_plugins_are_read_and_checked_like_the_kernels(
    open_host: Callable[..., Host], weather: Distribution
) -> None:
    host = open_host(weather)
    settings = host.configure(load(environ={"WEATHER_KEY": "pa55", "WEATHER_STATIONS": "5"}))
    assert settings["WEATHER_STATIONS"] == 5
    assert settings.source("WEATHER_KEY") == "environment variable"
    assert settings["WEATHER_KEY"] == "pa55"
    assert "pa55" not in " ".join(setting.value for setting in settings.describe())
    assert host.plugins["weather"].stage == "configured"


def test_a_value_that_does_not_fit_fails_its_plugin_alone(
    open_host: Callable[..., Host], weather: Distribution, good: Distribution
) -> None:
    host = open_host(weather, good)
    settings = host.configure(load(environ={"WEATHER_STATIONS": "none", "GOOD_COLOUR": "red"}))
    record = host.plugins["weather"]
    assert (record.status, record.stage) == ("failed", "free of conflicts")
    assert "The value of WEATHER_STATIONS is not a whole number of at least 1: 'none'" in (
        record.cause or ""
    )
    assert "WEATHER_STATIONS=10" in (record.fix or "")
    assert settings["GOOD_COLOUR"] == "red"
    assert "WEATHER_STATIONS" not in settings


def test_a_disabled_plugin_declares_nothing(
    open_host: Callable[..., Host], weather: Distribution
) -> None:
    host = open_host(weather, disabled=["weather"])
    assert "WEATHER_STATIONS" not in host.configure(load(environ={"WEATHER_STATIONS": "none"}))
