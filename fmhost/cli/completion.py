"""``fmhost completion``: have a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

#: The variable by which the shell asks for completions.
VARIABLE = "_FMHOST_COMPLETE"

_SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def completion(shell: str) -> None:
    """Print the script with which a shell completes fmhost commands and their options.

    \b
    bash: fmhost completion bash > ~/.local/share/bash-completion/completions/fmhost
    zsh:  fmhost completion zsh > ~/.fmhost.zsh, and `source ~/.fmhost.zsh` in ~/.zshrc
    fish: fmhost completion fish > ~/.config/fish/completions/fmhost.fish
    """
    root = click.get_current_context().find_root()
    script = _SHELLS[shell](root.command, {}, "fmhost", VARIABLE)
    # Not source(), which for bash asks the bash of this machine for its version.
    click.echo(script.source_template % script.source_vars())
