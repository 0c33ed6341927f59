"""Every page, asked for by everybody, about everybody's things."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

from fmhost.testing import ACCOUNTS, OWNERS, AccessConformance, Need, Person, Row, seen


def _assets_and_oneself(person: Person, owner: str | None) -> frozenset[str]:
    """Whose assets may be read, and the account of whoever is logged in."""
    return seen(*OWNERS)(person, owner) | {person.account or ""}


#: Whoever is not logged in is led to the login.
_page = partial(Row, plain=True, nobody=(302, 302))


def _account(_world: Any, estate: Any) -> dict[str, Any]:
    return {"id": estate.account_id}


def _user(_world: Any, estate: Any) -> dict[str, Any]:
    return {"id": estate.user_id}


#: A form that was taken leads elsewhere.
_sent = partial(_page, allowed=302)
_about_account = partial(_page, owners=ACCOUNTS, path=_account)
_about_user = partial(_page, owners=ACCOUNTS, path=_user)

_ADMINISTRATION = (
    _page("GET /assets", shows=_assets_and_oneself),
    _about_account("GET /assets/owned_by/<id>", needs=(Need("account", "read"),)),
    _page("GET /accounts", shows=seen("host", "advice", "acme", "other", "rival")),
    _page("GET /accounts/new", needs=(Need("platform", "create-children"),)),
    _sent(
        "POST /accounts/new",
        needs=(Need("platform", "create-children"),),
        form=lambda *_: {"name": "New Ltd"},
    ),
    _about_account("GET /accounts/<id>", needs=(Need("account", "read"),)),
    _about_account(
        "POST /accounts/<id>",
        needs=(Need("account", "update"),),
        form=lambda *_: {"primary_color": "#112233"},
        allowed=302,
    ),
    _about_account("GET /accounts/auditlog/<id>", needs=(Need("account log", "read"),)),
    _page("GET /users", shows=seen("host", "advice", "acme", "other", "rival")),
    _page(
        "GET /users/new",
        needs=(Need("account", "create-children", of="acme"),),
        people=("admin", "admin-reader", "account-admin", "consultant", "member", "clerk"),
    ),
    _sent(
        "POST /users/new",
        needs=(Need("account", "create-children", of="acme"),),
        form=lambda world, _: {
            "username": "new",
            "email": "new@example.org",
            "account_id": world.acme.account_id,
        },
    ),
    _about_user("GET /users/<id>", needs=(Need("user", "read"),)),
    _about_user(
        "POST /users/<id>",
        needs=(Need("user", "update"),),
        form=lambda *_: {"timezone": "UTC"},
        allowed=302,
    ),
    _about_user("GET /users/toggle_active/<id>", needs=(Need("user", "update"),)),
    _about_user("POST /users/toggle_active/<id>", needs=(Need("user", "update"),), allowed=302),
    _about_user("GET /users/reset_password_for/<id>", needs=(Need("user", "update"),)),
    _about_user(
        "POST /users/reset_password_for/<id>",
        needs=(Need("user", "update"),),
        owners=("acme",),
        allowed=302,
    ),
    _about_user("GET /users/auditlog/<id>", needs=(Need("user log", "read"),)),
)

#: Whoever may read everything.
_READERS = (Need.one_of("admin-reader"),)


def _job(_world: Any, estate: Any) -> dict[str, Any]:
    return {"id": estate.job_id}


def _waiting_job(_world: Any, estate: Any) -> dict[str, Any]:
    return {"id": estate.waiting_job_id}


_TASKS = (
    _page("GET /logged-in-user"),
    # A token gets no other token.
    _page("POST /logged-in-user/token", allowed=403),
    _page(
        "POST /logged-in-user/api-keys",
        form=lambda *_: {"name": "new", "scopes": "read"},
    ),
    _about_user(
        "POST /logged-in-user/api-keys/<id>/revoke",
        needs=(Need("user", "update"),),
        path=lambda _, estate: {"id": estate.key_id},
        allowed=302,
        denied=404,
    ),
    _page("GET /tasks/", needs=_READERS),
    _page(
        "GET /tasks/<id>",
        needs=(Need("asset", "read"),),
        owners=OWNERS,
        path=_job,
        denied=404,
    ),
    _page(
        "GET /tasks/<id>/explanation",
        needs=(Need("asset", "read"),),
        owners=OWNERS,
        path=_job,
        denied=404,
    ),
    _sent("POST /tasks/requeue", needs=_READERS, form=lambda *_: {"queue": "reporting"}),
    _page(
        "POST /tasks/<id>/requeue",
        needs=(*_READERS, Need("asset", "read")),
        owners=OWNERS,
        path=_job,
        unknown=404,
        allowed=302,
    ),
    _page(
        "POST /tasks/<id>/cancel",
        needs=(Need.one_of(),),
        path=lambda world, _: {"id": world.acme.waiting_job_id},
        allowed=302,
    ),
    _page("GET /plugins", needs=_READERS),
    _page("GET /about"),
)


_about_asset = partial(_page, owners=OWNERS, path=lambda _, estate: {"id": estate.asset_id})
_about_sensor = partial(_page, owners=OWNERS, path=lambda _, estate: {"id": estate.sensor_id})
_READ = (Need("asset", "read"),)
_ADD = (Need("asset", "create-children"),)
_FOR = ("admin", "admin-reader", "account-admin", "consultant", "member")


def _file(*_: Any) -> dict[str, Any]:
    content = b"event_start,event_value\n2026-03-05T00:00:00+01:00,1\n"
    return {"uploaded-files": (BytesIO(content), "new.csv")}


_ASSET_FORMS = (
    *(
        _about_asset(f"GET /assets/<id>/{tab}", needs=_READ)
        for tab in ("context", "properties", "status", "auditlog")
    ),
    *(_about_asset(f"GET /assets/<id>/{form}", needs=_ADD) for form in ("schedule", "sensors/new")),
    _page("GET /assets/new", needs=(Need("asset", "create-children", of="acme"),), people=_FOR),
    _sent(
        "POST /assets/new",
        needs=(Need("account", "create-children"),),
        owners=ACCOUNTS,
        form=lambda world, estate: {
            "name": "new",
            "generic_asset_type_id": world.type_id,
            "account_id": estate.account_id,
        },
        unseen=422,
        unknown=422,
        people=_FOR,
    ),
    _about_asset(
        "POST /assets/<id>/properties",
        needs=(Need("asset", "update"),),
        form=lambda *_: {"description": "new"},
        allowed=302,
    ),
    _about_asset(
        "POST /assets/<id>/context",
        needs=(Need("asset", "update"),),
        form=lambda *_: {"part": "flex_model", "flex_model": "{}"},
        allowed=302,
    ),
    _about_asset(
        "POST /assets/<id>/copy",
        needs=(Need("asset", "read"), Need("account", "create-children")),
        allowed=302,
    ),
    _about_asset(
        "POST /assets/<id>/sensors/new",
        needs=_ADD,
        form=lambda *_: {"name": "new", "unit": "kW", "event_resolution": "PT15M"},
        allowed=302,
    ),
    _about_asset("POST /assets/<id>/schedule", needs=_ADD),
    _about_asset(
        "POST /assets/<id>/schedule/trigger",
        needs=_ADD,
        form=lambda _, estate: {
            "start": "2026-03-01T00:00",
            "duration": "PT1H",
            "device": estate.sensor_id,
        },
        allowed=302,
    ),
    _about_asset("GET /assets/delete_with_data/<id>", needs=(Need("asset", "delete"),)),
    _about_asset(
        "POST /assets/delete_with_data/<id>", needs=(Need("asset", "delete"),), allowed=302
    ),
)

_SENSOR_FORMS = (
    *(
        _about_sensor(f"GET /sensors/<id>/{form}", needs=(Need("sensor", permission),))
        for form, permission in (
            ("properties", "update"),
            ("delete", "delete"),
            ("delete_data", "delete"),
            ("upload", "create-children"),
            ("forecast", "create-children"),
        )
    ),
    *(
        _about_sensor(
            f"POST /sensors/<id>/{name}",
            needs=(Need("sensor", permission),),
            form=form,
            allowed=302,
        )
        for name, permission, form in (
            ("properties", "update", lambda *_: {"name": "renamed"}),
            ("delete", "delete", None),
            ("delete_data", "delete", None),
            ("upload", "create-children", _file),
            ("forecast/trigger", "create-children", lambda *_: {"duration": "P1D"}),
        )
    ),
)


class TestAccess(AccessConformance):
    plugin = "ui"
    rows = (
        *_ADMINISTRATION,
        *_TASKS,
        *_ASSET_FORMS,
        *_SENSOR_FORMS,
        Row("GET /favicon.ico", public=True),
        _page("GET /", shows=_assets_and_oneself),
        _page("GET /dashboard", shows=_assets_and_oneself),
        _page(
            "GET /dashboard",
            query=lambda *_: {"group_by_accounts": 1},
            shows=_assets_and_oneself,
            way="by account",
        ),
        _page("GET /dashboard/places", shows=lambda *_: frozenset()),
        _page("GET /dashboard/states", shows=lambda *_: frozenset()),
        _page(
            "GET /dashboard/places/<id>",
            needs=(Need("asset", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.asset_id},
        ),
        Row(
            "GET /ui/brand/<primary>/<secondary>.css",
            public=True,
            path=lambda *_: {"primary": "123456", "secondary": "abc"},
        ),
        _page(
            "GET /assets/<id>",
            needs=(Need("asset", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.asset_id},
        ),
        _page(
            "GET /assets/<id>/graphs",
            needs=(Need("asset", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.asset_id},
        ),
        _page(
            "POST /assets/<id>/first_view",
            needs=(Need("asset", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.asset_id},
            form=lambda *_: {"view": "graphs", "is_first": "0"},
            allowed=302,
        ),
        _page(
            "GET /ui/chart_data/assets/<id>",
            needs=(Need("asset", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.asset_id},
        ),
        _page(
            "GET /ui/chart_data/sensors/<id>",
            needs=(Need("sensor", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.sensor_id},
        ),
        _page(
            "GET /sensors/<id>",
            needs=(Need("sensor", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.sensor_id},
        ),
    )
