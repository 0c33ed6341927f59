"""Which environment applies, and what it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmhost.errors import ConfigurationError
from fmhost.settings import ENVIRONMENTS, load

WRONG = (
    'Flexmeasures environment needs to be either "documentation", "development", "testing", '
    '"staging" or "production". It currently is "X".'
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def test_production_is_the_default() -> None:
    settings = load(environ={})
    assert settings.environment == "production"
    assert settings["FLEXMEASURES_ENV"] == "production"
    assert settings.source("FLEXMEASURES_ENV") == "default"
    assert settings.warnings == ()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_environment_can_be_chosen(name: str) -> None:
    assert load(environ={"FLEXMEASURES_ENV": name}).environment == name
    assert load(environ={}, environment=name).source("FLEXMEASURES_ENV") == "argument"


def test_the_variable_counts_before_the_file_and_the_file_before_the_old_variable(
    home: Path,
) -> None:
    file = home / ".fmhost.cfg"
    file.write_text('FLEXMEASURES_ENV = "staging"\n')
    environ = {"HOME": str(home), "FLASK_ENV": "production", "FLEXMEASURES_ENV": "development"}
    assert load(environ=environ).environment == "development"
    del environ["FLEXMEASURES_ENV"]
    settings = load(environ=environ)
    assert settings.environment == "staging"
    assert settings.source("FLEXMEASURES_ENV") == f"file {file}"
    assert settings.warnings == ()
    file.unlink()
    settings = load(environ=environ)
    assert settings.environment == "production"
    assert settings.source("FLEXMEASURES_ENV") == "environment variable"
    assert settings.warnings == (
        "The environment variable FLASK_ENV is deprecated. Use FLEXMEASURES_ENV instead.",
    )


def test_the_argument_counts_before_the_variable() -> None:
    settings = load(environ={"FLEXMEASURES_ENV": "staging"}, environment="testing")
    assert settings.environment == "testing"


@pytest.mark.parametrize("variable", ["FLEXMEASURES_ENV", "FLASK_ENV"])
def test_an_unknown_environment_is_refused(variable: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(environ={variable: "X"})
    assert raised.value.message == WRONG
    assert raised.value.exit_code == 2
    assert "environment variable" in str(raised.value)


def test_an_unknown_environment_in_a_file_names_the_file(home: Path) -> None:
    (home / ".flexmeasures.cfg").write_text('FLEXMEASURES_ENV = "X"\n')
    with pytest.raises(ConfigurationError, match=r"\.flexmeasures\.cfg") as raised:
        load(environ={"HOME": str(home)})
    assert raised.value.message == WRONG


@pytest.mark.parametrize("environment", ["testing", "documentation"])
def test_testing_and_documentation_read_no_file(home: Path, environment: str) -> None:
    file = home / ".fmhost.cfg"
    file.write_text("this is no Python\n")
    settings = load(environ={"HOME": str(home), "FLEXMEASURES_ENV": environment})
    assert settings.config_file is None
    assert settings.warnings == ()
    settings = load(environ={}, config_path=file, environment=environment)
    assert settings.config_file is None
    assert settings.warnings == (
        f"The config file {file} is ignored: in the environment '{environment}' no config file "
        "applies.",
    )


def test_a_file_that_chooses_testing_is_ignored_with_a_warning(home: Path) -> None:
    (home / ".fmhost.cfg").write_text('FLEXMEASURES_ENV = "testing"\nMAIL_PORT = 99\n')
    settings = load(environ={"HOME": str(home)})
    assert settings.environment == "testing"
    assert settings["MAIL_PORT"] == 25
    assert "is ignored" in settings.warnings[0]


@pytest.mark.parametrize(
    ("environment", "name", "value"),
    [
        ("production", "LOGGING_LEVEL", 40),
        ("staging", "LOGGING_LEVEL", 30),
        ("development", "LOGGING_LEVEL", 10),
        ("development", "DEBUG", True),
        ("development", "FLEXMEASURES_MODE", "development"),
        ("development", "FLEXMEASURES_PROFILE_REQUESTS", True),
        ("development", "PROPAGATE_EXCEPTIONS", True),
        ("development", "TRUSTED_HOSTS", ["localhost", "127.0.0.1"]),
        ("testing", "DEBUG", True),
        ("testing", "FLEXMEASURES_MODE", "test"),
        ("testing", "WTF_CSRF_ENABLED", False),
        ("testing", "FLEXMEASURES_TASK_CHECK_AUTH_TOKEN", "test-task-check-token"),
    ],
)
def test_defaults_of_environments(environment: str, name: str, value: object) -> None:
    settings = load(environ={}, environment=environment)
    assert settings[name] == value
    assert settings.source(name) == f"environment '{environment}'"
