"""The runner of the documentation's examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmhost.testing.pages import examples, matches, run_page

PAGE = """
Text with `code`.

```bash
WHO=world
echo "one
two" > file.txt
```

```console
$ echo hello $WHO
hello world
$ cat \\
  file.txt
one
...
$ false  # fails
```

<!-- not run -->
```console
$ exit 9
```

```python
raise SystemExit
```

1. Indented:

   ```console
   $ echo "  indented"
     indented
   ```
"""


@pytest.fixture
def environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def _page(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


def test_examples_are_found_with_their_lines() -> None:
    found = list(examples(PAGE))
    assert [example.line for example in found] == [5, 11, 13, 17, 32]
    assert found[0].shown is None
    assert found[1].shown == "hello world"
    assert found[2].command == "cat \\\n  file.txt"
    assert (found[3].command, found[3].fails) == ("false", True)
    assert found[4].shown == "  indented"


def test_examples_share_one_shell(tmp_path: Path, environment: dict[str, str]) -> None:
    assert run_page(_page(tmp_path, PAGE), tmp_path, environment) == 5


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("$ echo two\none", "should print:\none\nand printed:\ntwo"),
        ("$ false", "ended with 1"),
        ("$ true  # fails", "ended with 0"),
        ("$ exit 3", "ended the shell"),
        ("$ echo to the terminal", "should print"),
    ],
)
def test_what_a_page_gets_wrong_is_named(
    tmp_path: Path, environment: dict[str, str], block: str, complaint: str
) -> None:
    page = _page(tmp_path, f"```console\n{block}\n```\n")
    with pytest.raises(AssertionError, match=r"page\.md, line 2") as failure:
        run_page(page, tmp_path, environment)
    assert complaint in str(failure.value)


def test_error_output_is_compared_too(tmp_path: Path, environment: dict[str, str]) -> None:
    page = _page(tmp_path, "```console\n$ cat /nonexistent  # fails\ncat: /nonexistent...\n```\n")
    assert run_page(page, tmp_path, environment) == 1


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a ... c", "a b c", True),
        ("a ... c", "a b d", False),
        ("first\n...\nlast", "first\nlast", True),
        ("first\n...\nlast", "first\n1\n2\nlast\n", True),
        ("first\n...", "first\n1\n2", True),
        ("a.c", "abc", False),
        ("trailing", "trailing   \n\n", True),
        ("", "", True),
        ("", "something", False),
    ],
)
def test_dots_stand_for_anything(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) is same
