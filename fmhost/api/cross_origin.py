"""Pages of other origins that may call this server (CORS)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_cors import CORS

from fmhost.errors import ConfigurationError
from fmhost.settings import Settings

logger = logging.getLogger("fmhost.requests")

#: Headers of answers that pages of other origins may read.
_EXPOSED = (
    "API-Version",
    "Deprecation",
    "Fmhost-Version",
    "FlexMeasures-Version",
    "Link",
    "Location",
    "Retry-After",
    "Sunset",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
)

#: How long browsers may remember that a page may ask [s].
_MAX_AGE = 600

_ALL = ("*", ".*")
_REGEX = re.compile(r"[*\\\]?$^\[()]")


def allow_other_origins(app: Flask, settings: Settings) -> None:
    """Let pages of those origins call `app` that the settings name; none where they name none.

    :raises ConfigurationError: where the settings make no sense.
    """
    found = settings["CORS_RESOURCES"]
    options = found if isinstance(found, Mapping) else dict.fromkeys(found)
    try:
        resources = {path: _options(settings, own or {}) for path, own in options.items()}
        if any(each["origins"] for each in resources.values()):
            CORS(app, resources=resources)
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"CORS_RESOURCES and CORS_ORIGINS cannot be used: {error}.",
            field="CORS_RESOURCES",
            hint="Give regular expressions of paths, or a dictionary of them with options.",
        ) from error


def _options(settings: Settings, own: Mapping[str, Any]) -> dict[str, Any]:
    """All options of one resource; its own count before the settings."""
    origins = own.get("origins", settings["CORS_ORIGINS"])
    origins = [origins] if isinstance(origins, str) else list(origins)
    anybody = any(origin in _ALL for origin in origins)
    credentials = own.get("supports_credentials", settings["CORS_SUPPORTS_CREDENTIALS"])
    if anybody and credentials:
        # Any page could act in the name of whoever looks at it.
        logger.warning(
            "CORS_ORIGINS lets in the pages of all origins, so that they may not send cookies, "
            "whatever CORS_SUPPORTS_CREDENTIALS says. Name the origins that may."
        )
    return {
        "expose_headers": list(_EXPOSED),
        "max_age": _MAX_AGE,
        **own,
        "origins": "*" if anybody else [_whole(origin) for origin in origins],
        "supports_credentials": bool(credentials) and not anybody,
        "send_wildcard": anybody,
    }


def _whole(origin: str) -> str | re.Pattern[str]:
    """An origin; where it is a regular expression, one that has to match all of it."""
    if not _REGEX.search(origin):
        return origin
    return re.compile(rf"(?:{origin})\Z", re.IGNORECASE)
