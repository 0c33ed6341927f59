"""The page that documents every setting, made from the declarations.

``python -m fmhost.settings > docs/settings.md`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fmhost.settings.declarations import TOPICS
from fmhost.settings.setting import RECOMMENDED, REQUIRED, Setting

_INTRODUCTION = """\
# Settings

<!-- Made by `python -m fmhost.settings > docs/settings.md` from the declarations; edit those. -->

Nothing has to be set to try fmhost: `fmhost demo` makes an instance folder with an embedded
database and a secret key. A server needs the settings marked ★★, and had better have those
marked ★.

## Where settings come from

A later source wins:

1. the default;
2. the default of the environment (production, staging, development, testing, documentation);
3. an environment variable, for the settings marked ✓ in the column *Env*;
4. the config file;
5. an argument of the program.

The config file is the first of these that exists: `~/.fmhost.cfg`, `~/.flexmeasures.cfg`,
`<instance>/fmhost.cfg`, `<instance>/flexmeasures.cfg`. The instance folder is the one that the
environment variable `FMHOST_INSTANCE` names, else `instance` in the working directory. In the
environments testing and documentation no config file is read.

The environment is chosen by the variable `FLEXMEASURES_ENV`, else by `FLEXMEASURES_ENV` in the
config file, else by the older variable `FLASK_ENV`; else it is production.

## How values are written

The config file holds Python assignments. Names in capitals are kept, also those that no table
below lists, for plugins and Flask extensions to read.

```python
from datetime import timedelta

SQLALCHEMY_DATABASE_URI = "postgresql://fmhost:password@localhost/fmhost"
FLEXMEASURES_TIMEZONE = "Europe/Amsterdam"
FLEXMEASURES_PLANNING_HORIZON = timedelta(hours=36)
FLEXMEASURES_PLUGINS = ["my_company.plugin"]
MY_PLUGIN_URL = "https://example.org"
```

Environment variables hold text:

| Value | Text |
|---|---|
| boolean | `true`, `yes`, `on`, `1` or `false`, `no`, `off`, `0`, in any case |
| list | `first,second`, or JSON: `["first", "second"]` |
| dictionary | JSON: `{"key": "value"}` |
| duration | ISO 8601: `P1DT12H`, `PT15M`, `-P1D`; or seconds: `900` |
| None | `None`, or nothing after the equals sign |

An empty variable counts as not set where neither None nor an empty text or list is a value. A
value that does not fit stops the program with a line that names the setting, its source, what is
expected, and an example.
"""


def markdown() -> str:
    """The documentation of all settings, as Markdown."""
    sections = (_section(heading, settings) for heading, settings in TOPICS.items())
    return "\n".join((_INTRODUCTION, *sections))


def _section(heading: str, settings: Iterable[Setting]) -> str:
    rows = "\n".join(_row(setting) for setting in settings)
    return (
        f"## {heading}\n\n| Setting | Env | Value | Default | Meaning |\n|---|---|---|---|---|\n"
        f"{rows}\n"
    )


def _row(setting: Setting) -> str:
    stars = {REQUIRED: " ★★", RECOMMENDED: " ★"}.get(setting.importance, "")
    env = "✓" if setting.from_environment else ""
    if setting.only_from_environment:
        env = "only"
    older = "".join(f" Older name: `{alias}`." for alias in setting.aliases)
    cells = (
        f"`{setting.name}`{stars}",
        env,
        setting.type.title,
        "; ".join(_defaults(setting)),
        setting.meaning + older,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _defaults(setting: Setting) -> Iterator[str]:
    yield setting.default_text or f"`{setting.type.written(setting.default)}`"
    for environment, value in setting.by_environment.items():
        shown = "a dummy" if setting.secret else f"`{setting.type.written(value)}`"
        yield f"{environment}: {shown}"
