"""The colours of accounts as style sheets, since a page may have no style of its own."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Response

from fmhost.plugin import NotFound
from fmhost_ui.blueprint import blueprint

_COLOUR = re.compile(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}")


@blueprint.get("/ui/brand/<primary>/<secondary>.css")
def brand(primary: str, secondary: str) -> Response:
    """A style sheet with two colours, and with what can be read on the first."""
    if not (_COLOUR.fullmatch(primary) and _COLOUR.fullmatch(secondary)):
        raise NotFound("There are no such colours: three or six hexadecimal digits make one.")
    ink = "#ffffff" if luminance(primary) < 0.179 else "#000000"
    answer = Response(
        f":root {{ --brand: #{primary}; --brand-2: #{secondary}; --on-brand: {ink}; }}\n",
        mimetype="text/css",
    )
    answer.cache_control.max_age = int(timedelta(days=30).total_seconds())
    return answer


def luminance(colour: str) -> float:
    """Relative luminance of a colour of three or six hexadecimal digits, from 0 to 1.

    WCAG 2.1, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance. Above 0.179, black is more
    readable on it than white.
    """
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
