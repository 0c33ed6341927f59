"""What a server in production had better set, and what it lacks without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from fmhost.settings.setting import RECOMMENDED, Setting

_LACKS = {
    "MAIL_": "Without complete mail settings, no mail can be sent: no new passwords, no alerts.",
    "FLEXMEASURES_REDIS_": "Without Redis settings, jobs run in the server's own process.",
    "TRUSTED_HOSTS": "Without trusted hosts, the server answers under any host name.",
}


class _WithSources(Protocol):
    def source(self, name: str) -> str: ...


def recommendations(settings: _WithSources, declarations: Mapping[str, Setting]) -> Iterator[str]:
    """One line for each group of recommended settings of which nobody set any or some."""
    unset = [
        setting.name
        for setting in declarations.values()
        if setting.importance == RECOMMENDED and settings.source(setting.name) == "default"
    ]
    for prefix, lack in _LACKS.items():
        names = [name for name in unset if name.startswith(prefix)]
        if names:
            yield f"Warning: {lack} You might consider setting {', '.join(names)}."
