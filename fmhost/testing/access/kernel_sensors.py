"""Rows about sensors, their data, and jobs."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any, Final

from fmhost.testing.access.estates import ESTATES, Estate, World
from fmhost.testing.access.kernel_accounts import REMARK
from fmhost.testing.access.kernel_assets import CHART_WINDOW, WINDOW
from fmhost.testing.access.rows import ACCOUNTS, OWNERS, Row
from fmhost.testing.access.rules import (
    ACME,
    ADVICE,
    ADVISED_BY,
    OTHER,
    PUBLIC,
    TRIGGER,
    WRITE_DATA,
    Need,
    Person,
    own,
    seen,
    sees,
    the_owner,
)

_V3 = "/api/v3_0"

READ: Final = (Need("sensor", "read"),)
_CREATE: Final = (Need("sensor", "create-children"),)

#: Moments of which there are data, and others.
_KNOWN = {"start": "2026-03-02T01:00:00+01:00", "duration": "PT1H", "unit": "kW"}
_MOMENTS = {"start": "2026-03-05T00:00:00+01:00", "duration": "PT30M", "unit": "kW"}


def _sensor(_world: World, estate: Estate) -> dict[str, Any]:
    return {"id": estate.sensor_id}


def address_of(estate: Estate) -> str:
    """The entity address of the sensor, at the host and by the clock of tests."""
    return f"ea1.2026-04.localhost:fm1.{estate.sensor_id}"


def _upload(_world: World, _estate: Estate) -> dict[str, Any]:
    content = b"event_start,event_value\n2026-03-05T00:00:00+01:00,1\n"
    return {"uploaded-files": (BytesIO(content), "new.csv")}


def _sensors_of_all_kinds(person: Person, _owner: str | None) -> frozenset[str]:
    """Those of the own account, of its clients for consultants, and public ones."""
    return frozenset(
        owner
        for owner in ESTATES
        if owner in (person.account, PUBLIC)
        or (ADVISED_BY.get(owner) == person.account and sees(person, owner))
    )


_about = partial(Row, owners=OWNERS, path=_sensor, unknown=422)
_about_data = partial(Row, owners=OWNERS, path=_sensor)
_listed = partial(Row, f"GET {_V3}/sensors")

_LISTS = (
    _listed(shows=own(*ESTATES)),
    _listed(
        query=lambda *_: {
            "include_consultancy_clients": True,
            "include_public_assets": True,
            "page": 1,
            "per-page": 50,
        },
        shows=_sensors_of_all_kinds,
        way="of all kinds, by page",
    ),
    _listed(
        needs=(Need("account", "read"),),
        owners=ACCOUNTS,
        query=lambda _, estate: {"account": estate.account_id},
        refers="account",
        shows=the_owner,
    ),
    _listed(
        needs=(Need("asset", "read"),),
        owners=OWNERS,
        query=lambda _, estate: {"asset": estate.asset_id},
        refers="asset",
    ),
    _listed(
        needs=(Need("account", "read"), Need("asset", "read", of=ACME)),
        owners=(ADVICE, OTHER),
        query=lambda world, estate: {"account": estate.account_id, "asset": world.acme.asset_id},
        allowed=422,
        way="below an asset of another account",
    ),
    Row(f"GET {_V3}/sources", shows=seen(*ESTATES)),
    Row(
        f"GET {_V3}/sources",
        query=lambda *_: {"only_latest": True},
        shows=seen(*ESTATES),
        way="of the latest version",
    ),
)

_SENSORS = (
    Row(
        f"POST {_V3}/sensors",
        needs=(Need("asset", "create-children"),),
        owners=OWNERS,
        json=lambda _, estate: {
            "name": "new",
            "unit": "kW",
            "event_resolution": "PT15M",
            "generic_asset_id": estate.asset_id,
        },
        allowed=201,
        unknown=422,
        refers="generic_asset_id",
    ),
    _about(f"GET {_V3}/sensors/<id>", needs=READ),
    _about(
        f"PATCH {_V3}/sensors/<id>",
        needs=(Need("sensor", "update"),),
        json=lambda *_: {"name": "renamed"},
    ),
    _about(f"DELETE {_V3}/sensors/<id>", needs=(Need("sensor", "delete"),), allowed=204),
    *(
        _about(
            f"POST {_V3}/{path}",
            needs=_CREATE,
            json=lambda *_: REMARK,
            allowed=201,
            scope=WRITE_DATA,
        )
        for path in ("sensors/<id>/annotations", "annotations/sensors/<id>")
    ),
    _about(f"GET {_V3}/sensors/<id>/stats", needs=READ),
    _about(f"GET {_V3}/sensors/<id>/status", needs=READ),
    *(
        _about(
            f"GET /api/dev/sensor/<id>{part}",
            needs=READ,
            query=lambda *_: {**CHART_WINDOW, "include_data": True},
        )
        for part in ("", "/chart", "/chart_data", "/chart_annotations")
    ),
)

_DATA = (
    _about_data(f"GET {_V3}/sensors/<id>/data", needs=READ, query=lambda *_: _KNOWN),
    _about_data(
        f"POST {_V3}/sensors/<id>/data",
        needs=_CREATE,
        scope=WRITE_DATA,
        json=lambda *_: {**_MOMENTS, "values": [1, 2]},
    ),
    _about_data(
        f"DELETE {_V3}/sensors/<id>/data",
        needs=(Need("sensor", "delete"),),
        allowed=204,
        scope=WRITE_DATA,
    ),
    _about_data(
        f"POST {_V3}/sensors/<id>/data/upload", needs=_CREATE, scope=WRITE_DATA, form=_upload
    ),
    Row(
        f"GET {_V3}/sensors/data",
        needs=READ,
        owners=OWNERS,
        query=lambda _, estate: {**_KNOWN, "sensor": address_of(estate)},
        unknown=422,
        refers="sensor",
    ),
    Row(
        f"POST {_V3}/sensors/data",
        needs=_CREATE,
        owners=OWNERS,
        scope=WRITE_DATA,
        json=lambda _, estate: {**_MOMENTS, "sensor": address_of(estate), "values": [1, 2]},
        unknown=422,
        refers="sensor",
    ),
)

#: An hour of which forecasts are looked at.
EVALUATED = {"start": "2026-03-02T00:00:00+01:00", "end": "2026-03-02T01:00:00+01:00"}

_JOBS = (
    _about(
        f"POST {_V3}/sensors/<id>/schedules/trigger",
        needs=_CREATE,
        scope=TRIGGER,
        json=lambda *_: {"start": WINDOW["start"], "duration": "PT1H"},
    ),
    Row(
        f"GET {_V3}/sensors/<id>/schedules/<uuid>",
        needs=READ,
        owners=OWNERS,
        path=lambda _, estate: {"id": estate.sensor_id, "uuid": estate.job_id},
        unknown=422,
    ),
    _about(
        f"POST {_V3}/sensors/<id>/forecasts/trigger",
        needs=_CREATE,
        scope=TRIGGER,
        json=lambda *_: {"duration": "PT1H"},
    ),
    Row(
        f"GET {_V3}/sensors/<id>/forecasts/<uuid>",
        needs=READ,
        owners=OWNERS,
        path=lambda _, estate: {"id": estate.sensor_id, "uuid": estate.waiting_job_id},
        allowed=202,
        unknown=422,
    ),
    _about(
        f"POST {_V3}/sensors/<id>/forecasts/evaluations",
        needs=_CREATE,
        scope=TRIGGER,
        json=lambda *_: EVALUATED,
        allowed=202,
    ),
    _about(f"GET {_V3}/sensors/<id>/forecasts/evaluations", needs=READ),
    Row(
        f"GET {_V3}/sensors/<id>/forecasts/evaluations/<uuid>",
        needs=READ,
        owners=OWNERS,
        path=lambda _, estate: {"id": estate.sensor_id, "uuid": estate.waiting_job_id},
        allowed=422,  # a job of another kind
        unknown=422,
    ),
    Row(
        f"GET {_V3}/jobs/<uuid>",
        needs=READ,
        owners=OWNERS,
        path=lambda _, estate: {"uuid": estate.job_id},
        denied=404,
        hidden=True,
    ),
    Row(
        f"GET {_V3}/jobs/<uuid>/explanation",
        needs=READ,
        owners=OWNERS,
        path=lambda _, estate: {"uuid": estate.waiting_job_id},
        allowed=202,
        denied=404,
        hidden=True,
    ),
)

ROWS: Final = (*_LISTS, *_SENSORS, *_DATA, *_JOBS)
