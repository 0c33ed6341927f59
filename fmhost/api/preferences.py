"""How a user wants to see the pages about assets: kept in the session of the browser."""

from __future__ import annotations

from typing import Any

from flask import session as browser_session

from fmhost.api.operations import Answer, Resource
from fmhost.schemas.preferences import (
    DefaultAssetViewSchema,
    LegendPositionSchema,
    PreferenceSavedSchema,
)

preferences = Resource("preferences", __name__, url_prefix="/api/v3_0/assets")

#: Keys in the session, from which pages read what is preferred.
DEFAULT_ASSET_VIEW = "default_asset_view"
KEEP_LEGENDS_BELOW = "keep_legends_below_graphs"


@preferences.operation(
    "POST",
    "/default_asset_view",
    schema=DefaultAssetViewSchema(),
    answer=PreferenceSavedSchema,
    writes=False,  # to no database
)
def set_default_asset_view(given: dict[str, Any]) -> Answer:
    """Choose which page about an asset the browser shows first, for as long as the session lasts.

    With `use_as_default` false, the choice is forgotten.
    """
    if given["use_as_default"]:
        browser_session[DEFAULT_ASSET_VIEW] = given["default_asset_view"]
    else:
        browser_session.pop(DEFAULT_ASSET_VIEW, None)
    return {"message": "Default asset view updated successfully."}


@preferences.operation(
    "POST",
    "/keep_legends_below_graphs",
    schema=LegendPositionSchema(),
    answer=PreferenceSavedSchema,
    writes=False,  # to no database
)
def set_legend_position(given: dict[str, Any]) -> Answer:
    """Choose whether legends are always below graphs, for as long as the session lasts.

    Else they are beside graphs where there are seven sensors or more.
    """
    browser_session[KEEP_LEGENDS_BELOW] = given["keep_legends_below_graphs"]
    return {"message": "Legend position preference updated successfully."}
