"""Packages that are needed where a setting asks for them, and not imported otherwise."""

from __future__ import annotations

import importlib
from typing import Any

from fmhost.errors import ConfigurationError


def needed(module: str, *, setting: str, extra: str) -> Any:
    """The module.

    :param setting: the one that asks for it.
    :param extra: of the distribution ``fmhost``, which brings it.
    :raises ConfigurationError: where it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"{setting} is set, and the package that it needs is not installed: {error}.",
            field=setting,
            hint=f'Install it with: pip install "fmhost[{extra}]", or leave {setting} empty.',
        ) from error
