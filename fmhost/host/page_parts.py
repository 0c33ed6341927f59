"""What plugins add to the pages of sensors and assets."""

from __future__ import annotations

from dataclasses import dataclass

from fmhost.errors import PluginError
from fmhost.host import checks


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page of a sensor or asset.

    :param key: name of the panel, unique within the plugin.
    :param title: its heading.
    :param content: what stands in it. Text is shown as it is; for markup, render a template with
        :func:`fmhost.plugin.web.fragment`.
    :param permission: only users with this permission see it; None for all who see the page.
    """

    key: str
    title: str
    content: str
    permission: str | None = None

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the page of an asset; fields are as those of :class:`Panel`.

    :param content: may be empty where another tab is looked at.
    """

    key: str
    title: str
    content: str = ""
    permission: str | None = None

    def __post_init__(self) -> None:
        _check(self)


def _check(part: Panel | Tab) -> None:
    kind = type(part).__name__
    checks.text(part.key, f"{kind}.key", checks.OFFER)
    checks.text(part.title, f"{kind}.title", checks.LINE)
    if not isinstance(part.content, str):
        raise PluginError(
            f"{kind}.content must be text, not {part.content!r}.",
            hint="Use web.fragment(template, ...) or a string.",
        )
    checks.optional_text(part.permission, f"{kind}.permission", checks.OFFER)
