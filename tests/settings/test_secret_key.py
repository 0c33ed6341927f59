"""The secret key: required, found in a file, made once."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fmhost.errors import ConfigurationError
from fmhost.settings import Settings, create_secret_key, load


def of_instance(instance: Path, **environ: str) -> Settings:
    return load(environ={"FMHOST_INSTANCE": str(instance), **environ})


def test_a_missing_key_says_how_to_make_one_and_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        of_instance(tmp_path).require_secret_key()
    message = str(raised.value)
    assert message.startswith("Missing the required configuration settings: SECRET_KEY")
    assert "secrets.token_urlsafe" in message
    assert str(tmp_path / "fmhost.cfg") in message
    assert str(tmp_path / "secret_key") in message
    assert raised.value.exit_code == 2


def test_the_config_file_in_use_is_where_to_put_it(tmp_path: Path) -> None:
    (tmp_path / "flexmeasures.cfg").write_text("DEBUG = False\n")
    with pytest.raises(ConfigurationError, match=r"flexmeasures\.cfg as SECRET_KEY"):
        of_instance(tmp_path).require_secret_key()


def test_the_setting_counts_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("  from-file\n")
    assert of_instance(tmp_path).require_secret_key() == "from-file"
    assert of_instance(tmp_path, SECRET_KEY="").require_secret_key() == "from-file"
    assert of_instance(tmp_path, SECRET_KEY="set").require_secret_key() == "set"


def test_an_empty_file_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("\n")
    with pytest.raises(ConfigurationError, match="Missing the required"):
        of_instance(tmp_path).require_secret_key()


def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(ConfigurationError, match="Cannot read the secret key"):
        of_instance(tmp_path).require_secret_key()


@pytest.mark.parametrize("environment", ["testing", "documentation"])
def test_tests_and_documentation_have_a_dummy(tmp_path: Path, environment: str) -> None:
    assert of_instance(tmp_path, FLEXMEASURES_ENV=environment).require_secret_key()


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    instance = tmp_path / "new" / "instance"
    path = create_secret_key(instance)
    assert path == instance / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = of_instance(instance).require_secret_key()
    assert len(key) == 64
    create_secret_key(instance)
    assert of_instance(instance).require_secret_key() == key
    assert key != of_instance(create_secret_key(tmp_path / "other").parent).require_secret_key()


def test_makers_at_the_same_time_agree_on_one_key(tmp_path: Path) -> None:
    def make_and_read(_: int) -> str:
        return create_secret_key(tmp_path).read_text()

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(make_and_read, range(64)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="Cannot write the secret key"):
        create_secret_key(tmp_path / "file")
