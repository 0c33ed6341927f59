"""A plugin made by ``fmhost plugins new`` works without an edit, as its authors would use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from jinja2 import Environment

from fmhost.cli.scaffold import complete, template_folder


def run(
    *arguments: str, folder: Path, python: Path = Path(sys.executable)
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [python, "-m", *arguments],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture
def made(fmhost: Callable[..., Result], tmp_path: Path) -> Path:
    result = fmhost("plugins", "new", "my-plugin", "--no-input", "--author", "Zoë", "--url", "u:x")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Made my-plugin. Next:\n\n  cd my-plugin\n  pip install")
    return tmp_path / "instance" / "my-plugin"


def fresh_environment(folder: Path) -> Path:
    """The Python of a new virtual environment that sees fmhost and what our tests need, offline."""
    run("venv", "--without-pip", str(folder), folder=folder.parent)
    python = folder / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    everything = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (Path(own.stdout.strip()) / "everything.pth").write_text(everything)
    return python


#: Why checks of the conformance suite do not apply to the scheduler that the template brings.
NOT_FOR_THIS_SCHEDULER = (
    "It stores nothing.",
    "It runs at an even pace, whatever energy costs.",
    "It takes no prices.",
)


def test_a_new_plugin_is_built_installed_and_passes_its_own_tests(
    made: Path, tmp_path: Path
) -> None:
    offline = ["--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    run("pip", "wheel", *offline, "--no-build-isolation", "-w", str(tmp_path), ".", folder=made)
    (wheel,) = tmp_path.glob("*.whl")
    fresh = fresh_environment(tmp_path / "fresh")
    run("pip", "--python", str(fresh), "install", *offline, str(wheel), folder=tmp_path)
    # The tests see what is installed, and not the sources beside them.
    tests = tmp_path / "elsewhere"
    tests.mkdir()
    (made / "tests").rename(tests / "tests")
    (tests / "pyproject.toml").write_text((made / "pyproject.toml").read_text())
    ran = run("pytest", "-q", "-rs", folder=tests, python=fresh)
    assert " passed" in ran.stdout
    skipped = [line for line in ran.stdout.splitlines() if line.startswith("SKIPPED")]
    assert len(skipped) == len(NOT_FOR_THIS_SCHEDULER)
    assert all(any(line.endswith(reason) for line in skipped) for reason in NOT_FOR_THIS_SCHEDULER)


def test_a_new_plugin_is_clean(made: Path, tmp_path: Path) -> None:
    run("ruff", "check", "--no-cache", ".", folder=made)
    run("ruff", "format", "--no-cache", "--check", ".", folder=made)
    run("mypy", "--cache-dir", str(tmp_path / "mypy"), folder=made)


@pytest.mark.parametrize("name", ["ev", "A rather_long name for a plugin"])
def test_code_is_formatted_whatever_the_name(
    name: str, fmhost: Callable[..., Result], tmp_path: Path
) -> None:
    assert fmhost("plugins", "new", name, "--no-input").exit_code == 0
    run("ruff", "check", "--no-cache", ".", folder=tmp_path / "instance")
    run("ruff", "format", "--no-cache", "--check", ".", folder=tmp_path / "instance")


def test_what_is_given_stands_in_the_plugin(made: Path) -> None:
    project = (made / "pyproject.toml").read_text()
    assert 'authors = [{ name = "Zoë" }]' in project
    assert 'Homepage = "u:x"' in project
    assert '__author__ = "Zoë"' in (made / "my_plugin" / "scheduler.py").read_text()
    assert "{{" not in (made / "README.md").read_text()
    ci = (made / ".github" / "workflows" / "ci.yml").read_text()
    assert "python-version: ${{ matrix.python }}" in ci


def test_the_few_questions_can_be_answered(fmhost: Callable[..., Result], tmp_path: Path) -> None:
    asked = fmhost(
        "plugins", "new", "tariffs", "--folder", str(tmp_path), stdin="Tariffs by the hour\nAcme\n"
    )
    assert asked.exit_code == 0, asked.output
    assert "What it does [Notes on sensors, a scheduler and a forecaster]: " in asked.stdout
    assert "Who writes it: " in asked.stdout
    project = (tmp_path / "tariffs" / "pyproject.toml").read_text()
    assert 'description = "Tariffs by the hour"' in project
    assert '{ name = "Acme" }' in project


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["9lives"], "'9lives' is no name for a plugin. Use letters, digits"),
        (["my--plugin"], "is no name for a plugin"),
        (["../evil"], "is no name for a plugin"),
        (["json"], "Python has a module 'json' already"),
        (["class"], "Python has a module 'class' already"),
        (["fmhost"], "Python has a module 'fmhost' already"),
        (["storage"], "A plugin 'storage' is installed already"),
        (["fine", "--description", 'a "quoted" word'], "Leave out quotation marks"),
    ],
)
def test_what_cannot_be_made_is_refused(
    arguments: list[str], problem: str, fmhost: Callable[..., Result], tmp_path: Path
) -> None:
    result = fmhost("plugins", "new", *arguments, "--no-input")
    assert result.exit_code == 1
    assert problem in result.stderr
    assert list((tmp_path / "instance").iterdir()) == []


def test_nothing_is_overwritten(fmhost: Callable[..., Result], made: Path) -> None:
    (made / "README.md").write_text("Mine.")
    result = fmhost("plugins", "new", "my-plugin", "--no-input")
    assert result.exit_code == 1
    assert "my-plugin is there already" in result.stderr
    assert (made / "README.md").read_text() == "Mine."


def test_the_template_is_one_for_cookiecutter() -> None:
    """Its defaults are rendered one after the other, and each is used."""
    template = template_folder("plugin")
    declared = json.loads((template / "cookiecutter.json").read_text())
    values = complete(template, {})
    assert values["plugin_slug"] == "my-plugin"
    assert values["__class_prefix"] == "MyPlugin"
    assert set(values) == {name for name, default in declared.items() if isinstance(default, str)}
    assert set(declared["__prompts__"]) == {name for name in values if not name.startswith("__")}
    text = "".join(f"{path} {path.read_text()}" for path in template.rglob("*") if path.is_file())
    for name in values:
        assert f"cookiecutter.{name}" in text
    for path in template.rglob("*"):
        if path.is_file() and path.name != "cookiecutter.json":
            Environment(autoescape=True).parse(path.read_text())
