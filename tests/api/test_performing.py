"""Pages that do what operations of the API do."""

from __future__ import annotations

from typing import Any

import pytest

from fmhost.app import create
from fmhost.model import Asset, AssetAuditLog
from fmhost.testing.distributions import plugin
from fmhost.testing.tenants import PASSWORD

EDITOR = plugin(
    "editor",
    """
    manifest = Manifest(
        name="editor",
        pages=[Pages("acme_editor.pages:blueprint", ["/edit/<id>", "/try/<id>", "/schema/<id>"])],
    )
    """,
    {
        "pages.py": """
        from flask import Blueprint, request

        from fmhost.plugin import web

        blueprint = Blueprint("editor", __name__)


        @blueprint.post("/edit/<id>")
        @web.login_required
        def edit(id):
            try:
                return web.perform("assets.update_asset", request.get_json(), id=id)
            except web.Refused as refused:
                return dict(refused.messages), refused.status


        @blueprint.post("/try/<id>")
        @web.login_required
        def rehearse(id):
            return dict(web.rehearse("assets.update_asset", request.get_json(), id=id))


        @blueprint.get("/schema/<id>")
        @web.login_required
        def schema(id):
            asset = web.load_asset(id)
            name, parts = web.schemas_of_scheduler(asset)
            return {"name": name, "parts": parts, "may": web.allows(asset, "update")}
        """
    },
)


@pytest.fixture
def post(site: Any, open_installation: Any, tenant: Any) -> Any:
    """``post(path, user, given)`` in an installation with the plugin; None is a GET."""
    site.install(EDITOR)
    client = create(installation=open_installation()).test_client()

    def ask(path: str, user: Any, given: Any = None) -> Any:
        login = {"email": user.email, "password": PASSWORD}
        token = client.post("/api/requestAuthToken", json=login).get_json()["auth_token"]
        method = "GET" if given is None else "POST"
        return client.open(path, method=method, json=given, headers={"Authorization": token})

    return ask


def test_a_page_changes_what_the_api_would(post: Any, tenant: Any, installation: Any) -> None:
    path = f"/edit/{tenant.battery.id}"
    changed = post(path, tenant.member, {"name": "cellar"})
    assert (changed.status_code, changed.get_json()["name"]) == (200, "cellar")
    refused = post(path, tenant.member, {"latitude": "north", "name": "x"})
    assert (refused.status_code, refused.get_json()) == (422, {"latitude": ["Not a valid number."]})
    deep = post(path, tenant.member, {"flex_model": {"soc-max": "3 kW"}}).get_json()
    assert list(deep) == ["soc-max"]
    foreign = post(path, tenant.other_member, {"name": "mine"})
    assert (foreign.status_code, list(foreign.get_json())) == (403, [""])
    with installation.database.reading() as session:
        assert session.get_one(Asset, tenant.battery.id).name == "cellar"
        assert session.query(AssetAuditLog).count() == 1


def test_a_rehearsal_names_every_field_and_leaves_nothing(
    post: Any, tenant: Any, installation: Any
) -> None:
    given = {"name": "cellar", "flex_model": {"soc-max": "3 kW", "soc-min": 1, "power-capacity": 0}}
    path = f"/try/{tenant.battery.id}"
    assert post(path, tenant.member, given).get_json().keys() == {"soc-max"}
    given["flex_model"]["power-capacity"] = "1 kWh"
    assert post(path, tenant.member, given).get_json().keys() == {"soc-max", "power-capacity"}
    assert post(path, tenant.member, {"name": ""}).get_json().keys() == {"name"}
    with installation.database.reading() as session:
        assert session.get_one(Asset, tenant.battery.id).name == "battery"
        assert session.query(AssetAuditLog).count() == 0


def test_a_page_knows_what_the_scheduler_of_an_asset_takes(post: Any, tenant: Any) -> None:
    found = post(f"/schema/{tenant.battery.id}", tenant.member).get_json()
    assert (found["name"], found["may"]) == ("StorageScheduler", True)
    assert "soc-max" in found["parts"]["flex-model"]["properties"]
    assert "$ref" not in str(found["parts"])
