"""The page that lists every command."""

from __future__ import annotations

from pathlib import Path

from fmhost.cli import documentation

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_is_the_one_that_the_commands_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == documentation.page(), "Run `make docs`."


def test_every_command_has_a_section_with_help_and_options() -> None:
    page = documentation.page()
    for heading in ("## fmhost add", "### fmhost add schedule for-storage", "## fmhost run"):
        assert f"\n{heading}\n" in page
    for section in page.split("\n## ")[1:]:
        for command in section.split("\n### ")[1:]:
            _, _, text = command.partition("\n\n")
            assert text.strip(), command
    assert "| `--soc-at-start SHARE` |" in page
