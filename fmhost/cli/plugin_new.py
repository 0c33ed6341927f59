"""``fmhost plugins new``: a complete plugin to start from."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

import click

from fmhost.cli.context import current_program
from fmhost.cli.scaffold import complete, render, template_folder
from fmhost.errors import Conflict, InvalidInput

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@click.command("new")
@click.argument("name")
@click.option("--description", help="What it does, in one sentence.")
@click.option("--author", help="Who writes it.")
@click.option("--email", help="Where to reach the author.")
@click.option("--url", help="Its home page.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("."),
    help="Where to make it; default here.",
)
@click.option("--no-input", is_flag=True, help="Ask nothing; use defaults for what is not given.")
def new_plugin(
    name: str,
    description: str | None,
    author: str | None,
    email: str | None,
    url: str | None,
    folder: Path,
    no_input: bool,
) -> None:
    """Make a complete plugin NAME, such as my-plugin, to start from.

    It has a scheduler, a forecaster, a page, an API route, a command, settings, a table and tests,
    all of which work.
    """
    slug = re.sub(r"[\s_]+", "-", name.strip()).lower()
    _require_free(slug, name)
    target = folder / slug
    if target.exists():
        raise Conflict(f"{target} is there already.", hint="Choose another name or --folder.")
    template = template_folder("plugin")
    given = {"plugin_name": slug.replace("-", " ").title(), "plugin_slug": slug}
    if not no_input:
        defaults = complete(template, given)
        description = description or click.prompt("What it does", defaults["description"])
        author = author or click.prompt("Who writes it", "", show_default=False)
    answers = {
        "description": description or "",
        "author_name": author or "",
        "author_email": email or "",
        "plugin_url": url or "",
    }
    for field, text in answers.items():
        if re.search(r'["\\\n]', text):
            raise InvalidInput(
                f"{text!r} cannot be used.",
                field=field.replace("_", " "),
                hint="Leave out quotation marks and backslashes.",
            )
    made = render(template, complete(template, given | answers), folder)
    click.echo(f"Made {made}. Next:\n")
    for line in (f"cd {made}", "pip install --editable .", "pytest", "fmhost plugins check"):
        click.echo(f"  {line}")


def _require_free(slug: str, name: str) -> None:
    """See that a plugin can have this name.

    :raises InvalidInput: where it is no name, or Python has a module of that name.
    :raises Conflict: where a plugin of that name is installed.
    """
    module = slug.replace("-", "_")
    if not _SLUG.fullmatch(slug):
        raise InvalidInput(
            f"'{name}' is no name for a plugin.",
            field="NAME",
            hint="Use letters, digits and single hyphens, such as my-plugin.",
        )
    if keyword.iskeyword(module) or module in sys.stdlib_module_names or module == "fmhost":
        raise InvalidInput(
            f"Python has a module '{module}' already.", field="NAME", hint="Choose another name."
        )
    if slug in current_program().host.plugins:
        raise Conflict(f"A plugin '{slug}' is installed already.", hint="Choose another name.")
