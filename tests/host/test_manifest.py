"""A manifest refuses what the host could not use, where the author wrote it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fmhost.errors import PluginError
from fmhost.host.manifest import Command, CommandGroup, Driver, Manifest, MenuEntry, Pages

SCHEDULER = {"Greedy": Driver("acme.greedy:Greedy", asset_types=("battery",))}


@pytest.mark.parametrize(
    ("make", "field", "remedy"),
    [
        (lambda: Driver("acme.greedy"), "Driver.target", "my_plugin.module:name"),
        (lambda: Driver("acme/greedy.py:Greedy"), "Driver.target", "my_plugin.module:name"),
        (
            lambda: Driver("acme:Greedy", asset_types="battery"),
            "Driver.asset_types",
            "('battery',)",
        ),
        (lambda: Command("add  x", "acme:x", "Add."), "Command.path", "add weather"),
        (lambda: Command("add x", "acme.x", "Add."), "Command.target", "my_plugin.module:name"),
        (lambda: Command("add x", "acme:x", ""), "Command.help", "One line"),
        (lambda: Command("add x", "acme:x", "Two\nlines."), "Command.help", "One line"),
        (lambda: CommandGroup("-x", "Help."), "CommandGroup.path", "add weather"),
        (lambda: Pages("acme:bp", "/weather"), "Pages.routes", "('/weather',)"),
        (lambda: Pages("acme:bp", ["weather"]), "Pages.routes[0]", "/weather/<int:id>"),
        (lambda: MenuEntry("k", "weather", "Weather"), "MenuEntry.url", "/weather"),
        (lambda: Manifest("my plugin"), "Manifest.name", "my-plugin"),
        (lambda: Manifest("x", plugin_api="1"), "Manifest.plugin_api", ">=1.0,<2"),
        (lambda: Manifest("x", requires="storage"), "Manifest.requires", "('storage',)"),
        (lambda: Manifest("x", schedulers={"G": "a:G"}), "Manifest.schedulers['G']", "Driver"),  # type: ignore[dict-item]
        (lambda: Manifest("x", schedulers=["G"]), "Manifest.schedulers", "map names"),  # type: ignore[arg-type]
        (lambda: Manifest("x", commands=("add x",)), "Manifest.commands[0]", "Command"),  # type: ignore[arg-type]
        (lambda: Manifest("x", settings="acme:S"), "Manifest.setting_names", "together"),
        (lambda: Manifest("x", setting_names=("A",)), "Manifest.settings", "together"),
        (lambda: Manifest("x", setting_names=("a",)), "Manifest.setting_names[0]", "MY_PLUGIN"),
        (lambda: Manifest("x", migrations="acme:m"), "Manifest.table_prefix", "together"),
        (lambda: Manifest("x", table_prefix="x"), "Manifest.table_prefix", "my_plugin_"),
        (lambda: Manifest("x", hooks="acme/hooks.py"), "Manifest.hooks", "my_plugin.module"),
        (lambda: Manifest("x", asset_types={"t": "x" * 81}), "Manifest.asset_types", "At most 80"),
        (lambda: Manifest("x", roles={"r": 1}), "Manifest.roles['r']", "str"),  # type: ignore[dict-item]
    ],
)
def test_a_mistake_is_refused_with_the_field_and_what_is_right(
    make: Callable[[], object], field: str, remedy: str
) -> None:
    with pytest.raises(PluginError) as caught:
        make()
    assert field in str(caught.value)
    assert remedy in str(caught.value)


def test_one_manifest_cannot_claim_a_thing_twice() -> None:
    with pytest.raises(PluginError, match=r"claims the route '/weather/<>' twice"):
        Manifest(
            "x",
            pages=(
                Pages("acme:one", ["/weather/<int:id>"]),
                Pages("acme:two", ["/weather/<name>"]),
            ),
        )


def test_claims_name_everything_that_only_one_plugin_may_own() -> None:
    manifest = Manifest(
        "x",
        schedulers=SCHEDULER,
        forecasters={"Naive": Driver("acme:Naive")},
        reporters={"Cost": Driver("acme:Cost")},
        commands=(Command("add x", "acme:x", "Add."),),
        pages=(Pages("acme:bp", ["/x/<int:id>"]),),
        menu=(MenuEntry("x.page", "/x", "X"),),
        permissions=("read-x",),
        settings="acme:SETTINGS",
        setting_names=("X_TOKEN",),
        migrations="acme:migrations",
        table_prefix="x_",
    )
    assert set(manifest.claims()) == {
        ("scheduler", "Greedy"),
        ("scheduler-for", "battery"),
        ("forecaster", "Naive"),
        ("reporter", "Cost"),
        ("command", "add x"),
        ("route", "/x/<>"),
        ("menu", "x.page"),
        ("permission", "read-x"),
        ("setting", "X_TOKEN"),
        ("table-prefix", "x_"),
    }
