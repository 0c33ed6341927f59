"""What the kernel owns, so that no plugin can claim it."""

from __future__ import annotations

#: Groups of the kernel's commands by their path, with one line of help.
GROUPS = {"plugins": "See and check the plugins of this installation."}

#: The commands of the kernel by their path, each with its import path and one line of help.
COMMANDS = {
    "run": ("fmhost.cli.run:run", "Serve the API and the pages of the plugins."),
    "completion": (
        "fmhost.cli.completion:completion",
        "Print the script with which a shell completes fmhost commands.",
    ),
    "doctor": (
        "fmhost.cli.doctor:doctor",
        "Find out what is amiss with this installation, and what to do about it.",
    ),
    "routes": (
        "fmhost.cli.routes:routes",
        "List every route of the server, with its methods and the name of its endpoint.",
    ),
    "shell": (
        "fmhost.cli.shell:shell",
        "Open a Python shell with the installation, a session and all entities at hand.",
    ),
    "plugins list": (
        "fmhost.cli.plugins:list_plugins",
        "List the plugins with version, state and what they offer.",
    ),
    "plugins show": (
        "fmhost.cli.plugins:show_plugin",
        "Show one plugin: where it comes from, what it offers, why it is not active.",
    ),
    "plugins check": (
        "fmhost.cli.plugins:check_plugins",
        "Load all that the plugins offer; exit with 1 where one is not healthy.",
    ),
    "plugins hooks": (
        "fmhost.cli.plugin_hooks:show_hooks",
        "List every hook, what it is for and who implements it.",
    ),
    "plugins plan": (
        "fmhost.cli.plugin_plan:plan_plugins",
        "Say what a change of the plugins would add, remove or orphan.",
    ),
    "plugins new": (
        "fmhost.cli.plugin_new:new_plugin",
        "Make a complete plugin to start from.",
    ),
    "plugins purge": (
        "fmhost.cli.plugin_purge:purge_plugin",
        "Drop the tables of a plugin with all their data.",
    ),
}

#: Those that work where the settings are malformed, and plugins are unknown for that reason.
WITHOUT_SETTINGS = ("completion", "doctor")


def owns(kind: str, name: str) -> bool:
    """Whether the kernel itself has what a plugin claims."""
    if kind == "command":
        return name in COMMANDS or name in GROUPS
    if kind == "setting":
        from fmhost.settings import DECLARATIONS  # needed where a plugin brings settings

        return name in DECLARATIONS
    return False
