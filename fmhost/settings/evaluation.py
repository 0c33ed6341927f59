"""From raw sources and declarations to checked values: the rule of precedence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fmhost.errors import ConfigurationError
from fmhost.settings.masking import MASK, names_a_secret, shown
from fmhost.settings.setting import Setting
from fmhost.settings.sources import SETTLED_FIRST, Sources

_OUR_PREFIXES = ("FMHOST_", "FLEXMEASURES_")


class Evaluated(NamedTuple):
    """The value of every setting, where it comes from, and what is odd about the sources."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    warnings: tuple[str, ...]


class _Raw(NamedTuple):
    value: Any
    source: str
    name: str


def evaluate(sources: Sources, declarations: Mapping[str, Setting]) -> Evaluated:
    """Every declared setting by its highest source, and every undeclared name of a config file.

    :raises ConfigurationError: where values do not fit their types; one line for each.
    """
    values: dict[str, Any] = {
        "FLEXMEASURES_ENV": sources.environment,
        "FMHOST_INSTANCE": str(sources.instance),
    }
    origins: dict[str, str] = {
        "FLEXMEASURES_ENV": sources.environment_source,
        "FMHOST_INSTANCE": sources.instance_source,
    }
    warnings = list(sources.warnings)
    problems: list[ConfigurationError] = []
    for setting in declarations.values():
        if setting.name in SETTLED_FIRST:
            continue
        raw = _highest(setting, sources, warnings)
        if raw is None:
            values[setting.name], origins[setting.name] = setting.default_in(sources.environment)
            continue
        try:
            values[setting.name] = setting.type.convert(raw.value)
        except (ValueError, TypeError, OverflowError):
            problems.append(_unfit(setting, raw))
        origins[setting.name] = raw.source
    if problems:
        raise _all(problems)
    known = frozenset(declarations).union(*(each.aliases for each in declarations.values()))
    for raw in _undeclared(sources, known):
        values[raw.name], origins[raw.name] = raw.value, raw.source
    warnings.extend(_oddities(sources, declarations, known))
    return Evaluated(values, origins, tuple(dict.fromkeys(warnings)))


def _highest(setting: Setting, sources: Sources, warnings: list[str]) -> _Raw | None:
    """The raw value of the highest source that sets the setting."""
    for values, source in _layers(sources):
        from_environ = values is sources.environ
        if from_environ and not setting.from_environment:
            continue
        if source.startswith("file ") and setting.only_from_environment:
            continue
        raw = _named(setting, values, source)
        if raw is None or (from_environ and _is_unset(raw.value, setting)):
            continue
        if raw.name != setting.name:
            warnings.append(f"{raw.name} ({source}) is an older name. Rename it to {setting.name}.")
        return raw
    return None


def _layers(sources: Sources) -> Iterator[tuple[Mapping[str, Any], str]]:
    yield sources.overrides, "argument"
    if sources.file is not None:
        yield sources.file.values, sources.file.source
    yield sources.environ, "environment variable"


def _named(setting: Setting, values: Mapping[str, Any], source: str) -> _Raw | None:
    """The setting in one source; an older name counts where the present one is unset or empty."""
    found = [_Raw(values[n], source, n) for n in (setting.name, *setting.aliases) if n in values]
    full = [raw for raw in found if raw.value not in ("", [], (), None)]
    return next(iter(full or found), None)


def _is_unset(text: str, setting: Setting) -> bool:
    return not text.strip() and not setting.type.empty


def _unfit(setting: Setting, raw: _Raw) -> ConfigurationError:
    what = repr(shown(raw.value, secret=setting.secret))
    in_environ = raw.source == "environment variable"
    example = f"={setting.type.example}" if in_environ else f" = {setting.type.literal}"
    return ConfigurationError(
        f"The value of {raw.name} is not {setting.type.title}: {what} (from: {raw.source}).",
        field=raw.name,
        hint=f"Example: {raw.name}{example}",
    )


def _all(problems: list[ConfigurationError]) -> ConfigurationError:
    if len(problems) == 1:
        return problems[0]
    return ConfigurationError("\n".join(str(each) for each in problems), field=problems[0].field)


def _undeclared(sources: Sources, known: frozenset[str]) -> Iterator[_Raw]:
    """Names of the config file and of arguments that nobody declared, for extensions to read."""
    for values, source in reversed(list(_layers(sources))[:-1]):
        for name in values:
            if name not in known:
                yield _Raw(values[name], source, name)


def _oddities(
    sources: Sources, declarations: Mapping[str, Setting], known: frozenset[str]
) -> Iterator[str]:
    """What is probably not meant: misspelt names, and names in a source that is not read."""
    for values, source in _layers(sources):
        for name in values:
            if name in known:
                setting = declarations.get(name)
                if setting is not None and _is_misplaced(setting, source):
                    yield _misplaced(setting, source)
            elif name.startswith(_OUR_PREFIXES):
                near = _nearest(name, known)
                if near is not None:
                    yield f"Unknown setting {name} ({source}). Did you mean {near}?"


def _is_misplaced(setting: Setting, source: str) -> bool:
    if source == "environment variable":
        return not setting.from_environment and setting.name.startswith(_OUR_PREFIXES)
    return source.startswith("file ") and setting.only_from_environment


def _misplaced(setting: Setting, source: str) -> str:
    place = "an environment variable" if setting.only_from_environment else "a config file"
    return f"{setting.name} ({source}) is ignored: it can only be set by {place}."


def _nearest(name: str, known: frozenset[str]) -> str | None:
    from difflib import get_close_matches  # needed for mistakes only

    return next(iter(get_close_matches(name, sorted(known), n=1, cutoff=0.85)), None)


def described(name: str, value: Any, setting: Setting | None) -> str:
    """A value as it would stand in a config file, with its secrets masked."""
    if setting is None:
        return repr(shown(value, secret=names_a_secret(name)))
    visible = shown(value, secret=setting.secret)
    return repr(visible) if visible == MASK else setting.type.written(visible)
