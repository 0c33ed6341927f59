"""What a distribution says about itself, read only when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata


@dataclass(frozen=True, slots=True)
class About:
    """Texts from the metadata of a distribution; empty where it does not say."""

    summary: str = ""
    licence: str = ""
    author: str = ""
    homepage: str = ""


def about(distribution: str) -> About:
    """What the installed `distribution` says about itself."""
    try:
        said = metadata(distribution)
    except (PackageNotFoundError, ValueError):
        return About()

    def first(*fields: str) -> str:
        return next((text for name in fields for text in said.get_all(name) or () if text), "")

    return About(
        summary=first("Summary"),
        licence=first("License-Expression", "License"),
        author=first("Author", "Author-email"),
        homepage=first("Home-page") or first("Project-URL").partition(",")[2].strip(),
    )
