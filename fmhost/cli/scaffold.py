"""Fill in a template folder in the form that cookiecutter reads, without needing cookiecutter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, StrictUndefined

import fmhost
from fmhost.errors import ConfigurationError


def template_folder(name: str) -> Path:
    """The template of that name: inside the installed package, else in the checkout.

    :raises ConfigurationError: where the installation lacks it.
    """
    package = Path(fmhost.__file__).resolve().parent
    for folder in (package / "_templates" / name, package.parent / "templates" / name):
        if (folder / "cookiecutter.json").is_file():
            return folder
    raise ConfigurationError(
        f"The template '{name}' is missing from this installation.", hint="Install fmhost again."
    )


def complete(template: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The template's variables: those that are given, and defaults for the others."""
    environment = _environment()
    values: dict[str, str] = {}
    declared = json.loads((template / "cookiecutter.json").read_text("utf-8"))
    for name, default in declared.items():
        if isinstance(default, str):
            rendered = environment.from_string(default).render(cookiecutter=values)
            values[name] = given.get(name) or rendered
    return values


def render(template: Path, values: Mapping[str, str], target: Path) -> Path:
    """Write the filled-in template into `target`; returns the folder that was made."""
    environment = _environment()

    def fill(text: str) -> str:
        return environment.from_string(text).render(cookiecutter=values)

    (root,) = (folder for folder in template.iterdir() if "{{" in folder.name)
    for source in sorted(root.rglob("*")):
        relative = source.relative_to(template)
        if source.is_file() and "__pycache__" not in relative.parts:
            written = target / fill(str(relative))
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(fill(source.read_text("utf-8")), "utf-8")
    return target / fill(root.name)


def _environment() -> Environment:
    return Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
