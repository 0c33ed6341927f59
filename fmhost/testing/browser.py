"""A real browser for tests of pages: headless Chromium, driven by Playwright.

It is the system's, or the one that Playwright keeps. Run as a program (``make test`` does), this
module installs one where there is none.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

#: Names of the program, the most usual first.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

#: Ways to get it, in the order in which they are tried; the first is for whoever may install
#: packages of the system.
_WAYS = (
    "apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive "
    "apt-get install --quiet=2 --yes --no-install-recommends chromium",
    f"{sys.executable} -m playwright install chromium",
)

#: What Chromium notes where a test types before the page has put the focus where it wants it.
_HASTE = "Autofocus processing was blocked because a document already has a focused element."


def note_console(page: Any, said: list[str]) -> None:
    """Collect what a page writes to the console of the browser from now on."""

    def note(message: Any) -> None:
        if message.text != _HASTE:
            said.append(message.text)

    page.on("console", note)


def find_chromium() -> Path | None:
    """The program, if there is one on this machine."""
    for program in filter(None, map(shutil.which, _NAMES)):
        return Path(program)
    from playwright.sync_api import sync_playwright  # takes half a second

    with sync_playwright() as playwright:
        kept = Path(playwright.chromium.executable_path)
    return kept if kept.exists() else None


def install_chromium() -> Path | None:
    """Get the program in one way or another; None where no way leads to it."""
    for way in _WAYS:
        subprocess.run(way, shell=True, stdout=subprocess.DEVNULL, check=False)
        if found := find_chromium():
            return found
    return None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Playwright's browser, for ``chromium.new_context(...)``; tests are skipped without one."""
    program = find_chromium()
    if program is None:
        pytest.skip("There is no Chromium on this machine; install it, or run `make test`.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Nothing foreign is shown, and test machines often forbid what the sandbox is made of.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


if __name__ == "__main__" and not (find_chromium() or install_chromium()):
    print("Chromium could not be installed: tests of pages will be skipped.", file=sys.stderr)
