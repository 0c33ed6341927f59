"""Real installed plugins for the tests of the host."""

from __future__ import annotations

import pytest

from fmhost.model.database import Database
from fmhost.testing.distributions import Distribution, plugin


@pytest.fixture
def good() -> Distribution:
    """A plugin without fault: a scheduler, a command, a hook, a setting."""
    return plugin(
        "good",
        """
        manifest = Manifest(
            name="good",
            schedulers={"GoodScheduler": Driver("acme_good.scheduler:GoodScheduler")},
            groups=(CommandGroup("good", "What the good plugin does."),),
            commands=(Command("good hello", "acme_good.commands:hello", "Say hello."),),
            settings="acme_good.settings:SETTINGS",
            setting_names=("GOOD_COLOUR",),
            hooks="acme_good.hooks",
        )
        """,
        {
            "scheduler.py": """
                from fmhost.plugin import Scheduler

                class GoodScheduler(Scheduler):
                    __author__ = "Acme"

                    def compute(self):
                        return None
                """,
            "commands.py": """
                import click

                @click.command()
                def hello():
                    \"\"\"Say hello to whoever asks.\"\"\"
                    click.echo("Hello from the good plugin.")
                """,
            "settings.py": """
                from fmhost.plugin import Setting, Text

                SETTINGS = {
                    "GOOD_COLOUR": Setting(
                        "GOOD_COLOUR", Text(), "blue", "A colour.", from_environment=True
                    )
                }
                """,
            "hooks.py": """
                from fmhost.plugin import hookimpl

                calls = []

                @hookimpl
                def fmhost_startup(host):
                    calls.append("startup")

                @hookimpl
                def fmhost_beliefs_saved(count):
                    calls.append(count)
                    return f"good {count}"
                """,
        },
    )


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """The host knows nothing of databases, so that one kind will do."""
    return sqlite_database
