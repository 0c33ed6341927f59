"""Prints the documentation of all settings."""

from __future__ import annotations

from fmhost.settings.documentation import markdown

print(markdown(), end="")
