"""Which plugins the host of an installation wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Composition:
    """Which plugins the host wants, and how contests between them end.

    :param listed: plugins that the settings list by folder or module, next to those that announce
        themselves (``FLEXMEASURES_PLUGINS``).
    :param disabled: names of plugins that stay switched off (``FMHOST_PLUGINS_DISABLED``).
    :param allowed: where not empty, all others stay switched off (``FMHOST_PLUGINS_ALLOWED``).
    :param prefer: who keeps a contested claim (``FMHOST_PREFER``).
    :param strict: refuse to start where a plugin is not healthy (``FMHOST_STRICT_PLUGINS``).
    :param import_budget: limit on each import of a plugin's code [s].
    """

    listed: Sequence[str] = ()
    disabled: Sequence[str] = ()
    allowed: Sequence[str] = ()
    prefer: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False
    import_budget: float = 20.0

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Composition:
        """The composition that the host's settings describe."""
        return cls(
            listed=settings["FLEXMEASURES_PLUGINS"],
            disabled=settings["FMHOST_PLUGINS_DISABLED"],
            allowed=settings["FMHOST_PLUGINS_ALLOWED"],
            prefer=settings["FMHOST_PREFER"],
            strict=settings["FMHOST_STRICT_PLUGINS"],
            import_budget=settings["FMHOST_PLUGIN_IMPORT_TIMEOUT"],
        )
