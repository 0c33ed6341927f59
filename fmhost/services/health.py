"""Whether the installation can do its work, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from weakref import WeakSet

from fmhost.errors import DatabaseNotReady, FmhostError
from fmhost.host.health import HealthCheck
from fmhost.host.lifecycle import Status
from fmhost.model.migrations import UpgradedByNewer
from fmhost.services.installation import Installation

DATABASE = "database_sql"
QUEUE = "database_redis"
PLUGINS = "plugins"

#: Installations of this process that have seen their database at their own revision.
_begun: WeakSet[Installation] = WeakSet()


@dataclass(frozen=True, slots=True)
class Readiness:
    """The state of every part.

    :param parts: whether each part can do its work.
    :param causes: why not, and what to do, for those that cannot.
    :param warnings: what somebody should see to, although this server can do its work.
    """

    parts: Mapping[str, bool]
    causes: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether all parts can do their work."""
        return all(self.parts.values())


def readiness(
    installation: Installation,
    more: Iterable[HealthCheck] = (),
    tell: Callable[[FmhostError], str] = str,
) -> Readiness:
    """Check the database, then what the plugins say about themselves.

    :param more: findings of those who know of further parts.
    :param tell: what of an error is told.
    """
    of_plugins = installation.host.hooks.gather("fmhost_health", HealthCheck)
    checks = [_check_database(installation, tell), *more, *(check for _, check in of_plugins)]
    parts: dict[str, bool] = {}
    causes: dict[str, str] = {}
    for check in checks:
        # Whoever finds that a part does not work is right, whatever others say of it.
        parts[check.name] = parts.get(check.name, True) and check.healthy
        if not check.healthy:
            causes.setdefault(check.name, check.cause)
    warnings = {check.name: check.cause for check in checks if check.healthy and check.cause}
    return Readiness(parts, causes, {**warnings, **_warnings(installation)})


def _warnings(installation: Installation) -> dict[str, str]:
    """Plugins that are not in service, without what a stranger need not know of them."""
    ill = [
        record
        for record in installation.host.records
        if record.status in (Status.FAILED, Status.QUARANTINED)
    ]
    if not ill:
        return {}
    text = f"Not in service: {len(ill)} of {len(installation.host.records)}."
    return {PLUGINS: f"{text} See `fmhost plugins list`, and the log."}


def require_begun(installation: Installation) -> None:
    """See, once, that the database is at the revision of this program.

    From then on this process goes on where a newer program upgrades the database.

    :raises DatabaseNotReady: where it is not.
    """
    if installation not in _begun:
        installation.database.require_upgraded()
        _begun.add(installation)


def _check_database(installation: Installation, tell: Callable[[FmhostError], str]) -> HealthCheck:
    try:
        installation.database.require_upgraded()
    except UpgradedByNewer as error:
        if installation in _begun:  # it goes on until it is replaced
            return HealthCheck(DATABASE, True, tell(error))
        return HealthCheck(DATABASE, False, tell(error))
    except DatabaseNotReady as error:
        return HealthCheck(DATABASE, False, tell(error))
    _begun.add(installation)
    return HealthCheck(DATABASE, True)
