"""Run the examples of a Markdown page as its readers would, and compare what they print.

Two kinds of fenced blocks are run, in the order of the page and in one shell, so that variables
and files live on from block to block:

- ``bash``: a script, of which only the success counts;
- ``console``: lines that begin with ``$ `` are commands (continued on lines that begin with
  ``> ``, or after a backslash), the lines between them what they print.

In shown output ``...`` stands for any text within its line, and a line of nothing else for any
number of lines. A block marked ``<!-- not run -->`` on the line before it is left out. A command
that ends with ``# fails`` must fail.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\s*$")
_SKIP = "<!-- not run -->"
_MARK = "@@fmhost-example@@"
_FAILS = re.compile(r"\s+# fails$")


@dataclass(frozen=True)
class Example:
    """A command of a page.

    :param line: number of its first line in the page.
    :param shown: what the page says it prints; None where the page shows nothing to compare.
    :param fails: whether it must fail.
    """

    line: int
    command: str
    shown: str | None
    fails: bool = False


def examples(text: str) -> Iterator[Example]:
    """The commands of a page, in their order."""
    for number, language, lines in _blocks(text):
        if language == "bash":
            yield Example(number, "\n".join(lines), None)
        elif language == "console":
            yield from _console(number, lines)


def _blocks(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """The fenced blocks: number of the first line, language, lines without the indentation."""
    block: list[str] | None = None
    language, start, indent, previous = "", 0, 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if block is None:
            if fence:
                skipped = previous.strip() == _SKIP
                language = "" if skipped else fence["language"]
                block, start, indent = [], number + 1, len(fence["indent"])
        elif fence and not fence["language"]:
            yield start, language, block
            block = None
        else:
            block.append(line[indent:] if not line[:indent].strip() else line)
        previous = line or previous


def _console(start: int, lines: list[str]) -> Iterator[Example]:
    command: list[str] = []
    shown: list[str] = []
    first = start

    def finish() -> Iterator[Example]:
        if command:
            text = "\n".join(command)
            yield Example(
                first, _FAILS.sub("", text), "\n".join(shown).strip("\n"), bool(_FAILS.search(text))
            )

    for number, line in enumerate(lines, start):
        if line.startswith("$ "):
            yield from finish()
            command, shown, first = [line[2:]], [], number
        elif command and not shown and line.startswith("> "):
            command.append(line[2:])
        elif command and not shown and command[-1].endswith("\\"):
            command.append(line)
        else:
            shown.append(line)
    yield from finish()


def matches(shown: str, printed: str) -> bool:
    """Whether a command printed what the page shows; ``...`` in `shown` stands for anything."""
    pattern = []
    for line in shown.splitlines():
        if line.strip() == "...":
            pattern.append(r"(?:[^\n]*\n)*")
        else:
            parts = (re.escape(part) for part in line.rstrip().split("..."))
            pattern.append(r"[^\n]*".join(parts) + r"[ ]*\n")
    text = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
    return re.fullmatch("".join(pattern), text) is not None


def run_page(
    page: Path, folder: Path, environment: Mapping[str, str], *, timeout: float = 240
) -> int:
    """Run the examples of `page` in `folder`; returns their number.

    :param environment: all environment variables of the shell.
    :param timeout: limit for the whole page [s].
    :raises AssertionError: where a command fails, or prints something else than the page shows.
    """
    found = list(examples(page.read_text(encoding="utf-8")))
    script = "".join(f"{example.command}\nprintf '\\n%s %d\\n' {_MARK} $?\n" for example in found)
    finished = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    parts = re.split(rf"\n?{_MARK} (\d+)\n", finished.stdout)
    for number, example in enumerate(found):
        where = f"{page.name}, line {example.line}: {example.command}"
        if 2 * number + 1 >= len(parts):
            raise AssertionError(f"{where}\nended the shell:\n{parts[-1]}")
        printed, code = parts[2 * number], int(parts[2 * number + 1])
        if (code != 0) != example.fails:
            raise AssertionError(f"{where}\nended with {code} and printed:\n{printed}")
        if example.shown is not None and not matches(example.shown, printed):
            raise AssertionError(
                f"{where}\nshould print:\n{example.shown}\nand printed:\n{printed}"
            )
    return len(found)
