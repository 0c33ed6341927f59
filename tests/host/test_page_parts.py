"""Panels and tabs of plugins that fail, and permissions that a manifest grants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fmhost.app import create
from fmhost.errors import PluginError
from fmhost.host.manifest import Manifest
from fmhost.host.page_parts import Panel, Tab
from fmhost.model.database import Database
from fmhost.services.installation import Installation
from fmhost.testing.distributions import Distribution, Site, plugin
from fmhost.testing.tenants import Tenant
from fmhost.testing.web import token_headers


@pytest.fixture
def database(postgres_database: Database) -> Database:
    """The engine on which a failed statement spoils the rest of its transaction."""
    return postgres_database


def parts(name: str, body: str) -> Distribution:
    """A plugin with a hook for panels and one for tabs."""
    head = "from sqlalchemy import text\nfrom fmhost.plugin import Panel, Tab, hookimpl, web\n"
    hooks = (
        f"{head}\n@hookimpl\ndef fmhost_page_panels(target, user):\n    {body}\n"
        f"\n@hookimpl\ndef fmhost_asset_tabs(asset, user):\n    {body}\n"
    )
    manifest = f"manifest = Manifest({name!r}, hooks='acme_{name}.hooks')"
    return plugin(name, manifest, {"hooks.py": hooks})


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("web.session().execute(text('select nothing from nowhere'))", "nowhere"),
        ("return ['no panel']", "must answer with a sequence of Panel"),
        ("return Panel('a', 'A', 'not in a list')", "must answer with a sequence of Panel"),
        ("return [Panel('a', 'A', 5)]", "Panel.content must be text"),
    ],
)
def test_a_page_is_shown_without_the_parts_of_a_plugin_that_fails(
    body: str,
    cause: str,
    site: Site,
    open_installation: Callable[..., Installation],
    tenant: Tenant,
    caplog: pytest.LogCaptureFixture,
) -> None:
    good = "return [Panel('a', 'Good part', 'x')]"
    site.install(parts("bad", body), parts("good", good))
    installation = open_installation(FMHOST_PLUGINS_ALLOWED=["ui", "bad", "good"])
    client = create(installation=installation).test_client()
    headers = token_headers(client, tenant.member)
    page = client.get(f"/sensors/{tenant.power.id}", headers=headers)
    assert page.status_code == 200
    assert "Good part" in page.text
    failures = [entry for entry in caplog.records if "in hook fmhost_page_panels" in entry.message]
    assert ["'bad'" in entry.message for entry in failures] == [True]
    assert cause in caplog.text
    assert client.get(f"/assets/{tenant.battery.id}", headers=headers).status_code == 200
    for _ in range(5):
        client.get(f"/sensors/{tenant.power.id}", headers=headers)
    assert installation.host.plugins["bad"].status == "quarantined"
    assert installation.host.plugins["good"].healthy


def test_an_asset_page_shows_sensors_and_properties(client: Any, tenant: Tenant) -> None:
    headers = token_headers(client, tenant.member)
    page = client.get(f"/assets/{tenant.battery.id}", headers=headers).text
    assert f'href="/sensors/{tenant.power.id}"' in page
    assert "<dt>Owner</dt><dd>Acme</dd>" in page
    part = client.get(f"/assets/{tenant.inverter.id}", headers=headers).text
    assert f'<a href="/assets/{tenant.battery.id}">battery</a>' in part
    assert client.get("/assets/999", headers=headers).status_code == 404
    assert client.get(f"/assets/{tenant.other_battery.id}", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("grants", "cause"),
    [
        ({"clerk": ["delete-everything"]}, "which is no permission of this plugin"),
        ({"clerk": "read-x"}, "Manifest.grants['clerk']"),
        (["read-x"], "Manifest.grants is"),
    ],
)
def test_a_plugin_grants_its_own_permissions_only(grants: Any, cause: str) -> None:
    with pytest.raises(PluginError) as caught:
        Manifest("x", permissions=["read-x"], grants=grants)
    assert cause in caught.value.message


@pytest.mark.parametrize("kind", [Panel, Tab])
def test_parts_check_their_fields(kind: Any) -> None:
    with pytest.raises(PluginError, match=f"{kind.__name__}.title"):
        kind("key", "", "content")
