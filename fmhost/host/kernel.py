"""What the kernel owns, so that no plugin can claim it."""

from __future__ import annotations

#: The commands of the kernel by their path, each with its import path and one line of help.
COMMANDS = {
    "run": ("fmhost.cli.run:run", "Serve the API and the pages of the plugins."),
    "plugins": ("fmhost.cli.plugins:plugins", "See and check the plugins of this installation."),
}


def owns(kind: str, name: str) -> bool:
    """Whether the kernel itself has what a plugin claims."""
    if kind == "command":
        return name in COMMANDS
    if kind == "setting":
        from fmhost.settings import DECLARATIONS  # needed where a plugin brings settings

        return name in DECLARATIONS
    return False
