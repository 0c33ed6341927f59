"""What the UI plugin offers."""

from __future__ import annotations

from fmhost.plugin import Manifest, MenuEntry, Pages

manifest = Manifest(
    name="ui",
    pages=(
        Pages(
            "fmhost_ui.pages:blueprint",
            routes=(
                "/",
                "/dashboard",
                "/assets/<id>",
                "/sensors/<id>",
                "/favicon.ico",
                "/ui/static/<path:filename>",
            ),
        ),
    ),
    menu=(MenuEntry(key="ui.home", url="/", title="Assets"),),
)
