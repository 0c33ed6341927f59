"""Which source wins, and what is said about values and names that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmhost.errors import ConfigurationError
from fmhost.settings import load


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "fmhost.cfg"
    path.write_text(text)
    return path


def test_each_source_wins_over_those_before_it(tmp_path: Path) -> None:
    path = config(tmp_path, 'LOGGING_LEVEL = "CRITICAL"\n')
    environ = {"LOGGING_LEVEL": "INFO"}
    found = [
        load(environ={}, environment="staging"),
        load(environ={}, environment="development"),
        load(environ=environ, environment="development"),
        load(environ=environ, environment="development", config_path=path),
        load(environ=environ, config_path=path, overrides={"LOGGING_LEVEL": 35}),
    ]
    assert [(each["LOGGING_LEVEL"], each.source("LOGGING_LEVEL")) for each in found] == [
        (30, "environment 'staging'"),
        (10, "environment 'development'"),
        (20, "environment variable"),
        (50, f"file {path}"),
        (35, "argument"),
    ]


def test_only_marked_settings_are_read_from_the_environment() -> None:
    environ = {"FLEXMEASURES_TIMEZONE": "Europe/Paris", "SECURITY_TRACKABLE": "true"}
    settings = load(environ=environ)
    assert settings["FLEXMEASURES_TIMEZONE"] == "Asia/Seoul"
    assert settings["SECURITY_TRACKABLE"] is False
    assert settings.warnings == (
        "FLEXMEASURES_TIMEZONE (environment variable) is ignored: it can only be set by a config "
        "file.",
    )


def test_text_of_the_environment_is_read_by_type() -> None:
    settings = load(
        environ={
            "MAIL_USE_TLS": "Yes",
            "MAIL_PORT": "587",
            "FMHOST_PLUGIN_IMPORT_TIMEOUT": "2.5",
            "FLEXMEASURES_PLUGINS": "one, /srv/two",
            "FMHOST_PREFER": '{"scheduler:Storage": "storage"}',
            "MAIL_DEFAULT_SENDER": "Grid,grid@example.org",
            "FLEXMEASURES_SENTRY_DAILY_RATE_LIMIT": "None",
        }
    )
    assert settings["MAIL_USE_TLS"] is True
    assert settings["MAIL_PORT"] == 587
    assert settings["FMHOST_PLUGIN_IMPORT_TIMEOUT"] == 2.5
    assert settings["FLEXMEASURES_PLUGINS"] == ["one", "/srv/two"]
    assert settings["FMHOST_PREFER"] == {"scheduler:Storage": "storage"}
    assert settings["MAIL_DEFAULT_SENDER"] == ("Grid", "grid@example.org")
    assert settings["FLEXMEASURES_SENTRY_DAILY_RATE_LIMIT"] is None


def test_an_empty_variable_is_no_value_where_the_type_has_no_empty_one() -> None:
    settings = load(environ={"MAIL_PORT": "", "DEBUG": " ", "SECRET_KEY": "", "FMHOST_PREFER": ""})
    assert settings["MAIL_PORT"] == 25
    assert settings["DEBUG"] is False
    assert settings.source("DEBUG") == "default"
    assert settings["SECRET_KEY"] is None
    assert settings["FMHOST_PREFER"] == {}


def test_a_bad_value_is_named_with_its_source_and_an_example(tmp_path: Path) -> None:
    path = config(tmp_path, "FLEXMEASURES_PLUGINS = 5\n")
    with pytest.raises(ConfigurationError) as raised:
        load(environ={}, config_path=path)
    assert str(raised.value) == (
        f"The value of FLEXMEASURES_PLUGINS is not a list: 5 (from: file {path}). "
        "Example: FLEXMEASURES_PLUGINS = ['my_company.plugin', '/srv/plugins/tariffs']"
    )
    assert raised.value.field == "FLEXMEASURES_PLUGINS"
    assert raised.value.exit_code == 2
    with pytest.raises(ConfigurationError) as raised:
        load(environ={"FMHOST_QUEUE": "celery"})
    assert str(raised.value) == (
        'The value of FMHOST_QUEUE is not one of "inline", "rq" or None: '
        "'celery' (from: environment variable). Example: FMHOST_QUEUE=inline"
    )


def test_all_bad_values_are_named_at_once() -> None:
    overrides = {"FLEXMEASURES_JOB_TTL": "soon", "FMHOST_PREFER": []}
    with pytest.raises(ConfigurationError) as raised:
        load(environ={"MAIL_PORT": "smtp"}, overrides=overrides)
    lines = str(raised.value).splitlines()
    assert len(lines) == 3
    assert any("FLEXMEASURES_JOB_TTL = 'P1DT12H'" in line for line in lines)


def test_a_bad_secret_is_not_shown(tmp_path: Path) -> None:
    path = config(tmp_path, 'MAIL_PASSWORD = ["hunter2"]\nMAIL_PORT = "amqp://me:hunter2@host"\n')
    with pytest.raises(ConfigurationError) as raised:
        load(environ={}, config_path=path)
    assert "MAIL_PASSWORD" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_unknown_names_of_a_file_and_of_arguments_are_reachable(tmp_path: Path) -> None:
    path = config(tmp_path, 'ENTSOE_AUTH_TOKEN = "t"\nFLEXMEASURES_WEATHER_STATION = "roof"\n')
    settings = load(environ={"NOT_OURS": "x"}, config_path=path, overrides={"MY_THING": 1})
    assert settings["ENTSOE_AUTH_TOKEN"] == "t"
    assert settings["FLEXMEASURES_WEATHER_STATION"] == "roof"
    assert settings["MY_THING"] == 1
    assert "NOT_OURS" not in settings
    assert settings.warnings == ()


def test_a_misspelt_name_gets_a_suggestion(tmp_path: Path) -> None:
    path = config(tmp_path, "FLEXMEASURES_PLANING_HORIZON = 5\nMAIL_PROT = 1\n")
    settings = load(environ={"FMHOST_PLUGIN_DISABLED": "ui"}, config_path=path)
    assert settings["FLEXMEASURES_PLANING_HORIZON"] == 5
    assert settings.warnings == (
        f"Unknown setting FLEXMEASURES_PLANING_HORIZON (file {path}). Did you mean "
        "FLEXMEASURES_PLANNING_HORIZON?",
        "Unknown setting FMHOST_PLUGIN_DISABLED (environment variable). Did you mean "
        "FMHOST_PLUGINS_DISABLED?",
    )


def test_older_names_work_with_a_warning(tmp_path: Path) -> None:
    path = config(tmp_path, 'SENTRY_SDN = "https://key@example.org/1"\n')
    settings = load(environ={}, config_path=path)
    assert settings["SENTRY_DSN"] == "https://key@example.org/1"
    assert settings.warnings == (
        f"SENTRY_SDN (file {path}) is an older name. Rename it to SENTRY_DSN.",
    )


def test_an_older_name_counts_where_the_present_one_is_empty(tmp_path: Path) -> None:
    path = config(tmp_path, 'FLEXMEASURES_PLUGINS = []\nFLEXMEASURES_PLUGIN_PATHS = ["old"]\n')
    assert load(environ={}, config_path=path)["FLEXMEASURES_PLUGINS"] == ["old"]
    path = config(tmp_path, 'FLEXMEASURES_PLUGINS = ["a"]\nFLEXMEASURES_PLUGIN_PATHS = ["old"]\n')
    assert load(environ={}, config_path=path)["FLEXMEASURES_PLUGINS"] == ["a"]
