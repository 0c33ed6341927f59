"""The settings that the plugin adds to those of the host; they are checked when fmhost starts."""

from __future__ import annotations

from fmhost.plugin import Integer, OrNone, Setting, Text

TOKEN = Setting(
    name="{{ cookiecutter.__setting_prefix }}_TOKEN",
    type=OrNone(Text()),
    default=None,
    meaning="Token for the service that the plugin asks. Never shown.",
    from_environment=True,
    secret=True,
)
NOTES_PER_SENSOR = Setting(
    name="{{ cookiecutter.__setting_prefix }}_NOTES_PER_SENSOR",
    type=Integer(1),
    default=100,
    meaning="How many notes one sensor can have.",
    from_environment=True,
)

SETTINGS = {setting.name: setting for setting in (TOKEN, NOTES_PER_SENSOR)}
