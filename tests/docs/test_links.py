"""Readers of the documentation get everywhere from its index, and no link leads nowhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])

_FENCED = re.compile(r"^( *)(```+).*?^\1\2$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z]+:")


def links(page: Path) -> list[str]:
    """The targets of the links in a page, but for those to other sites."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    return [target for target in _LINK.findall(text) if not _ELSEWHERE.match(target)]


@cache
def anchors(page: Path) -> set[str]:
    """How the headings of a page are addressed."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?)\s*$", text, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        twins = sum(1 for each in found if re.fullmatch(rf"{re.escape(slug)}(-\d+)?", each))
        found.add(f"{slug}-{twins}" if twins else slug)
    return found


def target_of(page: Path, link: str) -> Path:
    return (page.parent / link.partition("#")[0]).resolve() if link[0] != "#" else page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    broken = []
    for link in links(page):
        target, fragment = target_of(page, link), link.partition("#")[2]
        if not target.exists() or (fragment and fragment not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_is_reached_from_the_index_and_the_index_from_the_front_page():
    index = DOCS / "README.md"
    assert index in {target_of(ROOT / "README.md", link) for link in links(ROOT / "README.md")}
    reached, next_pages = set(), [index]
    while next_pages:
        page = next_pages.pop()
        if page not in reached:
            reached.add(page)
            targets = [target_of(page, link) for link in links(page)]
            next_pages += [each for each in targets if each.suffix == ".md"]
            next_pages += [each for folder in targets for each in folder.glob("*.md")]
    assert set(DOCS.rglob("*.md")) - reached == set()
