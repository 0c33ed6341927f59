"""Drivers are imported before a process serves or works, where the time limit holds."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from fmhost.errors import PluginError
from fmhost.host.host import Host
from fmhost.jobs.rq_queue import RqQueue
from fmhost.services.installation import Installation
from fmhost.testing.distributions import Distribution, Site, plugin


@pytest.fixture
def slow() -> Distribution:
    """One scheduler that hangs at import, and one that says in which thread it was imported."""
    return plugin(
        "slow",
        """
        manifest = Manifest(
            "slow",
            schedulers={
                "Hanging": Driver("acme_slow.hanging:Hanging"),
                "Quick": Driver("acme_slow.quick:Quick"),
            },
        )
        """,
        {
            "hanging.py": "while True: pass",
            "quick.py": """
                import threading
                from fmhost.plugin import Scheduler

                class Quick(Scheduler):
                    imported_in = threading.current_thread()

                    def compute(self):
                        return None
                """,
        },
    )


def test_what_hangs_is_known_before_a_thread_asks_for_it(
    slow: Distribution, open_host: Callable[..., Host], caplog: pytest.LogCaptureFixture
) -> None:
    host = open_host(slow, allowed=["slow"], import_budget=0.3)
    host.registry.preload()
    assert "did not finish importing acme_slow.hanging:Hanging within 0.3 s" in caplog.text
    found: list[object] = []

    def ask() -> None:
        found.append(host.registry.get("scheduler", "Quick")[0])
        try:
            host.registry.get("scheduler", "Hanging")
        except PluginError as error:
            found.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(10)
    quick, error = found
    assert getattr(quick, "imported_in", None) is threading.main_thread()
    assert "did not finish importing" in str(error)
    assert not host.plugins["slow"].healthy


def test_a_worker_imports_all_drivers_before_its_first_job(
    slow: Distribution,
    site: Site,
    open_installation: Callable[..., Installation],
    redis_url: str,
) -> None:
    site.install(slow)
    installation = open_installation(
        FLEXMEASURES_REDIS_URL=redis_url,
        FMHOST_PLUGINS_ALLOWED=["slow"],
        FMHOST_PLUGIN_IMPORT_TIMEOUT=0.3,
    )
    RqQueue(installation).work(["scheduling"], "only", burst=True)
    assert "scheduler:Hanging" in installation.host.plugins["slow"].broken
