"""Schedulers, forecasters and reporters by name."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from fmhost.errors import InvalidInput, PluginError
from fmhost.host.host import Host
from fmhost.testing.distributions import Distribution, plugin


def offering(name: str, code: str, target: str = "code:Greedy") -> Distribution:
    return plugin(
        name,
        f"manifest = Manifest('{name}', schedulers={{'Greedy': Driver('acme_{name}.{target}')}})",
        {"code.py": code},
    )


def test_a_class_is_imported_when_it_is_first_asked_for(
    open_host: Callable[..., Host], good: Distribution
) -> None:
    host = open_host(good)
    assert "GoodScheduler" in host.registry.names("scheduler")
    assert "acme_good.scheduler" not in sys.modules
    found, _provenance = host.registry.get("scheduler", "GoodScheduler")
    assert "acme_good.scheduler" in sys.modules
    assert host.registry.get("scheduler", "GoodScheduler")[0] is found
    assert host.plugins["good"].import_ms > 0


def test_an_unknown_name_is_refused_with_those_that_exist(
    open_host: Callable[..., Host], good: Distribution
) -> None:
    registry = open_host(good).registry
    with pytest.raises(InvalidInput) as caught:
        registry.get("scheduler", "GreatScheduler")
    assert caught.value.field == "custom-scheduler"
    assert {"GoodScheduler", "StorageScheduler"} <= set(registry.names("scheduler"))
    assert str(caught.value) == (
        "There is no scheduler named 'GreatScheduler'. Available: "
        f"{', '.join(registry.names('scheduler'))}."
    )


def test_where_nobody_offers_any_the_message_says_so(open_host: Callable[..., Host]) -> None:
    with pytest.raises(InvalidInput, match="Available: none, no installed plugin brings one"):
        open_host(disabled=["report"]).registry.get("reporter", "CostReporter")


def test_the_name_of_a_disabled_plugin_is_refused_with_the_reason(
    open_host: Callable[..., Host], good: Distribution
) -> None:
    host = open_host(good, disabled=["good"])
    with pytest.raises(InvalidInput, match="There is no scheduler named 'GoodScheduler'"):
        host.registry.get("scheduler", "GoodScheduler")


def test_the_name_of_a_failed_plugin_is_refused_with_the_reason(
    open_host: Callable[..., Host],
) -> None:
    host = open_host(
        plugin(
            "tank",
            "manifest = Manifest('tank', schedulers={'Tank': Driver('acme_tank.x:Tank')}, "
            "requires=['weather'])",
        )
    )
    with pytest.raises(InvalidInput) as caught:
        host.registry.get("scheduler", "Tank")
    assert str(caught.value) == (
        "The scheduler 'Tank' of plugin 'tank' is unavailable. Plugin 'tank' (acme-tank 1.0) is "
        "failed: It requires the plugin 'weather', which is not installed. Install or enable "
        "'weather', or disable 'tank' with FMHOST_PLUGINS_DISABLED."
    )


@pytest.mark.parametrize(
    ("code", "target", "cause"),
    [
        ("import acme_dependency", "code:Greedy", "module 'acme_dependency' is missing"),
        ("1 / 0", "code:Greedy", "ZeroDivisionError: division by zero"),
        ("", "code:Greedy", "has no attribute 'Greedy'"),
        ("", "nowhere:Greedy", "there is no module 'acme_tank.nowhere'"),
        ("Greedy = 1", "code:Greedy", "which is no class with a method compute()"),
        ("class Greedy: ...", "code:Greedy", "which is no class with a method compute()"),
        ("while True: pass", "code:Greedy", "did not finish importing acme_tank.code:Greedy"),
    ],
)
def test_a_class_that_cannot_be_had_fails_the_request_and_stands_on_the_record(
    code: str, target: str, cause: str, open_host: Callable[..., Host], good: Distribution
) -> None:
    host = open_host(good, offering("tank", code, target), import_budget=0.2)
    with pytest.raises(PluginError) as caught:
        host.registry.get("scheduler", "Greedy")
    assert "Plugin 'tank' (acme-tank 1.0): It" in caught.value.message
    assert cause in caught.value.message
    assert caught.value.hint
    record = host.plugins["tank"]
    assert record.active
    assert not record.healthy
    assert cause in record.broken["scheduler:Greedy"].cause
    assert host.registry.get("scheduler", "GoodScheduler")[1].plugin == "good"


def test_an_import_that_failed_is_not_tried_again(open_host: Callable[..., Host]) -> None:
    host = open_host(offering("tank", "while True: pass"), import_budget=0.2)
    with pytest.raises(PluginError) as first:
        host.registry.get("scheduler", "Greedy")
    spent = host.plugins["tank"].import_ms
    with pytest.raises(PluginError) as second:
        host.registry.get("scheduler", "Greedy")
    assert str(first.value) == str(second.value)
    assert host.plugins["tank"].import_ms == spent


def test_a_scheduler_can_be_the_choice_for_an_asset_type(open_host: Callable[..., Host]) -> None:
    host = open_host(
        plugin(
            "tank",
            "manifest = Manifest('tank', schedulers={'Tank': "
            "Driver('acme_tank.x:Tank', asset_types=['tank'])})",
        )
    )
    assert host.registry.for_asset_type("scheduler", "tank") == "Tank"
    assert host.registry.for_asset_type("scheduler", "windmill") is None
    assert host.registry.for_asset_type("forecaster", "tank") is None
