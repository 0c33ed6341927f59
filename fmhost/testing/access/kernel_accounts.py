"""Rows about accounts and users."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from fmhost.testing.access.estates import ALL_ACCOUNTS, Estate, World
from fmhost.testing.access.rows import ACCOUNTS, Row
from fmhost.testing.access.rules import ACME, WRITE_DATA, Need, Person, seen, the_owner

_V3 = "/api/v3_0"

#: A remark, for rows about annotations.
REMARK: Final = {
    "content": "a remark",
    "start": "2026-03-02T00:00:00+01:00",
    "end": "2026-03-03T00:00:00+01:00",
}


def _account(_world: World, estate: Estate) -> dict[str, Any]:
    return {"id": estate.account_id}


def _user(_world: World, estate: Estate) -> dict[str, Any]:
    return {"id": estate.user_id}


def _own_users(person: Person, _owner: str | None) -> frozenset[str]:
    """Those of the own account; of all for those who may read everything."""
    everything = {"admin", "admin-reader"} & person.roles
    return frozenset(ALL_ACCOUNTS if everything else {person.account or ""})


_about_account = partial(Row, owners=ACCOUNTS, path=_account)
_about_user = partial(Row, owners=ACCOUNTS, path=_user)

_LISTS = (
    Row(f"GET {_V3}/accounts", shows=seen(*ALL_ACCOUNTS)),
    Row(
        f"GET {_V3}/accounts",
        query=lambda *_: {"page": 1, "per-page": 50, "sort-by": "assets"},
        shows=seen(*ALL_ACCOUNTS),
        way="by page",
    ),
    Row(f"GET {_V3}/users", shows=_own_users),
    Row(
        f"GET {_V3}/users",
        query=lambda *_: {
            "page": 1,
            "per-page": 50,
            "include_inactive": True,
            "sort-by": "lastSeen",
        },
        shows=_own_users,
        way="by page",
    ),
    Row(
        f"GET {_V3}/users",
        needs=(Need("account", "read"),),
        owners=ACCOUNTS,
        query=lambda _, estate: {"account": estate.account_id},
        refers="account",
        shows=the_owner,
    ),
)

_ABOUT_ACCOUNTS = (
    Row(
        f"POST {_V3}/accounts",
        needs=(Need("platform", "create-children"),),
        json=lambda *_: {"name": "New Ltd"},
        allowed=201,
    ),
    _about_account(f"GET {_V3}/accounts/<id>", needs=(Need("account", "read"),)),
    _about_account(
        f"PATCH {_V3}/accounts/<id>",
        needs=(Need("account", "update"),),
        json=lambda *_: {"primary_color": "#112233"},
    ),
    *(
        _about_account(
            f"PATCH {_V3}/accounts/<id>",
            needs=(Need("account", "update"), Need("account", "govern")),
            json=change,
            refused=refused,
            way=f"for its {way}",
        )
        for way, refused, change in (
            ("roles", 403, lambda *_: {"account_roles": []}),
            ("consultancy", 422, lambda *_: {"consultancy_account_id": None}),
            ("plan", 403, lambda *_: {"plan_id": None}),
        )
    ),
    _about_account(f"GET {_V3}/accounts/<id>/auditlog", needs=(Need("account log", "read"),)),
    _about_account(
        f"GET {_V3}/accounts/<id>/auditlog",
        needs=(Need("account log", "read"),),
        query=lambda *_: {"page": 1},
        way="by page",
    ),
    *(
        _about_account(
            f"POST {_V3}/{path}",
            needs=(Need("account", "create-children"),),
            json=lambda *_: REMARK,
            allowed=201,
            scope=WRITE_DATA,
        )
        for path in ("accounts/<id>/annotations", "annotations/accounts/<id>")
    ),
)


def _user_like(field: str, world: World, _estate: Estate) -> dict[str, Any]:
    return {
        "email": "new@example.org",
        "username": "new",
        "account_id": world.acme.account_id,
        field: getattr(world.users["other member"], field),
    }


def _role(name: str) -> Row:
    return _about_user(
        f"PATCH {_V3}/users/<id>",
        needs=(Need("user", "update"), Need(f"role {name}", "assign")),
        json=lambda world, _: {"flexmeasures_roles": [world.roles[name]]},
        way=f"to be {name}",
    )


def _oneself(person: str, permission: str, **change: Any) -> Row:
    """What those who may do it to others may not do to themselves."""
    return Row(
        f"PATCH {_V3}/users/<id>",
        needs=(Need("oneself", permission),),
        people=(person,),
        path=lambda world, _: {"id": world.users[person].id},
        json=lambda world, _: (
            change or {"flexmeasures_roles": [world.roles[person], world.roles["consultant"]]}
        ),
        way=f"by the {person}, about oneself, to {permission}",
    )


_ABOUT_USERS = (
    Row(
        f"POST {_V3}/users",
        needs=(Need("account", "create-children"),),
        owners=ACCOUNTS,
        json=lambda _, estate: {
            "email": "new@example.org",
            "username": "new",
            "account_id": estate.account_id,
        },
        allowed=201,
        unknown=422,
        hidden=True,
        refers="account_id",
    ),
    *(
        Row(
            f"POST {_V3}/users",
            needs=(Need("account", "create-children", of=ACME),),
            json=partial(_user_like, field),
            allowed=400,
            way=f"with the {field} of a user of another account",
        )
        for field in ("email", "username")
    ),
    _about_user(f"GET {_V3}/users/<id>", needs=(Need("user", "read"),)),
    _about_user(
        f"PATCH {_V3}/users/<id>",
        needs=(Need("user", "update"),),
        json=lambda *_: {"timezone": "UTC"},
    ),
    _about_user(
        f"PATCH {_V3}/users/<id>",
        needs=(Need("user", "update"), Need("user", "suspend")),
        json=lambda *_: {"active": False},
        way="to be inactive",
    ),
    *map(_role, ("admin", "admin-reader", "account-admin", "consultant")),
    *(
        row
        for person in ("account-admin", "admin")
        for row in (_oneself(person, "assign"), _oneself(person, "suspend", active=False))
    ),
    _about_user(f"PATCH {_V3}/users/<id>/password-reset", needs=(Need("user", "update"),)),
    _about_user(f"GET {_V3}/users/<id>/auditlog", needs=(Need("user log", "read"),)),
)

_KEYS = (
    Row(f"GET {_V3}/api-keys", login=True),
    Row(
        f"GET {_V3}/api-keys",
        needs=(Need("account log", "read"),),
        owners=ACCOUNTS,
        query=lambda _, estate: {"account": estate.account_id},
        login=True,
        refers="account",
    ),
    Row(
        f"POST {_V3}/api-keys",
        json=lambda *_: {"name": "new", "scopes": ["read"]},
        allowed=201,
    ),
    Row(
        f"DELETE {_V3}/api-keys/<id>",
        needs=(Need("user", "update"),),
        owners=ACCOUNTS,
        path=lambda _, estate: {"id": estate.key_id},
        allowed=204,
        denied=404,
        hidden=True,
    ),
)

ROWS: Final = (*_LISTS, *_ABOUT_ACCOUNTS, *_ABOUT_USERS, *_KEYS)
