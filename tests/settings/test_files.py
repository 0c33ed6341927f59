"""Where config files are found, and how they are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fmhost.errors import ConfigurationError
from fmhost.settings import load


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    home, instance = tmp_path / "home", tmp_path / "instance"
    home.mkdir()
    instance.mkdir()
    return {"HOME": str(home), "FMHOST_INSTANCE": str(instance)}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "given.cfg"
    path.write_text(text)
    return path


def test_the_first_file_that_exists_is_the_only_one_read(
    environ: dict[str, str], tmp_path: Path
) -> None:
    home, instance = tmp_path / "home", tmp_path / "instance"
    order = [
        home / ".fmhost.cfg",
        home / ".flexmeasures.cfg",
        instance / "fmhost.cfg",
        instance / "flexmeasures.cfg",
    ]
    for position, path in enumerate(order):
        path.write_text(f'MAIL_PORT = {position + 1}\nONLY_IN_{position} = "here"\n')
    for position, path in enumerate(order):
        settings = load(environ=environ)
        assert settings.config_file == path
        assert settings["MAIL_PORT"] == position + 1
        assert settings.source("MAIL_PORT") == f"file {path}"
        assert [name for name in settings if name.startswith("ONLY_IN")] == [f"ONLY_IN_{position}"]
        path.unlink()
    assert load(environ=environ).config_file is None


def test_a_given_file_is_read_instead(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "home" / ".fmhost.cfg").write_text("MAIL_PORT = 1\n")
    path = write(tmp_path, "MAIL_PORT = 2\n")
    settings = load(environ=environ, config_path=os.path.relpath(path))
    assert settings["MAIL_PORT"] == 2
    assert settings.source("MAIL_PORT") == f"file {path}"


def test_a_given_file_must_exist(environ: dict[str, str], tmp_path: Path) -> None:
    for path in (tmp_path / "missing.cfg", tmp_path):
        with pytest.raises(ConfigurationError) as raised:
            load(environ=environ, config_path=path)
        assert str(raised.value) == f"Cannot find config file {path}!"
        assert raised.value.exit_code == 2


def test_a_file_is_python_and_its_upper_case_names_are_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "import os\n"
        "from datetime import timedelta\n"
        "hours = 36\n"
        "FLEXMEASURES_PLANNING_HORIZON = timedelta(hours=hours)\n"
        "MY_PLUGIN = {'folder': os.path.dirname(__file__)}\n"
        "_HIDDEN = 1\n",
    )
    settings = load(environ={}, config_path=path)
    assert settings["FLEXMEASURES_PLANNING_HORIZON"].total_seconds() == 36 * 3600
    assert settings["MY_PLUGIN"] == {"folder": str(tmp_path)}
    assert settings.source("MY_PLUGIN") == f"file {path}"
    assert not {"hours", "os", "_HIDDEN"} & set(settings)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("MAIL_PORT = 1\nMAIL_SERVER = 'smtp\n", 2, "SyntaxError"),
        ("MAIL_PORT = 1\n\nMAIL_SERVER = smtp\n", 3, "NameError: name 'smtp' is not defined"),
        ("def port():\n    return 1 / 0\nMAIL_PORT = port()\n", 2, "ZeroDivisionError"),
        ("import json\n\n\nX = json.loads('{\\n')\n", 4, "JSONDecodeError"),
        ("open('/does/not/exist')\n", 1, "FileNotFoundError"),
        ("raise ValueError('two\\nlines')\n", 1, "ValueError: two lines"),
        ("import ast\nast.parse('x = = 1', 'other.py')\n", 2, "SyntaxError"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigurationError) as raised:
        load(environ={}, config_path=path)
    message = str(raised.value)
    assert message.startswith(f"Cannot execute config file {path}, line {line}: ")
    assert reason in message
    assert "\n" not in message
    assert raised.value.exit_code == 2


def test_a_file_in_another_encoding_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "latin.cfg"
    path.write_bytes('X = "Zürich"\n'.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"Cannot execute config file .*latin\.cfg"):
        load(environ={}, config_path=path)


def test_the_instance_folder_is_absolute(tmp_path: Path) -> None:
    assert load(environ={}).instance == Path.cwd() / "instance"
    settings = load(environ={"FMHOST_INSTANCE": "a/../b"})
    assert settings.instance == Path.cwd() / "b"
    assert settings["FMHOST_INSTANCE"] == str(Path.cwd() / "b")
    assert settings.source("FMHOST_INSTANCE") == "environment variable"
    settings = load(environ={"HOME": str(tmp_path), "FMHOST_INSTANCE": "~/fm"})
    assert settings.instance == tmp_path / "fm"
    settings = load(environ={}, overrides={"FMHOST_INSTANCE": tmp_path})
    assert settings.instance == tmp_path
    assert settings.source("FMHOST_INSTANCE") == "argument"


def test_what_only_the_environment_sets_is_ignored_in_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'FMHOST_INSTANCE = "/elsewhere"\n')
    settings = load(environ={}, config_path=path)
    assert settings.instance == Path.cwd() / "instance"
    assert settings.warnings == (
        f"FMHOST_INSTANCE (file {path}) is ignored: it can only be set by an environment variable.",
    )


def test_the_process_environment_is_read_where_none_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MAIL_PORT", "587")
    monkeypatch.delenv("FLEXMEASURES_ENV", raising=False)
    (tmp_path / ".fmhost.cfg").write_text('MAIL_SERVER = "smtp.example.org"\n')
    settings = load()
    assert (settings["MAIL_SERVER"], settings["MAIL_PORT"]) == ("smtp.example.org", 587)
