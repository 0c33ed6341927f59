"""What a map is made of: the outline that comes along, or pictures of a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import url_for


def described(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the script of maps needs to know.

    ``box`` has the corners of what is shown where no asset has a location; ``tiles`` is the address
    of pictures with ``{z}``, ``{x}`` and ``{y}``, or None.
    """
    return {
        "box": settings["FLEXMEASURES_DEFAULT_BOUNDING_BOX"],
        "outline": url_for("ui.static", filename="vendor/natural-earth/world.json"),
        "tiles": tiles(settings),
        "attribution": settings["FMHOST_MAP_ATTRIBUTION"],
    }


def tiles(settings: Mapping[str, Any]) -> str | None:
    """The address of the pictures that maps are made of; None where there are none."""
    address: str | None = settings["FMHOST_MAP_TILES"]
    if not address or not urlsplit(address).netloc:
        return None
    return address.replace("{token}", settings["MAPBOX_ACCESS_TOKEN"] or "")
