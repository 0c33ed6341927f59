"""The page of the documentation that lists every command: ``python -m fmhost.cli.documentation``.

It is written from the commands themselves, those of the installed plugins included.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from fmhost.cli.root import build_program

_INTRODUCTION = """# Commands

<!-- Made by `make docs` from the commands; edit those. -->

Every command of the `fmhost` program with its options; `--help` after any command shows the same.
Options that name an entity by its ID have an older name, too (`--sensor` is `--sensor-id`).
Commands end with exit code 0; with 2 where they were used in a wrong way or a setting is wrong;
with 1 where they could not do what they were asked for."""


def page() -> str:
    """The whole page, in Markdown."""
    program = build_program()
    with click.Context(program, info_name="fmhost") as context:
        sections = [_INTRODUCTION, *_sections(program, context)]
    return "\n\n".join(sections) + "\n"


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    """What there is to say about a command, and about all below it."""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is not None and not member.hidden:
                with click.Context(member, info_name=name, parent=context) as inner:
                    yield _describe(member, inner)
                    yield from _sections(member, inner)


def _describe(command: click.Command, context: click.Context) -> str:
    level = "##" if context.parent and context.parent.parent is None else "###"
    parts = [f"{level} {context.command_path}"]
    help_text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    parts.extend(part for part in [help_text] if part)
    usage = " ".join(command.collect_usage_pieces(context))
    if not isinstance(command, click.Group) or command.params:
        parts.append(f"    {context.command_path} {usage}".rstrip())
    rows = [record for parameter in command.params if (record := _row(parameter, context))]
    if rows:
        parts.append("| Option | Meaning |\n|---|---|\n" + "\n".join(rows))
    return "\n\n".join(parts)


def _row(parameter: click.Parameter, context: click.Context) -> str | None:
    record = parameter.get_help_record(context)
    if record is None or not isinstance(parameter, click.Option):
        return None
    name, meaning = (text.replace("|", "\\|") for text in record)
    return f"| `{name}` | {meaning} |"


if __name__ == "__main__":
    print(page(), end="")
