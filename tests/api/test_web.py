"""What pages of plugins get from the request: menu, entities by the policy, the site's name."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fmhost.api.web import name_for
from fmhost.app import create
from fmhost.model import Account, AccountRole, Role, User
from fmhost.testing.distributions import plugin

FORECASTS = plugin(
    "forecasts",
    """
    manifest = Manifest(
        name="forecasts",
        pages=[Pages("acme_forecasts.pages:blueprint", ["/forecasts/<id>", "/notes", "/public"])],
        menu=[
            MenuEntry("forecasts.all", "/forecasts", "Forecasts"),
            MenuEntry("forecasts.secret", "/secret", "Secrets", permission="see-secrets"),
        ],
        permissions=["see-secrets"],
    )
    """,
    {
        "pages.py": """
        from flask import Blueprint

        from fmhost.plugin import web

        blueprint = Blueprint("forecasts", __name__)


        @blueprint.get("/forecasts/<id>")
        @web.login_required
        def forecast(id):
            asset, sensor = web.load_asset(id), web.load_sensor(id)
            return {
                "asset": asset.name,
                "sensor": sensor.name,
                "user": web.user().username,
                "menu": [entry.title for entry in web.menu()],
                "assets": [each.id for each in web.readable_assets()],
            }


        @blueprint.post("/notes")
        @web.login_required
        def note():
            return {"user": web.user_or_none().username}


        @blueprint.get("/public")
        def public():
            return {"menu": list(web.menu()), "user": web.user_or_none()}
        """
    },
)


@pytest.fixture
def call(site: Any, open_installation: Any, tenant: Any) -> Any:
    """``call("GET", path, user)`` by token, in an installation with the plugin."""
    site.install(FORECASTS)
    client = create(installation=open_installation(WTF_CSRF_ENABLED=True)).test_client()

    def ask(method: str, path: str, user: User | None = None) -> Any:
        headers = {}
        if user is not None:
            login = {"email": user.email, "password": "correct horse battery"}
            given = client.post("/api/requestAuthToken", json=login).get_json()
            headers = {"Authorization": given["auth_token"]}
        return client.open(path, method=method, headers=headers)

    return ask


def test_a_page_knows_who_asks_and_what_they_may_read(call: Any, tenant: Any) -> None:
    found = call("GET", f"/forecasts/{tenant.battery.id}", tenant.member).get_json()
    assert found["asset"] == "battery"
    assert found["user"] == "member"
    assert found["assets"] == [tenant.battery.id, tenant.inverter.id, tenant.market.id]


@pytest.mark.parametrize(("user", "secret"), [("member", False), ("admin", True)])
def test_the_menu_has_what_the_user_may_see(
    call: Any, tenant: Any, user: str, secret: bool
) -> None:
    found = call("GET", f"/forecasts/{tenant.battery.id}", getattr(tenant, user)).get_json()
    assert "Forecasts" in found["menu"]
    assert ("Secrets" in found["menu"]) is secret


def test_a_role_has_what_the_operator_adds_to_it(call: Any, tenant: Any, installation: Any) -> None:
    with installation.database.transaction() as session:
        role = Role(name="meteorologist", permissions=["see-secrets"])
        member = session.get_one(User, tenant.member.id)
        member.roles.append(role)
    path = f"/forecasts/{tenant.battery.id}"
    assert "Secrets" in call("GET", path, tenant.member).get_json()["menu"]
    with installation.database.transaction() as session:
        role = session.scalars(select(Role).where(Role.name == "meteorologist")).one()
        role.permissions.remove("see-secrets")
    assert "Secrets" not in call("GET", path, tenant.member).get_json()["menu"]


def test_ids_enter_through_the_policy(call: Any, tenant: Any) -> None:
    assert call("GET", f"/forecasts/{tenant.other_battery.id}", tenant.member).status_code == 403
    for unknown in ("999", "x", "-1", "²"):
        assert call("GET", f"/forecasts/{unknown}", tenant.member).status_code == 404


def test_a_visitor_is_sent_to_the_login_page(call: Any, tenant: Any) -> None:
    answer = call("GET", f"/forecasts/{tenant.battery.id}")
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")
    assert call("POST", "/notes").status_code == 302
    assert call("POST", "/notes", tenant.member).get_json() == {"user": "member"}


def test_a_page_without_login_has_neither_user_nor_menu(call: Any) -> None:
    assert call("GET", "/public").get_json() == {"menu": [], "user": None}


NAMES = [("Ours", ["Prosumer"]), ("Theirs", ["Dso", "Tso"]), "Anybody's"]


@pytest.mark.parametrize(
    ("value", "roles", "expected"),
    [
        ("Acme", [], "Acme"),
        (NAMES, ["Prosumer"], "Ours"),
        (NAMES, ["Tso"], "Theirs"),
        (NAMES, ["Other"], "Anybody's"),
        (NAMES[:1], ["Other"], ""),
        ([], [], ""),
    ],
)
def test_names_are_chosen_by_account_role(value: Any, roles: list[str], expected: str) -> None:
    account = Account(account_roles=[AccountRole(name=role) for role in roles])
    assert name_for(value, User(account=account)) == expected


def test_a_visitor_reads_the_name_for_all() -> None:
    assert name_for(NAMES, None) == "Anybody's"
