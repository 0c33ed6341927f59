"""Secrets never show: not in listings, not in error messages, not in logs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"

_SECRET_NAME = r"(?i)PASSW|TOKEN|SECRET|SALT|CREDENTIAL|DSN|_KEYS?$|^KEYS?$|APIKEY"
_URI_PASSWORD = r"(?<=://)([^\s/:@]*):\S*@"
_NAMED_PASSWORD = r"(?i)((?:password|passwd|token|secret)\s*=\s*)[^\s&;,'\"]+"


def names_a_secret(name: str) -> bool:
    """Whether an undeclared setting or a dictionary key sounds as if its value were a secret."""
    return re.search(_SECRET_NAME, name) is not None


def masked(value: Any) -> Any:
    """The value with the passwords inside URIs and dictionaries, at any depth, replaced."""
    if isinstance(value, str):
        value = re.sub(_URI_PASSWORD, rf"\1:{MASK}@", value)
        return re.sub(_NAMED_PASSWORD, rf"\1{MASK}", value)
    if isinstance(value, Mapping):
        return {key: _masked_entry(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each) for each in value]
    if isinstance(value, tuple):
        return tuple(masked(each) for each in value)
    return value


def _masked_entry(key: Any, value: Any) -> Any:
    if value and isinstance(key, str) and names_a_secret(key):
        return MASK
    return masked(value)


def shown(value: Any, *, secret: bool) -> Any:
    """The value as people may see it; an unset secret shows as such."""
    return MASK if secret and value not in (None, "", {}, []) else masked(value)
