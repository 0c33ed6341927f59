"""Build small distributions and install them into a folder that can be put on the import path.

For tests that need plugins which are really installed, with metadata, version and entry points,
rather than lists that a test has put together. A wheel is a zip file of pure Python, and
installing one is unpacking it (see the specification of the binary distribution format),
so no installer is run and a test costs milliseconds.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import os
import re
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ENTRY_POINT_GROUP = "fmhost.plugins"


@dataclass(frozen=True, slots=True)
class Distribution:
    """What goes into a wheel.

    :param name: of the distribution, such as ``"acme-weather"``.
    :param files: text by path, such as ``{"acme/__init__.py": ""}``; indentation that all lines
        share is taken off.
    :param entry_points: import path by name, by group.
    """

    name: str
    files: Mapping[str, str]
    version: str = "1.0"
    summary: str = ""
    entry_points: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    requires: Sequence[str] = ()


def plugin(
    name: str, manifest: str, files: Mapping[str, str] | None = None, *, version: str = "1.0"
) -> Distribution:
    """A distribution ``acme-<name>`` with the package ``acme_<name>`` and one plugin.

    :param manifest: the source of its module ``manifest``, which binds ``manifest``; names from
        :mod:`fmhost.plugin` are imported above it.
    :param files: further modules of the package, by file name.
    """
    package = "acme_" + re.sub(r"\W", "_", name)
    header = (
        "from fmhost.plugin import Command, CommandGroup, Driver, Manifest, MenuEntry, Pages\n\n"
    )
    modules = {"__init__.py": "", "manifest.py": header + textwrap.dedent(manifest)}
    return Distribution(
        name=f"acme-{name}",
        version=version,
        summary=f"A plugin named {name}",
        files={f"{package}/{path}": text for path, text in {**modules, **(files or {})}.items()},
        entry_points={ENTRY_POINT_GROUP: {name: f"{package}.manifest:manifest"}},
    )


def build_wheel(distribution: Distribution, folder: Path) -> Path:
    """Write the wheel of `distribution` into `folder`."""
    stem = f"{re.sub(r'[-_.]+', '_', distribution.name)}-{distribution.version}"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {distribution.name}",
        f"Version: {distribution.version}",
        f"Summary: {distribution.summary}",
        *(f"Requires-Dist: {requirement}" for requirement in distribution.requires),
    ]
    entry_points = [
        line
        for group, members in distribution.entry_points.items()
        for line in (f"[{group}]", *(f"{name} = {path}" for name, path in members.items()))
    ]
    wheel = [
        "Wheel-Version: 1.0",
        "Generator: fmhost",
        "Root-Is-Purelib: true",
        "Tag: py3-none-any",
    ]
    files = {path: textwrap.dedent(text) for path, text in distribution.files.items()}
    files |= {
        f"{stem}.dist-info/{name}": "\n".join([*lines, ""])
        for name, lines in (
            ("METADATA", metadata),
            ("WHEEL", wheel),
            ("entry_points.txt", entry_points),
        )
    }
    record = f"{stem}.dist-info/RECORD"
    files[record] = "\n".join([*(_recorded(*item) for item in files.items()), f"{record},,", ""])
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def _recorded(path: str, text: str) -> str:
    content = text.encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}"


def install(wheel: Path, folder: Path) -> None:
    """Install a wheel of pure Python into `folder`, as ``pip install --target`` does."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)


class Site:
    """A folder with installed distributions.

    :param folder: where; made if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def install(self, *distributions: Distribution) -> None:
        """Build and install these distributions."""
        wheels = self.folder.with_name(f"{self.folder.name}-wheels")
        wheels.mkdir(exist_ok=True)
        for distribution in distributions:
            install(build_wheel(distribution, wheels), self.folder)
        importlib.invalidate_caches()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Within the block, this process imports from the folder first.

        Afterwards the import path is as before, and the modules that came from the folder are
        forgotten.
        """
        sys.path.insert(0, str(self.folder))
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path.remove(str(self.folder))
            importlib.invalidate_caches()
            for name, module in list(sys.modules.items()):
                origin = getattr(module, "__file__", None)
                if origin and Path(origin).is_relative_to(self.folder):
                    del sys.modules[name]

    def run(
        self, *arguments: str, instance: Path, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``fmhost`` with these arguments in a process that has the folder on its path.

        :param instance: the instance folder, which is also the working directory and the home.
        :param environ: further environment variables.
        """
        instance.mkdir(parents=True, exist_ok=True)
        return subprocess.run(
            [sys.executable, "-c", "from fmhost.cli import main; main()", *arguments],
            cwd=instance,
            env={
                "PATH": os.defpath,
                "HOME": str(instance),
                "FMHOST_INSTANCE": str(instance),
                "PYTHONPATH": str(self.folder),
                "PYTHONWARNINGS": "error",
                **(environ or {}),
            },
            capture_output=True,
            text=True,
            check=False,
        )
