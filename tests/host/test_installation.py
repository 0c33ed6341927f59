"""An installation opens with its plugins: configured, started, and strict where that is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fmhost.errors import PluginError
from fmhost.services.installation import Installation
from fmhost.settings import load
from fmhost.testing.distributions import Distribution, plugin

BROKEN = plugin("broken", "manifest = Manifest('broken', requires=['nowhere'])")


def test_an_installation_has_the_settings_of_its_plugins_and_starts_them(
    install: Callable[..., None], good: Distribution, tmp_path: Path
) -> None:
    install(good, BROKEN)
    environ = {"FMHOST_INSTANCE": str(tmp_path), "GOOD_COLOUR": "red"}
    installation = Installation.open(load(environ=environ))
    try:
        assert installation.settings["GOOD_COLOUR"] == "red"
        assert installation.host.plugins["good"].stage == "active"
        assert installation.host.plugins["broken"].status == "failed"
    finally:
        installation.close()


def test_strict_plugins_refuse_to_open_it(
    install: Callable[..., None], good: Distribution, tmp_path: Path
) -> None:
    install(good, BROKEN)
    environ = {"FMHOST_INSTANCE": str(tmp_path), "FMHOST_STRICT_PLUGINS": "true"}
    with pytest.raises(PluginError, match=r"'broken' \(acme-broken 1\.0\) is failed"):
        Installation.open(load(environ=environ))
