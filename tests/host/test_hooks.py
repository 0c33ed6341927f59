"""Hooks: each implementation is called by itself under a guard."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from fmhost.errors import RefuseStartup
from fmhost.host.hooks import QUARANTINE_AFTER
from fmhost.host.host import Host
from fmhost.testing.distributions import Distribution, plugin

SAVED = {"sensor": 1, "window": (), "source": 2, "count": 3}


def hooking(name: str, hooks: str, arguments: str = "") -> Distribution:
    return plugin(
        name,
        f"manifest = Manifest('{name}', hooks='acme_{name}.hooks', {arguments})",
        {"hooks.py": "from fmhost.plugin import RefuseStartup, hookimpl\n\n" + hooks},
    )


def answering(name: str, answer: Any, arguments: str = "") -> Distribution:
    return hooking(
        name,
        f"@hookimpl\ndef fmhost_select_scheduler(target):\n    return {answer!r}\n",
        arguments,
    )


FRAGILE = """
calls = []
broken = True

@hookimpl
def fmhost_beliefs_saved(count):
    calls.append(count)
    if broken:
        raise RuntimeError("the disk is full")
    return "mended"

@hookimpl
def fmhost_select_scheduler(target):
    return "Fragile"
"""


@pytest.fixture
def started(open_host: Callable[..., Host]) -> Callable[..., Host]:
    """``started(*distributions, **composition)``: a host that has been started."""

    def start(*distributions: Distribution, **composition: Any) -> Host:
        host = open_host(*distributions, **composition)
        host.start()
        return host

    return start


def test_results_come_in_the_order_of_the_plugins_without_none(
    started: Callable[..., Host],
) -> None:
    host = started(answering("a", "A", "after=['c']"), answering("b", None), answering("c", "C"))
    assert host.hooks.call("fmhost_select_scheduler", target=1) == ["C", "A"]
    assert host.hooks.first("fmhost_select_scheduler", target=1) == "C"
    assert [r.name for r in host.hooks.implementers("fmhost_select_scheduler")] == ["b", "c", "a"]


def test_nobody_answers_a_hook_that_nobody_implements(started: Callable[..., Host]) -> None:
    host = started()
    assert host.hooks.call("fmhost_job_failed", job=1, error=ValueError()) == []
    assert host.hooks.first("fmhost_select_forecaster", target=1) is None


def test_an_implementation_takes_the_arguments_that_it_wants(
    started: Callable[..., Host],
) -> None:
    host = started(
        hooking(
            "a",
            "@hookimpl\ndef fmhost_beliefs_saved(count, sensor=None):\n    return count, sensor",
        )
    )
    assert host.hooks.call("fmhost_beliefs_saved", **SAVED) == [(3, 1)]


@pytest.mark.parametrize("error", ["RuntimeError('the disk is full')", "SystemExit(1)"])
def test_an_implementation_that_raises_is_named_and_the_others_are_called(
    error: str, started: Callable[..., Host], caplog: pytest.LogCaptureFixture
) -> None:
    host = started(
        hooking("a", f"@hookimpl\ndef fmhost_beliefs_saved():\n    raise {error}"),
        hooking("b", "@hookimpl\ndef fmhost_beliefs_saved(count):\n    return count"),
    )
    assert host.hooks.call("fmhost_beliefs_saved", **SAVED) == [3]
    (record,) = [record for record in caplog.records if "'a'" in record.getMessage()]
    assert record.getMessage() == (
        "Plugin 'a' (acme-a 1.0) failed in hook fmhost_beliefs_saved (1 in a row)."
    )
    assert record.exc_info
    assert host.plugins["a"].failures == {"fmhost_beliefs_saved": 1}
    assert host.plugins["a"].healthy


def test_a_hook_that_keeps_failing_is_called_no_more(
    started: Callable[..., Host], caplog: pytest.LogCaptureFixture
) -> None:
    host = started(
        hooking("fragile", FRAGILE, "schedulers={'Fragile': Driver('acme_fragile.hooks:x')}"),
        hooking("sound", "@hookimpl\ndef fmhost_beliefs_saved(count):\n    return count"),
    )
    import acme_fragile.hooks as fragile  # type: ignore[import-not-found]

    for _ in range(QUARANTINE_AFTER + 2):
        assert host.hooks.call("fmhost_beliefs_saved", **SAVED) == [3]
    assert len(fragile.calls) == QUARANTINE_AFTER
    record = host.plugins["fragile"]
    assert record.status == "quarantined"
    assert "fmhost_beliefs_saved failed 5 times in a row" in (record.cause or "")
    assert "RuntimeError: the disk is full" in (record.cause or "")
    assert "restart" in (record.fix or "")
    assert any("is quarantined (stage reached: active)" in line for line in caplog.messages)
    assert not record.healthy

    # None of its hooks is called any more, and what else it offers works on.
    assert host.hooks.first("fmhost_select_scheduler", target=1) is None
    assert "Fragile" in host.registry.names("scheduler")


def test_failures_count_in_a_row(started: Callable[..., Host]) -> None:
    host = started(hooking("fragile", FRAGILE))
    import acme_fragile.hooks as fragile

    for _ in range(QUARANTINE_AFTER - 1):
        host.hooks.call("fmhost_beliefs_saved", **SAVED)
    fragile.broken = False
    assert host.hooks.call("fmhost_beliefs_saved", **SAVED) == ["mended"]
    fragile.broken = True
    host.hooks.call("fmhost_beliefs_saved", **SAVED)
    assert host.plugins["fragile"].failures == {"fmhost_beliefs_saved": 1}
    assert host.plugins["fragile"].status == "active"


def test_a_plugin_can_veto_the_start(open_host: Callable[..., Host], good: Distribution) -> None:
    host = open_host(
        good,
        hooking(
            "veto",
            "@hookimpl\ndef fmhost_startup(host):\n"
            "    raise RefuseStartup('The licence has expired.', 'Renew it.')",
        ),
    )
    with pytest.raises(RefuseStartup) as caught:
        host.start()
    assert str(caught.value) == (
        "Plugin 'veto' (acme-veto 1.0) refuses the start: The licence has expired. Renew it."
    )


def test_only_the_start_can_be_vetoed(started: Callable[..., Host]) -> None:
    host = started(
        hooking("a", "@hookimpl\ndef fmhost_beliefs_saved():\n    raise RefuseStartup('x', 'y')")
    )
    assert host.hooks.call("fmhost_beliefs_saved", **SAVED) == []
    assert host.plugins["a"].failures == {"fmhost_beliefs_saved": 1}


def test_a_plugin_that_fails_to_start_is_out_of_service_with_those_that_require_it(
    started: Callable[..., Host], good: Distribution, caplog: pytest.LogCaptureFixture
) -> None:
    host = started(
        good,
        hooking("a", "@hookimpl\ndef fmhost_startup():\n    raise RuntimeError('no socket')"),
        plugin("b", "manifest = Manifest('b', requires=['a'])"),
    )
    record = host.plugins["a"]
    assert (record.status, record.stage) == ("failed", "loaded")
    assert record.cause == "Its hook fmhost_startup failed: RuntimeError: no socket."
    assert host.plugins["b"].status == "failed"
    assert "Plugin 'a' (acme-a 1.0) failed in hook fmhost_startup." in caplog.messages
    assert host.plugins["good"].stage == "active"


def test_a_host_starts_once(started: Callable[..., Host], good: Distribution) -> None:
    host = started(good)
    host.start()
    import acme_good.hooks as hooks  # type: ignore[import-not-found]

    assert hooks.calls == ["startup"]


def test_a_slow_hook_is_named(
    started: Callable[..., Host], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fmhost.host.hooks.SLOW", 0.0)
    host = started(answering("a", "A"))
    with caplog.at_level(logging.WARNING, "fmhost.host"):
        host.hooks.first("fmhost_select_scheduler", target=1)
    (line,) = [message for message in caplog.messages if "'a'" in message]
    assert line.startswith("Plugin 'a' (acme-a 1.0) spent 0.0 s in hook fmhost_select_scheduler")
