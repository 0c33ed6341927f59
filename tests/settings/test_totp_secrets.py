"""The keys of second factors: set, found in a file, or made once."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fmhost.errors import ConfigurationError
from fmhost.settings import Settings, load


def of_instance(instance: Path, **overrides: object) -> Settings:
    return load(environ={"FMHOST_INSTANCE": str(instance)}, overrides=overrides)


def test_the_setting_counts_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "totp_secrets").write_text('{"1": "from-file"}')
    assert of_instance(tmp_path).require_totp_secrets() == {"1": "from-file"}
    given = of_instance(tmp_path, SECURITY_TOTP_SECRETS={"2": "set"})
    assert given.require_totp_secrets() == {"2": "set"}


def test_without_either_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    instance = tmp_path / "new" / "instance"
    made = of_instance(instance).require_totp_secrets()
    assert [len(key) for key in made.values()] == [64]
    assert stat.S_IMODE((instance / "totp_secrets").stat().st_mode) == 0o600
    assert of_instance(instance).require_totp_secrets() == made


def test_processes_that_start_at_the_same_time_agree(tmp_path: Path) -> None:
    def read(_: int) -> str:
        return of_instance(tmp_path).require_totp_secrets()["1"]

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(read, range(32)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["totp_secrets"]


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError) as raised:
        of_instance(tmp_path / "file").require_totp_secrets()
    message = str(raised.value)
    assert "Missing the required configuration settings: SECURITY_TOTP_SECRETS" in message
    assert "secrets.token_urlsafe" in message
    assert raised.value.exit_code == 2


@pytest.mark.parametrize("content", ["", "some-key", "[]", "{}", '"key"'])
def test_a_file_with_something_else_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "totp_secrets").write_text(content)
    with pytest.raises(ConfigurationError, match="Cannot read the keys of second factors"):
        of_instance(tmp_path).require_totp_secrets()
