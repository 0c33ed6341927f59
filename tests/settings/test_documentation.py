"""The page on settings is complete, current and correct."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from fmhost.settings import DECLARATIONS, load

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_the_generated_one() -> None:
    command = [sys.executable, "-m", "fmhost.settings"]
    generated = subprocess.run(command, capture_output=True, check=True).stdout
    assert PAGE.read_bytes() == generated, "run: python -m fmhost.settings > docs/settings.md"


@pytest.mark.parametrize("name", DECLARATIONS)
def test_every_setting_is_on_the_page(name: str) -> None:
    assert len(re.findall(rf"^\| `{name}`", PAGE.read_text(), re.MULTILINE)) == 1


def test_every_row_has_five_cells() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    settings = [row for row in rows if len(re.split(r"(?<!\\)\|", row)) == 7]
    assert len(settings) == len(DECLARATIONS)


def test_the_example_is_a_config_file_without_mistakes(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    path = tmp_path / "fmhost.cfg"
    path.write_text(example)
    settings = load(environ={}, config_path=path)
    assert settings.warnings == ()
    assert settings["FLEXMEASURES_TIMEZONE"] == "Europe/Amsterdam"
    assert settings["MY_PLUGIN_URL"] == "https://example.org"
