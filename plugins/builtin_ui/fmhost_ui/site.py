"""What every page knows: the site's name, who looks at it, and the menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import current_app, request

from fmhost.plugin import MenuEntry, User, web


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the menu.

    :param key: what a template calls it in ``active_page``.
    :param icon: name of a Font Awesome icon; empty for none.
    """

    key: str
    url: str
    title: str
    icon: str = ""


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
    def menu(self) -> Sequence[Item]:
        """What the user may see: entries of plugins, then the views that the settings list."""
        entries = web.menu(request.path)
        return [*(Item(each.key, each.url, each.title) for each in entries), *self._views(entries)]

    def _views(self, entries: Sequence[MenuEntry]) -> list[Item]:
        """The views of FLEXMEASURES_MENU_LISTED_VIEWS that exist; our own that have an entry not
        a second time.
        """
        config = current_app.config
        taken = {web.view_at(entry.url) for entry in entries}
        items = []
        for view in web.names_for(config["FLEXMEASURES_MENU_LISTED_VIEWS"], self.user):
            key = view.strip("/")
            answers = web.view_at(f"/{key}")
            is_ours_and_there = answers in taken and f"{answers}".startswith("ui.")
            if answers is not None and not is_ours_and_there:
                titles = config["FLEXMEASURES_MENU_LISTED_VIEW_TITLES"]
                icons = config["FLEXMEASURES_MENU_LISTED_VIEW_ICONS"]
                title = titles.get(key) or key.replace("-", " ").capitalize()
                items.append(Item(key, f"/{key}", title, icons.get(key, "")))
        return items

    @cached_property
    def plugins(self) -> Sequence[str]:
        """The active plugins with their versions."""
        return [f"{record.name} ({record.version})" for record in web.installation().host.active]

    @property
    def logo(self) -> str:
        """Where the logo is, if the settings name one."""
        return _address(current_app.config["FLEXMEASURES_MENU_LOGO_PATH"])

    @property
    def style(self) -> str:
        """Where the style sheet for all pages is, if the settings name one."""
        return _address(current_app.config["FLEXMEASURES_EXTRA_CSS_PATH"])

    def is_here(self, item: Item, active: str | None = None) -> bool:
        """Whether the page is the one that an item leads to, or below it.

        :param active: the key of the item, where the page's template says it.
        """
        if active:
            return item.key == active
        below = item.url != "/" and request.path.startswith(f"{item.url}/")
        return below or request.path == item.url


def _address(path: str) -> str:
    """A complete URL as it is, anything else from the root of the server."""
    return path if not path or "://" in path else "/" + path.lstrip("/")
