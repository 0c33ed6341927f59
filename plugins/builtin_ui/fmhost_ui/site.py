"""What every page knows: the site's name and look, who looks at it, and the menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Final

from flask import current_app, request, url_for

from fmhost.plugin import MenuEntry, User, web
from fmhost_ui.wording import elapsed


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


def manages_accounts(user: User) -> bool:
    """Whether the user looks after accounts: all of them, or those of clients."""
    return web.reads_everything() or user.has_role("consultant")


def manages_users(user: User) -> bool:
    """Whether the user looks after users, of other accounts or of the own one."""
    return manages_accounts(user) or user.has_role("account-admin")


def _everybody(_: User) -> bool:
    return True


def sees_queues(user: User | None) -> bool:
    """Whether the user may look at the job queues: admins, and in demo mode everybody."""
    return user is not None and (
        web.reads_everything() or web.installation().settings.mode == "demo"
    )


#: Our own views that are not for everybody in the menu.
_FOR: Final[dict[str, Callable[[User], bool]]] = {
    "users": manages_users,
    "accounts": manages_accounts,
    "tasks": sees_queues,
    "plugins": lambda _: web.reads_everything(),
}

#: Our own views that are in the menu whether or not the settings list them.
_ALWAYS: Final = ("accounts", "tasks", "plugins")


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
    def reads_everything(self) -> bool:
        """Whether the user is an admin or an admin-reader."""
        return web.reads_everything()

    @cached_property
    def menu(self) -> Sequence[Item]:
        """What the user may see: the views that the settings list and what is always there, then
        the entries of plugins.
        """
        if self.user is None:
            return []
        entries = web.menu(request.path)
        listed = self._views(self.user, entries)
        others = [Item(each.key, each.url, each.title) for each in entries]
        return [*listed, *others]

    @property
    def has_icons(self) -> bool:
        """Whether the menu has icons."""
        return any(item.icon for item in self.menu)

    def _views(self, user: User, entries: Sequence[MenuEntry]) -> list[Item]:
        """Those that exist and are for the user; those that have an entry not a second time."""
        config = current_app.config
        listed = web.names_for(config["FLEXMEASURES_MENU_LISTED_VIEWS"], user)
        keys = dict.fromkeys(view.strip("/") for view in (*listed, *_ALWAYS))
        taken = {entry.url.strip("/") for entry in entries}
        items = []
        for key in keys:
            answers = web.view_at(f"/{key}")
            slash = "/" if answers == f"/{key}" else ""  # where it leads on, it leads there
            is_ours = f"{web.view_at(f'/{key}{slash}')}".startswith("ui.")
            is_for_user = not is_ours or _FOR.get(key, _everybody)(user)
            if key == "accounts" and not is_for_user:
                items.append(Item("account", f"/accounts/{user.account_id}", "My account"))
            elif answers is not None and is_for_user and key not in taken:
                titles = config["FLEXMEASURES_MENU_LISTED_VIEW_TITLES"]
                icons = config["FLEXMEASURES_MENU_LISTED_VIEW_ICONS"]
                title = titles.get(key) or key.replace("-", " ").capitalize()
                items.append(Item(key, f"/{key}{slash}", title, icons.get(key, "")))
        return items

    @cached_property
    def plugins(self) -> Sequence[str]:
        """The active plugins with their versions."""
        return [f"{record.name} (v{record.version})" for record in web.installation().host.active]

    @cached_property
    def version(self) -> str:
        """The version of fmhost."""
        return version("fmhost")

    @property
    def running_since(self) -> str:
        """How long this server runs, in words."""
        started = current_app.extensions["fmhost_ui"]["started"]
        return elapsed(web.installation().now() - started)

    @cached_property
    def logo(self) -> str:
        """Where the logo is, if the user's account or the settings have one."""
        own = self.user.account.branding().logo_url if self.user is not None else None
        return _address(own or current_app.config["FLEXMEASURES_MENU_LOGO_PATH"])

    @property
    def colours(self) -> str:
        """Where the style sheet with the colours of the user's account is; empty for nobody's."""
        if self.user is None:
            return ""
        branding = self.user.account.branding()
        return url_for(
            "ui.brand",
            primary=branding.primary_color.lstrip("#"),
            secondary=branding.secondary_color.lstrip("#"),
        )

    @property
    def style(self) -> str:
        """Where the style sheet for all pages is, if the settings name one."""
        return _address(current_app.config["FLEXMEASURES_EXTRA_CSS_PATH"])

    @property
    def links(self) -> Sequence[tuple[str, str]]:
        """Pages elsewhere that the settings name, with what they are."""
        config = current_app.config
        pages = (
            ("FLEXMEASURES_SUPPORT_PAGE", "Support"),
            ("FLEXMEASURES_TOS_PAGE", "Terms of service"),
        )
        return [(title, config[name]) for name, title in pages if config[name]]

    @property
    def signup_page(self) -> str | None:
        """Where people sign up, if the settings say so."""
        page: str | None = current_app.config["FLEXMEASURES_SIGNUP_PAGE"]
        return page

    @property
    def demo_credentials(self) -> tuple[str, str] | None:
        """E-mail address and password that everybody may use, in demo mode."""
        settings = web.installation().settings
        told = settings["FLEXMEASURES_PUBLIC_DEMO_CREDENTIALS"]
        return told if told and settings.mode == "demo" else None

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
