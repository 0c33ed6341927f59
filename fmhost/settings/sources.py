"""Where settings may come from, as read once when an installation is opened."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fmhost.settings import environments, files
from fmhost.settings.files import ConfigFile

SETTLED_FIRST = ("FLEXMEASURES_ENV", "FMHOST_INSTANCE")
"""Settings that decide which config file is read; they cannot be overridden after that."""


class Sources(NamedTuple):
    """The raw values of one installation, before declarations give them a meaning."""

    environment: str
    environment_source: str
    instance: Path
    instance_source: str
    environ: Mapping[str, str]
    file: ConfigFile | None
    searched: tuple[Path, ...]
    overrides: Mapping[str, Any]
    warnings: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Sources {self.environment}, {self.instance}>"  # the values may be secrets


def gather(
    environ: Mapping[str, str],
    config_path: str | os.PathLike[str] | None,
    environment: str | None,
    overrides: Mapping[str, Any],
) -> Sources:
    """Reads the config file, where there is one to read, and settles the environment.

    :raises ConfigurationError: where the given config file does not exist, a config file cannot be
        executed, or the environment is unknown.
    """
    environment = environment or overrides.get("FLEXMEASURES_ENV")
    instance, instance_source = _instance(environ, overrides)
    searched = files.search_path(environ, instance)
    path = files.find(config_path, searched)
    named = environment or environ.get("FLEXMEASURES_ENV")
    file = files.read(path) if path and named not in environments.WITHOUT_FILES else None
    choice = environments.choose(
        argument=environment,
        environ=environ,
        file=file.values if file else {},
        file_source=file.source if file else "",
    )
    warnings = list(choice.warnings)
    if choice.environment in environments.WITHOUT_FILES:
        if file or config_path is not None:
            warnings.append(
                f"The config file {path} is ignored: in the environment '{choice.environment}' no "
                "config file applies."
            )
        file = None
    return Sources(
        environment=choice.environment,
        environment_source=choice.source,
        instance=instance,
        instance_source=instance_source,
        environ=dict(environ),
        file=file,
        searched=searched,
        overrides=dict(overrides),
        warnings=tuple(warnings),
    )


def _instance(environ: Mapping[str, str], overrides: Mapping[str, Any]) -> tuple[Path, str]:
    for values, source in ((overrides, "argument"), (environ, "environment variable")):
        if values.get("FMHOST_INSTANCE"):
            return files.instance_folder(values["FMHOST_INSTANCE"], environ), source
    return files.instance_folder(None, environ), "default"
