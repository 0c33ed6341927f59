"""The order of plugins, and plugins that need one another."""

from __future__ import annotations

from collections.abc import Callable

from fmhost.host.host import Host
from fmhost.settings import load
from fmhost.testing.distributions import Distribution, plugin


def bare(name: str, arguments: str = "", **files: str) -> Distribution:
    return plugin(
        name,
        f"manifest = Manifest('{name}', {arguments})",
        {f"{file}.py": text for file, text in files.items()},
    )


def ours(host: Host) -> list[str]:
    return [record.name for record in host.active if record.distribution.startswith("acme-")]


def test_plugins_stand_in_the_order_of_their_names(open_host: Callable[..., Host]) -> None:
    assert ours(open_host(bare("c"), bare("a"), bare("b"))) == ["a", "b", "c"]


def test_after_and_requires_come_first(open_host: Callable[..., Host]) -> None:
    host = open_host(bare("a", "after=['c']"), bare("b", "requires=['a']"), bare("c"))
    assert ours(host) == ["c", "a", "b"]


def test_after_a_plugin_that_is_not_there_changes_nothing(open_host: Callable[..., Host]) -> None:
    host = open_host(bare("a", "after=['nowhere', 'a']"), bare("b"))
    assert ours(host) == ["a", "b"]


def test_a_disabled_plugin_fails_those_that_require_it_and_no_others(
    open_host: Callable[..., Host],
) -> None:
    plugins = (bare("a"), bare("b", "requires=['a']"), bare("c", "requires=['b']"))
    host = open_host(*plugins, bare("d", "after=['a']"), disabled=["a"])
    assert ours(host) == ["d"]
    assert host.plugins["b"].cause == "It requires the plugin 'a', which is disabled."
    assert host.plugins["c"].cause == "It requires the plugin 'b', which is failed."
    assert host.plugins["c"].fix == (
        "Install or enable 'b', or disable 'c' with FMHOST_PLUGINS_DISABLED."
    )


def test_a_circle_fails_those_on_it_and_no_others(open_host: Callable[..., Host]) -> None:
    host = open_host(
        bare("a", "requires=['b']"),
        bare("b", "after=['c']"),
        bare("c", "requires=['a']"),
        bare("d", "after=['a']"),
        bare("e"),
    )
    assert set(ours(host)) == {"d", "e"}
    for name in "abc":
        assert host.plugins[name].status == "failed"
        assert host.plugins[name].cause == (
            "These plugins wait for each other: 'a' after 'b' after 'c' after 'a' "
            "(`after`, `requires`)."
        )


def test_a_disabled_plugin_closes_no_circle(open_host: Callable[..., Host]) -> None:
    host = open_host(bare("a", "after=['b']"), bare("b", "after=['a']"), disabled=["b"])
    assert ours(host) == ["a"]


def test_a_plugin_that_fails_late_fails_those_that_require_it(
    open_host: Callable[..., Host],
) -> None:
    host = open_host(
        bare("a", "hooks='acme_a.hooks'", hooks="1 / 0"),
        bare("b", "requires=['a'], schedulers={'B': Driver('acme_b.x:B')}"),
    )
    assert host.registry.names("scheduler").count("B") == 1
    host.configure(load(environ={}))
    host.start()
    assert host.plugins["b"].status == "failed"
    assert host.plugins["b"].cause == "It requires the plugin 'a', which is failed."
    assert "B" not in host.registry.names("scheduler")
