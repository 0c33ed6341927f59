"""What the readers of the tutorials have: a shell with the program, and the demo's server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from fmhost.model.database import Database


@pytest.fixture
def environment(empty_database: Database, tmp_path: Path) -> dict[str, str]:
    """What a reader's shell has: the program on the path; for PostgreSQL, the database as well."""
    variables = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    if empty_database.dialect == "postgresql":
        variables["SQLALCHEMY_DATABASE_URI"] = empty_database.url.render_as_string(
            hide_password=False
        )
    return variables


@pytest.fixture
def demo(environment: dict[str, str], tmp_path: Path) -> str:
    """The installation of the demo; the password of its user."""
    finished = subprocess.run(
        ["fmhost", "demo"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout.partition(" password ")[2].split()[0]


@pytest.fixture
def serve(
    demo: str, environment: dict[str, str], tmp_path: Path
) -> Callable[..., AbstractContextManager[str]]:
    """``with serve(**settings) as url:`` runs a server of the demo; settings are variables."""

    @contextmanager
    def serving(**settings: str) -> Iterator[str]:
        with subprocess.Popen(
            ["fmhost", "run", "--port", "0", "--workers", "2"],
            cwd=tmp_path,
            env=environment | settings | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                announced = process.stdout.readline().split()
                yield announced[3].removesuffix("/api/")
            finally:
                process.terminate()

    return serving
