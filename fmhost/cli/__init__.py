"""The ``fmhost`` program: a tree of commands that plugins bring, imported one at a time."""

from __future__ import annotations


def main() -> None:
    """Run the program with the arguments of the process."""
    from fmhost.cli.root import build_program

    build_program()(prog_name="fmhost")
