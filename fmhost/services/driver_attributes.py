"""What the attributes ``custom-scheduler`` and ``custom-forecaster`` of sensors and assets may say.

Every path on which attributes are saved asks :func:`check`, and whoever chooses a driver asks
:func:`resolve`, so that what was saved can be used as long as its plugin is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from fmhost.errors import FmhostError, InvalidInput, PluginError
from fmhost.host.registry import Provenance
from fmhost.services.installation import Installation

#: The kinds of drivers that sensors and assets refer to.
KINDS = ("scheduler", "forecaster")


@dataclass(frozen=True, slots=True)
class Reference:
    """Which driver an attribute means.

    :param name: its name; or
    :param target: its import path ``"package.module:Class"``, the older form.
    :param config: the configuration next to it, as it was written.
    """

    name: str | None = None
    target: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The class that a reference means.

    :param config: the configuration, as the schema of the class loads it.
    """

    driver: type[Any]
    provenance: Provenance
    config: Mapping[str, Any]


def attribute_of(kind: str) -> str:
    """The attribute that names drivers of a kind."""
    return f"custom-{kind}"


def check(
    installation: Installation, attributes: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """See that the drivers which attributes name exist and accept their configuration.

    What was stored before and stays is not looked at: its plugin may be gone, and that must not
    keep anybody from changing something else. None stands for "as if there were no attribute".

    :param attributes: those to be saved; `before` those that are stored.
    :raises InvalidInput: naming the attribute, or the field of the configuration.
    """
    for kind in KINDS:
        attribute = attribute_of(kind)
        value = attributes.get(attribute)
        if value is None or (attribute in before and before[attribute] == value):
            continue
        try:
            resolve(installation, kind, parse(kind, value))
        except (InvalidInput, PluginError) as error:
            raise InvalidInput(
                f"Attribute '{attribute}': {error.message}",
                field=f"attributes.{error.field or attribute}",
                hint=error.hint,
            ) from error


def parse(kind: str, value: Any) -> Reference:
    """The reference in a ``custom-<kind>`` attribute.

    It holds a name; or ``{"name": ..., "config": {...}}``; or the older ``{"module", "class"}``,
    also with a ``config``.

    :raises InvalidInput: for any other value.
    """
    attribute = attribute_of(kind)
    if isinstance(value, str) and value:
        return Reference(name=value)
    if isinstance(value, Mapping):
        unknown = sorted(set(value) - {"name", "module", "class", "config"})
        if unknown:
            raise InvalidInput("Unknown field.", field=f"{attribute}.{unknown[0]}")
        config = value.get("config")
        if config is not None and not isinstance(config, Mapping):
            raise InvalidInput("The config must be an object.", field=f"{attribute}.config")
        if "name" in value:
            if isinstance(value["name"], str) and value["name"] and "class" not in value:
                return Reference(name=value["name"], config=dict(config or {}))
        else:
            return Reference(target=_target(kind, value), config=dict(config or {}))
    raise InvalidInput(
        f"The attribute '{attribute}' must be a name or an object with 'name' and 'config'.",
        field=attribute,
        hint='Such as {"name": "TankScheduler", "config": {"size": 3}}.',
    )


def _target(kind: str, value: Mapping[str, Any]) -> str:
    for part in ("class", "module"):
        if part not in value:
            raise InvalidInput(f"{kind} specs have no '{part}'.", field=attribute_of(kind))
        if not isinstance(value[part], str):
            raise InvalidInput("Not a valid string.", field=f"{attribute_of(kind)}.{part}")
    return f"{value['module']}:{value['class']}"


def resolve(installation: Installation, kind: str, reference: Reference) -> Resolved:
    """The class that is meant, with its configuration loaded.

    A class given by its import path is imported only where a plugin offers it, or
    ``FMHOST_PLUGIN_CLASSES_ALLOWED`` lists it.

    :raises InvalidInput: where there is no such driver, or it refuses the configuration.
    :raises PluginError: where the driver's code cannot be imported.
    """
    registry = installation.host.registry
    if reference.target is not None:
        allowed = installation.settings["FMHOST_PLUGIN_CLASSES_ALLOWED"]
        driver, provenance = registry.get_allowed(kind, reference.target, allowed)
    else:
        driver, provenance = registry.get(kind, str(reference.name))
    config = _load_config(kind, driver, provenance, reference.config)
    return Resolved(driver, provenance, config)


def _load_config(
    kind: str, driver: type[Any], provenance: Provenance, config: Mapping[str, Any]
) -> Mapping[str, Any]:
    place = f"{attribute_of(kind)}.config"
    schema = getattr(driver, "config_schema", None)
    if schema is None:
        if config:
            raise InvalidInput(
                f"The {kind} '{provenance.name}' takes no config.",
                field=place,
                hint="Leave it out.",
            )
        return {}
    try:
        loaded: Mapping[str, Any] = schema().load(dict(config))
    except ValidationError as error:
        path, text = next(_leaves(error.messages), ("", "Invalid value."))
        raise InvalidInput(
            f"The {kind} '{provenance.name}' does not accept its config: "
            f"{path or 'config'}: {text}",
            field=f"{place}.{path}" if path else place,
        ) from error
    except FmhostError as error:
        raise InvalidInput(
            error.message, field=f"{place}.{error.field}" if error.field else place, hint=error.hint
        ) from error
    except Exception as error:  # whatever a plugin's schema does
        raise PluginError(
            f"Plugin '{provenance.plugin}' ({provenance.distribution} {provenance.version}): the "
            f"config_schema of {driver.__name__} fails: {type(error).__name__}: {error}.",
            hint=f"Install a version of {provenance.distribution} that fits fmhost.",
        ) from error
    return loaded


def _leaves(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every message with the dotted path of its field."""
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            part = "" if name == "_schema" else str(name)
            yield from _leaves(below, ".".join(filter(None, (path, part))))
    elif isinstance(messages, list):
        for text in messages:
            yield from _leaves(text, path)
    else:
        yield path, str(messages)
