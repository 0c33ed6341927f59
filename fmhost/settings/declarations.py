"""All settings that fmhost declares, by topic and by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from fmhost.settings.setting import Setting
from fmhost.settings.topics import (
    access,
    basic,
    database,
    host,
    mail,
    monitoring,
    queue,
    security,
    sunset,
    timing,
    ui,
)

_TOPICS: tuple[ModuleType, ...] = (
    basic,
    host,
    database,
    queue,
    timing,
    ui,
    security,
    access,
    mail,
    monitoring,
    sunset,
)

TOPICS: Mapping[str, tuple[Setting, ...]] = MappingProxyType(
    {topic.__doc__ or topic.__name__: topic.SETTINGS for topic in _TOPICS}
)
"""The settings under the heading of each topic, in the order of the documentation."""

DECLARATIONS: Mapping[str, Setting] = MappingProxyType(
    {setting.name: setting for settings in TOPICS.values() for setting in settings}
)
"""Every declared setting by its name."""
