"""The page on the rules of time series names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_rule_has_its_test() -> None:
    page = (ROOT / "docs" / "time-series.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    paths = [*ROOT.glob("tests/*/test_*.py"), *ROOT.glob("plugins/*/tests/test_*.py")]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    assert named
    assert named - set(re.findall(r"^def (test_\w+)\(", sources, re.MULTILINE)) == set()
