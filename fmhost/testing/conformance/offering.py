"""Put a class into the registry, as if a plugin brought it."""

from __future__ import annotations

from typing import Any

from fmhost.host.host import Host
from fmhost.host.lifecycle import PluginRecord, Stage
from fmhost.host.manifest import Driver, Manifest
from fmhost.host.registry import Registered

#: Name of the plugin that brings classes which no installed plugin brings.
UNDER_TEST = "under-test"


def offer(host: Host, kind: str, driver: type[Any]) -> Registered:
    """How the registry knows the class; one that no installed plugin brings is added first.

    :param kind: ``"scheduler"`` or ``"forecaster"``.
    """
    for name, offered in host.registry.offers(kind).items():
        same_name = offered.driver.target.rpartition(":")[2] == driver.__name__
        if same_name and host.registry.get(kind, name)[0] is driver:
            return offered
    target = f"{UNDER_TEST}:driver"
    host.registry.add(
        PluginRecord(
            UNDER_TEST,
            distribution=UNDER_TEST,
            version="0",
            entry_point=target,
            manifest=Manifest(UNDER_TEST, **{f"{kind}s": {UNDER_TEST: Driver(target)}}),  # type: ignore[arg-type]
            stage=Stage.ACTIVE,
            provided={target: driver},
        )
    )
    return host.registry.offers(kind)[UNDER_TEST]
