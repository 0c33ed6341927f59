"""What the UI plugin offers."""

from __future__ import annotations

from fmhost.plugin import Manifest, Pages
from fmhost_ui.routes import ROUTES

manifest = Manifest(
    name="ui",
    pages=(Pages("fmhost_ui.pages:blueprint", routes=ROUTES),),
)
