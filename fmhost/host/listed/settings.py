"""The settings that a listed plugin says it needs, in ``__settings__``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from fmhost.host.lifecycle import PluginRecord

logger = logging.getLogger("fmhost.host")


def descriptors(declared: object) -> dict[str, Mapping[str, Any]]:
    """``__settings__`` as a dictionary, be it one or a module of dictionaries."""
    if isinstance(declared, ModuleType):
        declared = {n: v for n, v in vars(declared).items() if not n.startswith("_")}
    if not isinstance(declared, Mapping):
        return {}
    return {str(name): value for name, value in declared.items() if isinstance(value, Mapping)}


def check_settings(record: PluginRecord, settings: Mapping[str, Any]) -> None:
    """Log which of the settings in the plugin's ``__settings__`` are missing or of another type."""
    for name, descriptor in record.provided.get("__settings__", {}).items():
        value = settings.get(name)
        expected = descriptor.get("parse_as")
        if value is None:
            _log_missing(name, descriptor)
        elif isinstance(expected, type) and not isinstance(value, expected):
            logger.warning(
                "Config setting '%s' is a %s whereas a %s was expected.",
                name,
                type(value).__name__,
                expected.__name__,
            )


def _log_missing(name: str, descriptor: Mapping[str, Any]) -> None:
    level = str(descriptor.get("level", "error"))
    if level not in ("debug", "info", "warning", "error"):
        logger.warning("Unrecognized logger level '%s' for config setting '%s'.", level, name)
        level = "error"
    text = f"Missing config setting '{name}'"
    if descriptor.get("description"):
        text += f" ({descriptor['description']})"
    text += "."
    if descriptor.get("message_if_missing"):
        text += f" {descriptor['message_if_missing']}"
    logger.log(logging.getLevelName(level.upper()), "%s", text)
