"""Fixtures: plugins that are really installed, hosts that have them, and the ``fmhost`` program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fmhost.cli.root import build_program
from fmhost.host.host import Composition, Host
from fmhost.testing.distributions import Distribution, Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A folder for installed distributions, from which this process imports during the test."""
    site = Site(tmp_path / "site")
    with site.active():
        yield site


@pytest.fixture
def install(site: Site) -> Callable[..., None]:
    """``install(*distributions)``: from then on this process can import them."""
    return site.install


@pytest.fixture
def open_host(site: Site) -> Callable[..., Host]:
    """``open_host(*distributions, **composition)``: a host in an installation that has them."""

    def build(*distributions: Distribution, **composition: Any) -> Host:
        site.install(*distributions)
        return Host(Composition(**composition))

    return build


@pytest.fixture
def fmhost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``fmhost("plugins", "list", FMHOST_PREFER=...)``: run the program in this process.

    It works on an instance folder of the test's own, which is its working directory too.
    """
    instance = tmp_path / "instance"
    instance.mkdir()
    monkeypatch.chdir(instance)

    def run(*arguments: str, stdin: str | None = None, **environ: str) -> Result:
        env = {"HOME": str(instance), "FMHOST_INSTANCE": str(instance), **environ}
        return CliRunner(env=env).invoke(
            build_program(), arguments, input=stdin, prog_name="fmhost"
        )

    return run
