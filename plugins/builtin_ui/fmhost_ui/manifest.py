"""What the UI plugin offers."""

from __future__ import annotations

from fmhost.plugin import Manifest

manifest = Manifest(name="ui")
