"""Rows about assets."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from fmhost.testing.access.estates import ESTATES, Estate, World
from fmhost.testing.access.kernel_accounts import REMARK
from fmhost.testing.access.rows import ACCOUNTS, OWNERS, Row
from fmhost.testing.access.rules import (
    ACME,
    ADVICE,
    OTHER,
    PUBLIC,
    TRIGGER,
    WRITE_DATA,
    Need,
    own,
    seen,
    the_owner,
)

_V3 = "/api/v3_0"

READ: Final = (Need("asset", "read"),)
_CREATE: Final = (Need("asset", "create-children"),)

#: When the estates have data.
WINDOW: Final = {"start": "2026-03-01T00:00:00+01:00", "end": "2026-03-04T00:00:00+01:00"}
CHART_WINDOW: Final = {
    "event_starts_after": WINDOW["start"],
    "event_ends_before": WINDOW["end"],
    "include_asset_annotations": True,
    "include_account_annotations": True,
}


def _asset(_world: World, estate: Estate) -> dict[str, Any]:
    return {"id": estate.asset_id}


def _automation(_world: World, estate: Estate) -> dict[str, Any]:
    return {"id": estate.asset_id, "automation_id": estate.automation_id}


def _asset_of_acme(world: World, _estate: Estate) -> dict[str, Any]:
    return {"id": world.acme.asset_id}


def _new_asset(world: World, **more: Any) -> dict[str, Any]:
    return {"name": "new", "generic_asset_type_id": world.type_id, **more}


_about = partial(Row, owners=OWNERS, path=_asset)
_listed = partial(Row, f"GET {_V3}/assets")

_LISTS = (
    _listed(shows=own(*ESTATES)),
    _listed(
        query=lambda *_: {"all_accessible": True, "page": 1, "per-page": 50, "sort-by": "owner"},
        shows=seen(*ESTATES),
        way="that are accessible, by page",
    ),
    _listed(
        query=lambda *_: {"include_public": True},
        shows=lambda person, _: own(*ESTATES)(person, None) | {PUBLIC},
        way="and public ones",
    ),
    _listed(
        needs=(Need("account", "read"),),
        owners=ACCOUNTS,
        query=lambda _, estate: {"account": estate.account_id},
        refers="account",
        shows=the_owner,
    ),
    _listed(
        needs=READ,
        owners=OWNERS,
        query=lambda _, estate: {"root": estate.asset_id, "all_accessible": True},
        refers="root",
    ),
    Row(f"GET {_V3}/assets/public", shows=lambda *_: frozenset({PUBLIC})),
    Row(f"GET {_V3}/assets/types"),
)

_CREATED = (
    Row(
        f"POST {_V3}/assets",
        needs=(Need("account", "create-children"),),
        owners=ACCOUNTS,
        json=lambda world, estate: _new_asset(world, account_id=estate.account_id),
        allowed=201,
        unseen=422,
        unknown=422,
        hidden=True,
        refers="account_id",
    ),
    Row(
        f"POST {_V3}/assets",
        needs=(Need("account", "create-children", of=ACME),),
        owners=(ADVICE, OTHER),
        json=lambda world, estate: _new_asset(
            world, account_id=world.acme.account_id, name=f"site {estate.mark}"
        ),
        allowed=201,
        unknown=201,
        people=("admin", "account-admin", "consultant", "member"),
        way="of the name of an asset of another account",
    ),
    Row(
        f"POST {_V3}/assets",
        needs=_CREATE,
        owners=OWNERS,
        json=lambda world, estate: _new_asset(world, parent_asset_id=estate.asset_id),
        allowed=201,
        refers="parent_asset_id",
    ),
    Row(
        f"POST {_V3}/assets",
        needs=(Need("public", "create-children"),),
        json=lambda world, _: _new_asset(world),
        allowed=201,
        way="for the public",
    ),
    _about(
        f"POST {_V3}/assets/<id>/copy",
        needs=(Need("asset", "read"), Need("account", "create-children")),
        allowed=201,
    ),
    Row(
        f"POST {_V3}/assets/<id>/copy",
        needs=(Need("asset", "read", of=ACME), Need("account", "create-children")),
        owners=ACCOUNTS,
        path=_asset_of_acme,
        query=lambda _, estate: {"account": estate.account_id},
        allowed=201,
        refers="account",
    ),
    Row(
        f"POST {_V3}/assets/<id>/copy",
        needs=(Need("asset", "read", of=ACME), Need("asset", "create-children")),
        owners=OWNERS,
        path=_asset_of_acme,
        query=lambda _, estate: {"parent": estate.part_id},
        allowed=201,
        refers="parent",
    ),
    *(
        _about(
            f"POST {_V3}/{path}",
            needs=_CREATE,
            json=lambda *_: REMARK,
            allowed=201,
            scope=WRITE_DATA,
        )
        for path in ("assets/<id>/annotations", "annotations/assets/<id>")
    ),
    _about(
        f"POST {_V3}/assets/<id>/schedules/trigger",
        needs=_CREATE,
        scope=TRIGGER,
        json=lambda _, estate: {
            "start": WINDOW["start"],
            "duration": "PT1H",
            "flex-model": [{"sensor": estate.sensor_id}],
        },
    ),
)

_REST = (
    _about(f"GET {_V3}/assets/<id>", needs=READ),
    _about(
        f"PATCH {_V3}/assets/<id>",
        needs=(Need("asset", "update"),),
        json=lambda *_: {"description": "changed"},
    ),
    _about(f"DELETE {_V3}/assets/<id>", needs=(Need("asset", "delete"),), allowed=204),
    _about(f"GET {_V3}/assets/<id>/sensors", needs=READ),
    _about(f"GET {_V3}/assets/<id>/auditlog", needs=READ),
    _about(f"GET {_V3}/assets/<id>/jobs", needs=READ),
    _about(f"GET {_V3}/assets/<id>/automations", needs=READ),
    _about(
        f"POST {_V3}/assets/<id>/automations",
        needs=_CREATE,
        allowed=201,
        scope=TRIGGER,
        json=lambda _, estate: {
            "name": "hourly",
            "kind": "forecast",
            "sensor": estate.sensor_id,
            "cron": "0 * * * *",
        },
    ),
    _about(
        f"PATCH {_V3}/assets/<id>/automations/<automation_id>",
        needs=_CREATE,
        scope=TRIGGER,
        path=_automation,
        json=lambda *_: {"active": False},
    ),
    _about(
        f"DELETE {_V3}/assets/<id>/automations/<automation_id>",
        needs=_CREATE,
        allowed=204,
        scope=TRIGGER,
        path=_automation,
    ),
    _about(f"GET {_V3}/assets/<id>/kpis", needs=READ, query=lambda *_: WINDOW),
    *(
        _about(f"GET {path}", needs=READ, query=lambda *_: {**CHART_WINDOW, "include_data": True})
        for path in (
            f"{_V3}/assets/<id>/chart",
            f"{_V3}/assets/<id>/chart_data",
            f"{_V3}/assets/<id>/chart_annotations",
            "/api/dev/asset/<id>",
        )
    ),
    _about(
        f"GET {_V3}/assets/<id>/chart_data",
        needs=READ,
        query=lambda *_: {**CHART_WINDOW, "compress_json": True},
        way="compressed",
    ),
    Row(
        f"POST {_V3}/assets/default_asset_view",
        json=lambda *_: {"default_asset_view": "Graphs"},
    ),
    Row(
        f"POST {_V3}/assets/keep_legends_below_graphs",
        json=lambda *_: {"keep_legends_below_graphs": True},
    ),
)

ROWS: Final = (*_LISTS, *_CREATED, *_REST)
