"""Config files: where they are looked for, and how one is read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fmhost.errors import ConfigurationError

FILE_NAMES = ("fmhost.cfg", "flexmeasures.cfg")


class ConfigFile(NamedTuple):
    """A config file and the upper-case names that it assigns."""

    path: Path
    values: Mapping[str, Any]

    @property
    def source(self) -> str:
        """How a setting from this file names its origin."""
        return f"file {self.path}"


def home_folder(environ: Mapping[str, str]) -> Path | None:
    """The home folder of the user; none where the environment names none."""
    return Path(environ["HOME"]).absolute() if environ.get("HOME") else None


def instance_folder(named: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> Path:
    """The absolute path of the instance folder: as named, else ``instance`` in the work folder."""
    path = Path(named or "instance")
    home = home_folder(environ)
    if home is not None and path.parts[:1] == ("~",):
        path = home.joinpath(*path.parts[1:])
    return Path(os.path.abspath(path))


def search_path(environ: Mapping[str, str], instance: Path) -> tuple[Path, ...]:
    """Where a config file is looked for; the first that exists is the only one that is read."""
    home = home_folder(environ)
    at_home = () if home is None else tuple(home / f".{name}" for name in FILE_NAMES)
    return at_home + tuple(instance / name for name in FILE_NAMES)


def find(given: str | os.PathLike[str] | None, searched: tuple[Path, ...]) -> Path | None:
    """The config file to read: the given one, else the first that exists, else none.

    :raises ConfigurationError: where the given one does not exist.
    """
    if given is None:
        return next((path for path in searched if path.is_file()), None)
    path = Path(os.path.abspath(given))
    if not path.is_file():
        raise ConfigurationError(f"Cannot find config file {given}!")
    return path


def read(path: Path) -> ConfigFile:
    """Executes a config file as Python and keeps the upper-case names that it assigns.

    :raises ConfigurationError: where it cannot be opened or executed; the message is one line that
        names the file and the line.
    """
    try:
        code = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"Cannot read config file {path}: {error.strerror}.") from error
    namespace: dict[str, Any] = {"__file__": str(path), "__name__": "fmhost_config"}
    try:
        exec(compile(code, str(path), "exec"), namespace)
    except Exception as error:
        raise _mistake(error, path) from error
    names = (name for name in namespace if name.isupper() and not name.startswith("_"))
    return ConfigFile(path, {name: namespace[name] for name in names})


def _mistake(error: Exception, path: Path) -> ConfigurationError:
    line, reason = _line(error, path), " ".join(str(error).split())
    if isinstance(error, SyntaxError) and error.filename == str(path):
        line, reason = error.lineno, error.msg
    place = f"{path}, line {line}" if line else str(path)
    return ConfigurationError(
        f"Cannot execute config file {place}: {type(error).__name__}: {reason}.",
        hint='A config file holds Python assignments, such as LOGGING_LEVEL = "INFO".',
    )


def _line(error: Exception, path: Path) -> int | None:
    """The line of the config file at which an error arose, or passed on its way."""
    line = None
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == str(path):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
