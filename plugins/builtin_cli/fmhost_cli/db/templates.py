"""What ``fmhost db init`` can make."""

from __future__ import annotations

#: Templates by name, with what they are.
TEMPLATES = {
    "plugin": "The revisions of a plugin's tables, which fmhost's own environment runs.",
}
