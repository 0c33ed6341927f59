"""Every setting of fmhost, declared once: name, type, default, meaning, and where it may come from.

::

    settings = load()
    settings["FLEXMEASURES_PLANNING_HORIZON"]   # timedelta(days=2)
    settings.source("LOGGING_LEVEL")            # "environment variable"

This is the only package that reads environment variables and config files.
"""

from __future__ import annotations

from fmhost.settings.declarations import DECLARATIONS, TOPICS
from fmhost.settings.environments import ENVIRONMENTS
from fmhost.settings.secret_key import create_secret_key
from fmhost.settings.setting import Setting
from fmhost.settings.settings import Described, Settings, load

__all__ = [
    "DECLARATIONS",
    "ENVIRONMENTS",
    "TOPICS",
    "Described",
    "Setting",
    "Settings",
    "create_secret_key",
    "load",
]
