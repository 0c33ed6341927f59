"""Nothing secret is written down: neither what the settings hold, nor what clients send."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fmhost.settings import Settings
from fmhost.settings.masking import MASK, masked

#: Shorter values are words that may stand in any text.
_SHORTEST = 6

#: API keys; tokens that are signed: payload, time, signature; headers and fields with a secret.
_PATTERNS = (
    (r"\bfmk_[\w-]{8,}", f"fmk_{MASK}"),
    (r"[.]?\b[\w-]{4,}\.[\w-]{6}\.(?=[\w-]*[A-Z0-9])[\w-]{27,86}", MASK),
    (r"(?i)\b((?:set-)?cookie|(?:proxy-)?authorization)(['\"]?\s*[:=]\s*)[^\r\n]+", rf"\1\2{MASK}"),
    (
        r"(?i)(['\"]?\w*(?:password|passwd|secret|token|api_?key)['\"]?\s*:\s*)"
        r"('[^']*'|\"[^\"]*\"|[^\s,;}]+)",
        rf"\1{MASK}",
    ),
)


class Redaction:
    """Replaces secrets in texts.

    :param settings: those of which the secret ones are replaced wherever they stand.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        known = set() if settings is None else set(_secrets_of(settings))
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        text = str(masked(text))
        for pattern, replacement in _PATTERNS:
            text = re.sub(pattern, replacement, text)
        return text


def _secrets_of(settings: Settings) -> Iterator[str]:
    for setting in settings.declarations.values():
        if setting.secret:
            yield from _texts(settings[setting.name])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= _SHORTEST:
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
