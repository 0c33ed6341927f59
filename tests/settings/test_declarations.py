"""The declarations agree with the specification of the settings and with themselves."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from fmhost.settings import DECLARATIONS, ENVIRONMENTS, TOPICS, Setting, load

READ_FROM_ENVIRONMENT = {
    "FLEXMEASURES_ENV",
    "LOGGING_LEVEL",
    "FLEXMEASURES_PLUGINS",
    "DEBUG",
    "FLEXMEASURES_JSON_COMPACT",
    "SQLALCHEMY_DATABASE_URI",
    "SQLALCHEMY_TEST_DATABASE_URI",
    "SECRET_KEY",
    "SECURITY_TWO_FACTOR",
    "TRUSTED_HOSTS",
    "MAIL_SERVER",
    "MAIL_PORT",
    "MAIL_USE_TLS",
    "MAIL_USE_SSL",
    "MAIL_USERNAME",
    "MAIL_PASSWORD",
    "MAIL_DEFAULT_SENDER",
    "MAPBOX_ACCESS_TOKEN",
    "SENTRY_DSN",
    "FLEXMEASURES_SENTRY_DAILY_RATE_LIMIT",
    "FLEXMEASURES_REDIS_URL",
    "FLEXMEASURES_REDIS_PORT",
    "FLEXMEASURES_REDIS_DB_NR",
    "FLEXMEASURES_REDIS_PASSWORD",
    "FLEXMEASURES_FORCE_HTTPS",  # for containers, which have no config file
}

every_setting = pytest.mark.parametrize(
    "setting", DECLARATIONS.values(), ids=lambda setting: setting.name
)


def test_names_are_unique() -> None:
    names = [setting.name for settings in TOPICS.values() for setting in settings]
    names += [alias for setting in DECLARATIONS.values() for alias in setting.aliases]
    assert len(names) == len(set(names))


@every_setting
def test_a_declaration_is_complete(setting: Setting) -> None:
    assert setting.name.isupper()
    assert setting.meaning.endswith(".")
    assert set(setting.by_environment) <= set(ENVIRONMENTS)
    assert setting.from_environment or not setting.only_from_environment


def test_exactly_these_are_read_from_the_environment() -> None:
    ours = [name for name in DECLARATIONS if name.startswith("FMHOST_")]
    read = {name for name, setting in DECLARATIONS.items() if setting.from_environment}
    assert read == {*READ_FROM_ENVIRONMENT, *ours}


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("FLEXMEASURES_LP_SOLVER", "cbc"),
        ("FLEXMEASURES_TIMEZONE", "Asia/Seoul"),
        ("FLEXMEASURES_JOB_TTL", timedelta(days=1)),
        ("FLEXMEASURES_PLANNING_TTL", timedelta(days=7)),
        ("FLEXMEASURES_PLANNING_HORIZON", timedelta(hours=48)),
        ("FLEXMEASURES_MAX_PLANNING_HORIZON", timedelta(hours=169)),
        ("FLEXMEASURES_HOSTS_AND_AUTH_START", {"flexmeasures.io": "2021-01"}),
        ("SECURITY_TOKEN_MAX_AGE", 21600),
        ("MAIL_DEFAULT_SENDER", ("FlexMeasures", "no-reply@example.com")),
        ("CORS_RESOURCES", ["/api/*"]),
        ("FMHOST_SOLVER", "highs"),
        ("FMHOST_PLUGIN_IMPORT_TIMEOUT", 20),
        ("FMHOST_FORECAST_AUTOMATICALLY", True),
    ],
)
def test_defaults_that_clients_rely_on(name: str, default: object) -> None:
    assert load(environ={})[name] == default


def test_the_import_needs_no_heavy_module() -> None:
    heavy = "asyncio dataclasses difflib email inspect json logging random socket urllib.request"
    program = (
        "import sys; import fmhost.settings; fmhost.settings.load(environ={}); "
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    # -I -S: without the site's own start-up, which may import anything
    path = f"import sys; sys.path[:0] = {[*sys.path]!r}; "
    command = [sys.executable, "-I", "-S", "-c", path + program]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
