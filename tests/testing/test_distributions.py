"""Wheels that tests build are real ones."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from fmhost.testing.distributions import Distribution, Site, build_wheel, plugin

WEATHER = plugin(
    "weather", "manifest = Manifest('weather')", {"code.py": "    x = 1\n"}, version="2.5"
)
#: What pip adds for its own book-keeping.
OF_PIP = {"INSTALLER", "REQUESTED", "direct_url.json"}


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {*OF_PIP, "RECORD"}
    }


def test_a_site_holds_what_pip_would_install(tmp_path: Path) -> None:
    wheel = build_wheel(WEATHER, tmp_path)
    options = ["--no-index", "--no-deps", "--no-compile", "--disable-pip-version-check", "--quiet"]
    by_pip = tmp_path / "pip"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(by_pip), str(wheel)],
        check=True,
    )
    site = Site(tmp_path / "site")
    site.install(WEATHER)
    assert tree(site.folder) == tree(by_pip)
    assert (site.folder / "acme_weather/code.py").read_text() == "x = 1\n"


def test_the_import_path_and_the_modules_are_as_before_afterwards(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.install(Distribution("acme-tank", {"acme_tank.py": "x = 1"}, version="3.1"))
    before = list(sys.path)
    with site.active():
        import acme_tank  # type: ignore[import-not-found]

        assert acme_tank.x == 1
        assert distribution("acme-tank").version == "3.1"
    assert sys.path == before
    assert "acme_tank" not in sys.modules
