"""The settings of one installation."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from fmhost.errors import ConfigurationError
from fmhost.settings import database_uri, totp_secrets
from fmhost.settings.advice import recommendations
from fmhost.settings.container_types import copied
from fmhost.settings.declarations import DECLARATIONS
from fmhost.settings.evaluation import described, evaluate
from fmhost.settings.secret_key import missing_secret_key, read_secret_key
from fmhost.settings.setting import Setting
from fmhost.settings.sources import SETTLED_FIRST, Sources, gather
from fmhost.settings.topics.queue import REDIS_SETTINGS


class Described(NamedTuple):
    """One setting as people may see it: secrets are masked."""

    name: str
    value: str
    source: str


class Settings(Mapping[str, Any]):
    """Every declared setting by its name, and what a config file assigns besides.

    Immutable: a list or dictionary that it returns is a copy. Its values never appear in its
    ``repr``, nor do secrets in :meth:`describe`.
    """

    __slots__ = ("_declarations", "_evaluated", "_sources")

    def __init__(self, sources: Sources, declarations: Mapping[str, Setting]) -> None:
        self._sources = sources
        self._declarations = declarations
        self._evaluated = evaluate(sources, declarations)

    def __getitem__(self, name: str) -> Any:
        return copied(self._evaluated.values[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._evaluated.values)

    def __len__(self) -> int:
        return len(self._evaluated.values)

    def __repr__(self) -> str:
        return f"<Settings of {self.instance}, environment '{self.environment}'>"

    @property
    def environment(self) -> str:
        """``production``, ``staging``, ``development``, ``testing`` or ``documentation``."""
        return self._sources.environment

    @property
    def mode(self) -> str:
        """``demo``, ``play``, or another word that changes nothing."""
        return str(self["FLEXMEASURES_MODE"])

    @property
    def instance(self) -> Path:
        """The absolute path of the instance folder, which may not exist yet."""
        return self._sources.instance

    @property
    def config_file(self) -> Path | None:
        """The config file that was read."""
        return None if self._sources.file is None else self._sources.file.path

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is probably not meant in the sources: misspelt, old and ignored names."""
        return self._evaluated.warnings

    @property
    def declarations(self) -> Mapping[str, Setting]:
        """Every declaration by its name, those of plugins included."""
        return self._declarations

    def source(self, name: str) -> str:
        """Where a value comes from.

        ``default``, ``environment 'testing'``, ``environment variable``, ``file /.../fmhost.cfg``
        or ``argument``.

        :raises KeyError: where there is no such setting.
        """
        return self._evaluated.origins[name]

    @property
    def database_uri(self) -> str:
        """The database, for the installed driver; the embedded one where none is set.

        In the environment ``testing``, SQLALCHEMY_TEST_DATABASE_URI counts before
        SQLALCHEMY_DATABASE_URI, unless that is an argument.
        """
        uri = self["SQLALCHEMY_DATABASE_URI"]
        given = self.source("SQLALCHEMY_DATABASE_URI") == "argument"
        if self.environment == "testing" and not given:
            uri = self["SQLALCHEMY_TEST_DATABASE_URI"] or uri
        return database_uri.for_installed_driver(uri or database_uri.embedded(self.instance))

    @property
    def queue(self) -> Literal["inline", "rq"]:
        """Where jobs run: as set, else in workers where somebody configured a Redis server."""
        named = self["FMHOST_QUEUE"]
        if named is not None:
            return "rq" if named == "rq" else "inline"
        is_configured = any(self.source(name) != "default" for name in REDIS_SETTINGS)
        return "rq" if is_configured and self["FLEXMEASURES_REDIS_URL"] else "inline"

    def require_secret_key(self) -> str:
        """The key that signs sessions and tokens.

        :raises ConfigurationError: where neither SECRET_KEY nor ``<instance>/secret_key`` holds
            one.
        """
        key = self["SECRET_KEY"] or read_secret_key(self.instance)
        if key is None:
            config_file = self.config_file or self.instance / "fmhost.cfg"
            raise missing_secret_key(self.instance, config_file)
        return str(key)

    def require_totp_secrets(self) -> dict[str, str]:
        """The keys that protect second factors, by number.

        Where neither SECURITY_TOTP_SECRETS nor ``<instance>/totp_secrets`` holds any, one is
        made there.

        :raises ConfigurationError: where that is not possible, or the file cannot be read.
        """
        given = self["SECURITY_TOTP_SECRETS"]
        return given or totp_secrets.read(totp_secrets.create(self.instance))

    def recommendations(self) -> tuple[str, ...]:
        """What a server in production had better set; for the log at its start."""
        return tuple(recommendations(self, self._declarations))

    def describe(self) -> tuple[Described, ...]:
        """Every setting with its value, secrets masked, and its source."""
        return tuple(
            Described(name, described(name, value, self._declarations.get(name)), self.source(name))
            for name, value in self._evaluated.values.items()
        )

    def with_overrides(self, **values: Any) -> Settings:
        """The same sources with these values on top.

        :raises ConfigurationError: for a value that does not fit, and for a setting that decides
            which config file is read.
        """
        for name in SETTLED_FIRST:
            if name in values:
                raise ConfigurationError(
                    f"{name} decides which config file is read and cannot be replaced after that.",
                    field=name,
                    hint="Load the settings anew.",
                )
        overrides = {**self._sources.overrides, **values}
        return Settings(self._sources._replace(overrides=overrides), self._declarations)

    def extended(self, declarations: Mapping[str, Setting]) -> Settings:
        """The same sources read with further declarations, such as those of plugins.

        :raises ConfigurationError: for a value that does not fit, and for a name that is declared
            already in another way.
        """
        for name, setting in declarations.items():
            if setting.name != name or self._declarations.get(name, setting) != setting:
                raise ConfigurationError(
                    f"The setting {name} is declared twice, and not in the same way.",
                    field=name,
                    hint="A plugin declares settings under names that begin with its own name.",
                )
        return Settings(self._sources, {**self._declarations, **declarations})


def load(
    *,
    environ: Mapping[str, str] | None = None,
    config_path: str | os.PathLike[str] | None = None,
    environment: str | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Reads the settings of an installation.

    A later source wins: built-in default, default of the environment, environment variable, config
    file, override.

    :param environ: the environment variables; those of the process where none are given.
    :param config_path: a config file to read instead of those in the usual places.
    :param environment: one of the names in :data:`fmhost.settings.environments.ENVIRONMENTS`.
    :param overrides: values that win over all sources.
    :raises ConfigurationError: for an unknown environment, a config file that does not exist or
        cannot be executed, and values that do not fit.
    """
    if environ is None:
        # A service may have no HOME; the user database knows the folder then.
        environ = {"HOME": os.path.expanduser("~"), **os.environ}
    return Settings(gather(environ, config_path, environment, overrides or {}), DECLARATIONS)
