"""What every page knows: the site's name, who looks at it, and the menu."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from flask import request

from fmhost.plugin import MenuEntry, User, web


class Site:
    """The site as templates see it; each part is looked up when a template asks for it."""

    @cached_property
    def name(self) -> str:
        """What the platform is called."""
        return web.platform_name()

    @cached_property
    def user(self) -> User | None:
        """Who looks at the page, if anybody is logged in."""
        return web.user_or_none()

    @cached_property
    def menu(self) -> Sequence[MenuEntry]:
        """The entries of all plugins that the user may see."""
        return web.menu()

    @cached_property
    def plugins(self) -> Sequence[str]:
        """The active plugins with their versions."""
        return [f"{record.name} ({record.version})" for record in web.installation().host.active]

    def is_here(self, entry: MenuEntry) -> bool:
        """Whether the page is the one that a menu entry leads to, or below it."""
        below = entry.url != "/" and request.path.startswith(f"{entry.url}/")
        return below or request.path == entry.url
