"""What settings offer beyond their values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from fmhost.errors import ConfigurationError
from fmhost.settings import Setting, load
from fmhost.settings.value_types import Integer, OrNone, Text

SECRET = "hunter2"


def test_settings_are_an_immutable_mapping() -> None:
    settings = load(environ={})
    assert isinstance(settings, Mapping)
    assert len(settings) == len(list(settings))
    settings["FLEXMEASURES_JS_VERSIONS"]["vega"] = "0"
    settings["FLEXMEASURES_MENU_LISTED_VIEWS"].append("nowhere")
    assert settings["FLEXMEASURES_JS_VERSIONS"]["vega"] == "5.22.1"
    assert "nowhere" not in settings["FLEXMEASURES_MENU_LISTED_VIEWS"]
    assert load(environ={}) == settings
    with pytest.raises(TypeError):
        settings["MAIL_PORT"] = 1  # type: ignore[index]
    with pytest.raises(AttributeError):
        settings.mode = "play"  # type: ignore[misc]
    with pytest.raises(KeyError):
        settings["NO_SUCH_SETTING"]
    with pytest.raises(KeyError):
        settings.source("NO_SUCH_SETTING")


def test_overrides_make_new_settings() -> None:
    settings = load(environ={"MAIL_PORT": "587"})
    changed = settings.with_overrides(FLEXMEASURES_MODE="play", MAIL_PORT=25)
    assert (settings.mode, changed.mode) == ("", "play")
    assert (settings["MAIL_PORT"], changed["MAIL_PORT"]) == (587, 25)
    assert changed.with_overrides(MAIL_PORT=26).mode == "play"
    with pytest.raises(ConfigurationError, match="MAIL_PORT"):
        settings.with_overrides(MAIL_PORT="smtp")
    for name in ("FLEXMEASURES_ENV", "FMHOST_INSTANCE"):
        with pytest.raises(ConfigurationError, match=name):
            settings.with_overrides(**{name: "testing"})


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u:p@host/db", "postgresql+psycopg://u:p@host/db"),
        ("postgres://u:p@host:5433/db", "postgresql+psycopg://u:p@host:5433/db"),
        ("postgresql+psycopg2://host/db?a=b", "postgresql+psycopg://host/db?a=b"),
        ("postgresql+psycopg://host/db", "postgresql+psycopg://host/db"),
        ("postgresql+asyncpg://host/db", "postgresql+asyncpg://host/db"),
        ("sqlite:////tmp/postgres://x.db", "sqlite:////tmp/postgres://x.db"),
    ],
)
def test_the_database_is_reached_by_the_installed_driver(given: str, used: str) -> None:
    settings = load(environ={"SQLALCHEMY_DATABASE_URI": given})
    assert settings.database_uri == used
    assert settings["SQLALCHEMY_DATABASE_URI"] == given


def test_the_embedded_database_is_the_default(tmp_path: Path) -> None:
    settings = load(environ={"FMHOST_INSTANCE": str(tmp_path)})
    assert settings.database_uri == f"sqlite:///{tmp_path}/fmhost.db"
    assert load(environ={"SQLALCHEMY_DATABASE_URI": ""}).database_uri.startswith("sqlite:///")


def test_the_database_of_tests() -> None:
    own = "postgresql+psycopg://flexmeasures_test:flexmeasures_test@localhost/flexmeasures_test"
    environ = {"FLEXMEASURES_ENV": "testing"}
    assert load(environ=environ).database_uri == own
    environ["SQLALCHEMY_DATABASE_URI"] = "sqlite:///real.db"
    environ["SQLALCHEMY_TEST_DATABASE_URI"] = "sqlite:///test.db"
    settings = load(environ=environ)
    assert settings.database_uri == "sqlite:///test.db"
    changed = settings.with_overrides(SQLALCHEMY_DATABASE_URI="sqlite:///given.db")
    assert changed.database_uri == "sqlite:///given.db"
    environ["FLEXMEASURES_ENV"] = "production"
    assert load(environ=environ).database_uri == "sqlite:///real.db"


def test_jobs_run_inline_until_a_redis_server_is_configured(tmp_path: Path) -> None:
    path = tmp_path / "fmhost.cfg"
    path.write_text('FLEXMEASURES_REDIS_URL = "redis.example.org"\n')
    assert load(environ={}).queue == "inline"
    assert load(environ={}, config_path=path).queue == "rq"
    assert load(environ={"FLEXMEASURES_REDIS_URL": "localhost"}).queue == "rq"
    assert load(environ={"FLEXMEASURES_REDIS_PORT": "6380"}).queue == "rq"
    assert load(environ={"FLEXMEASURES_REDIS_URL": ""}).queue == "inline"
    assert load(environ={"FMHOST_QUEUE": "inline"}, config_path=path).queue == "inline"
    assert load(environ={"FMHOST_QUEUE": "rq"}).queue == "rq"


def test_secrets_are_masked_when_settings_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "fmhost.cfg"
    path.write_text(
        f'SECRET_KEY = "{SECRET}"\n'
        f'SQLALCHEMY_DATABASE_URI = "postgresql://me:{SECRET}@db.example.org/fm"\n'
        f'SQLALCHEMY_ENGINE_OPTIONS = {{"connect_args": {{"password": "{SECRET}"}}}}\n'
        f'FLEXMEASURES_REDIS_URL = "redis://:{SECRET}@redis.example.org:6379/0"\n'
        f'FLEXMEASURES_SECRETS_ENCRYPTION_KEYS = {{"1": "{SECRET}"}}\n'
        f'FLEXMEASURES_PUBLIC_DEMO_CREDENTIALS = ("demo", "{SECRET}")\n'
        f'ENTSOE_AUTH_TOKEN = "{SECRET}"\n'
        f'MY_BROKER = [("amqp://me:{SECRET}@host", "dsn password={SECRET} host=x")]\n'
    )
    settings = load(environ={"MAIL_PASSWORD": SECRET}, config_path=path)
    described = {row.name: row for row in settings.describe()}
    assert SECRET not in repr(settings) + str(settings.describe()) + repr(settings._sources)
    assert set(described) == set(settings)
    assert described["SECRET_KEY"].value == "'***'"
    assert described["SECRET_KEY"].source == f"file {path}"
    assert described["MAPBOX_ACCESS_TOKEN"].value == "None"
    assert described["LOGGING_LEVEL"].value == "'ERROR'"
    assert described["FLEXMEASURES_JOB_TTL"].value == "'P1D'"
    uri = described["SQLALCHEMY_DATABASE_URI"].value
    assert uri == "'postgresql://me:***@db.example.org/fm'"


def test_a_plugin_declares_settings_later(tmp_path: Path) -> None:
    path = tmp_path / "fmhost.cfg"
    path.write_text('TANK_LIMIT = "12"\n')
    declared = {
        "TANK_LIMIT": Setting("TANK_LIMIT", Integer(1), 5, "Most tanks."),
        "TANK_NAME": Setting("TANK_NAME", OrNone(Text()), None, "A name.", from_environment=True),
        "TANK_PIN": Setting("TANK_PIN", Text(), "0000", "A number.", secret=True),
    }
    settings = load(environ={"TANK_NAME": "north"}, config_path=path)
    assert settings["TANK_LIMIT"] == "12"
    assert "TANK_NAME" not in settings
    extended = settings.with_overrides(MAIL_PORT=26).extended(declared)
    assert extended["TANK_LIMIT"] == 12
    assert extended["TANK_NAME"] == "north"
    assert extended["MAIL_PORT"] == 26
    assert extended.source("TANK_PIN") == "default"
    assert {row.name: row.value for row in extended.describe()}["TANK_PIN"] == "'***'"
    assert extended.with_overrides(TANK_LIMIT=3).extended(declared)["TANK_LIMIT"] == 3
    path.write_text('TANK_LIMIT = "many"\n')
    with pytest.raises(ConfigurationError, match="TANK_LIMIT is not a whole number"):
        load(environ={}, config_path=path).extended(declared)


def test_a_plugin_cannot_redeclare_a_setting() -> None:
    other = Setting("MAIL_PORT", Text(), "smtp", "Not the port.")
    with pytest.raises(ConfigurationError, match="MAIL_PORT is declared twice"):
        load(environ={}).extended({"MAIL_PORT": other})
    with pytest.raises(ConfigurationError, match="OTHER"):
        load(environ={}).extended({"OTHER": other})


def test_recommendations_name_what_nobody_set() -> None:
    complete = {
        "MAIL_SERVER": "smtp.example.org",
        "MAIL_PORT": "587",
        "MAIL_USERNAME": "me",
        "MAIL_PASSWORD": SECRET,
        "MAIL_DEFAULT_SENDER": "me@example.org",
        "FLEXMEASURES_REDIS_URL": "localhost",
        "FLEXMEASURES_REDIS_PORT": "6379",
        "FLEXMEASURES_REDIS_DB_NR": "0",
        "FLEXMEASURES_REDIS_PASSWORD": SECRET,
        "TRUSTED_HOSTS": "example.org",
    }
    assert load(environ=complete).recommendations() == ()
    del complete["MAIL_USERNAME"], complete["MAIL_PASSWORD"]
    (line,) = load(environ=complete).recommendations()
    assert line.startswith("Warning: Without complete mail settings, ")
    assert line.endswith("You might consider setting MAIL_USERNAME, MAIL_PASSWORD.")
    assert len(load(environ={}).recommendations()) == 3
