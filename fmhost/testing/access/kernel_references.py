"""Rows about sensors, assets, accounts and sources that the arguments of requests name.

Somebody asks for something about Acme's things, and names in it what an owner has. What may not be
read has to be refused like what does not exist, word for word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from fmhost.testing.access.estates import Estate, World
from fmhost.testing.access.kernel_sensors import EVALUATED, address_of
from fmhost.testing.access.rows import ACCOUNTS, OWNERS, Make, Row
from fmhost.testing.access.rules import ACME, ADVICE, OTHER, PUBLIC, Need

_V3 = "/api/v3_0"

#: Who asks: everybody may read something different, and the last may not even ask.
_PEOPLE: Final = ("admin", "admin-reader", "member", "consultant", "other member")

_READ: Final = Need("sensor", "read")
_READ_ASSET: Final = Need("asset", "read")
_READ_ACCOUNT: Final = Need("account", "read")
_WRITE: Final = Need("sensor", "create-children")

#: What a request says of what an owner has.
Says = Callable[[Estate], Any]

_naming = partial(Row, owners=OWNERS, people=_PEOPLE, refused=422, unknown=422, hidden=True)

#: Fields of assets, each with what names something, and what has to be readable.
_OF_ASSETS: Final[tuple[tuple[str, str, Says, Need], ...]] = (
    ("flex_context", "a price", lambda it: {"consumption-price": {"sensor": it.price_id}}, _READ),
    ("flex_context", "a list", lambda it: {"inflexible-device-sensors": [it.sensor_id]}, _READ),
    ("flex_model", "a capacity", lambda it: {"power-capacity": {"sensor": it.sensor_id}}, _READ),
    ("sensors_to_show", "a number", lambda it: [it.sensor_id], _READ),
    (
        "sensors_to_show",
        "a plot of an asset",
        lambda it: [{"title": "x", "plots": [{"asset": it.asset_id, "flex-model": "soc-min"}]}],
        _READ_ASSET,
    ),
    (
        "sensors_to_show_as_kpis",
        "a figure",
        lambda it: [{"title": "x", "sensor": it.daily_id}],
        _READ,
    ),
    ("attributes", "a market", lambda it: {"market_id": it.price_id}, _READ),
    ("attributes", "deep inside", lambda it: {"x": [{"y": {"sensor": it.sensor_id}}]}, _READ),
)


def _of_acme(attribute: str) -> Make:
    return lambda world, _: {"id": getattr(world.acme, attribute)}


def _saying(field: str, says: Says) -> Make:
    return lambda _, estate: {field: says(estate)}


def _assets() -> Iterator[Row]:
    for field, way, says, need in _OF_ASSETS:
        yield _naming(
            f"PATCH {_V3}/assets/<id>",
            needs=(Need("asset", "update", of=ACME), need),
            path=_of_acme("asset_id"),
            json=_saying(field, says),
            refers=field,
            way=f"for {field}: {way}",
        )
        yield _naming(
            f"POST {_V3}/assets",
            needs=(Need("asset", "create-children", of=ACME), need),
            json=partial(_new_asset, field, says),
            allowed=201,
            refers=field,
            way=f"with {field}: {way}",
        )


def _new_asset(field: str, says: Says, world: World, estate: Estate) -> dict[str, Any]:
    return {
        "name": "new",
        "generic_asset_type_id": world.type_id,
        "parent_asset_id": world.acme.asset_id,
        field: says(estate),
    }


def _attributes_of_sensor(estate: Estate) -> dict[str, Any]:
    return {"site-power-capacity": {"sensor": estate.sensor_id}}


_SENSORS = (
    _naming(
        f"PATCH {_V3}/sensors/<id>",
        needs=(Need("sensor", "update", of=ACME), _READ),
        path=_of_acme("sensor_id"),
        json=_saying("attributes", _attributes_of_sensor),
        refers="attributes",
    ),
    _naming(
        f"POST {_V3}/sensors",
        needs=(Need("asset", "create-children", of=ACME), _READ),
        json=lambda world, estate: {
            "name": "new",
            "unit": "kW",
            "event_resolution": "PT15M",
            "generic_asset_id": world.acme.asset_id,
            "attributes": _attributes_of_sensor(estate),
        },
        allowed=201,
        refers="attributes",
    ),
)

#: A request for a schedule by the storage plugin; only what it names is not always the same.
_SCHEDULE: Final = {"start": "2026-03-02T01:00:00+01:00", "duration": "PT1H"}
_BATTERY: Final = {
    "soc-at-start": "1 kWh",
    "soc-min": "0 kWh",
    "soc-max": "2 kWh",
    "power-capacity": "2 kW",
}
_PRICES: Final = {"consumption-price": "1 EUR/kWh"}


def _schedule(part: str, way: str, says: Says, need: Need = _READ) -> Row:
    def body(_world: World, estate: Estate) -> dict[str, Any]:
        said = {"flex-model": dict(_BATTERY), "flex-context": dict(_PRICES)}
        said[part] |= says(estate)
        return {**_SCHEDULE, **said}

    return _naming(
        f"POST {_V3}/sensors/<id>/schedules/trigger",
        needs=(Need("sensor", "create-children", of=ACME), need),
        path=_of_acme("inner_id"),
        json=body,
        refers=part,
        way=f"with {part}: {way}",
    )


def _schedule_of_asset(way: str, says: Says) -> Row:
    """What is no part of the asset is refused to everybody."""
    return _naming(
        f"POST {_V3}/assets/<id>/schedules/trigger",
        needs=(Need("asset", "create-children", of=ACME), _READ),
        owners=(ADVICE, OTHER, PUBLIC),
        path=_of_acme("part_id"),
        json=lambda _, estate: {**_SCHEDULE, "flex-model": [{**_BATTERY, **says(estate)}]},
        allowed=422,
        refers="flex-model",
        way=f"with flex-model: {way}",
    )


_SCHEDULES = (
    _schedule("flex-context", "a price", lambda it: {"consumption-price": {"sensor": it.price_id}}),
    _schedule("flex-context", "a list", lambda it: {"inflexible-device-sensors": [it.sensor_id]}),
    _schedule(
        "flex-context", "a load", lambda it: {"inflexible-consumption": [{"sensor": it.sensor_id}]}
    ),
    _schedule("flex-model", "a capacity", lambda it: {"power-capacity": {"sensor": it.sensor_id}}),
    _schedule(
        "flex-model", "an output", lambda it: {"consumption": {"sensor": it.sensor_id}}, _WRITE
    ),
    _schedule_of_asset("a sensor", lambda it: {"sensor": it.sensor_id}),
    _schedule_of_asset("an asset", lambda it: {"asset": it.asset_id}),
    Row(
        f"GET {_V3}/sensors/<id>/schedules/<uuid>",
        needs=(Need("sensor", "read", of=ACME), _READ),
        owners=(ADVICE, OTHER, PUBLIC),
        people=_PEOPLE,
        path=lambda world, estate: {"id": world.acme.sensor_id, "uuid": estate.job_id},
        allowed=400,
        refused=400,
        unknown=400,
        hidden=True,
        refers="uuid",
        way="of another sensor",
    ),
    Row(
        f"GET {_V3}/sensors/<id>/forecasts/<uuid>",
        needs=(Need("sensor", "read", of=ACME), _READ),
        owners=(ADVICE, OTHER, PUBLIC),
        people=_PEOPLE,
        path=lambda world, estate: {"id": world.acme.sensor_id, "uuid": estate.waiting_job_id},
        allowed=422,
        refused=422,
        unknown=422,
        hidden=True,
        refers="uuid",
        way="of another sensor",
    ),
    Row(
        f"GET {_V3}/sensors/<id>/forecasts/evaluations/<uuid>",
        needs=(Need("sensor", "read", of=ACME), _READ),
        owners=(ADVICE, OTHER, PUBLIC),
        people=_PEOPLE,
        path=lambda world, estate: {"id": world.acme.sensor_id, "uuid": estate.waiting_job_id},
        allowed=422,
        refused=422,
        unknown=422,
        hidden=True,
        refers="uuid",
        way="of another sensor",
    ),
)


def _forecast(
    field: str,
    says: Says,
    need: Need = _READ,
    owners: tuple[str, ...] = OWNERS,
    *,
    evaluated: bool = False,
) -> Row:
    name, _, inner = field.partition(".")
    asked = EVALUATED if evaluated else {"duration": "PT1H"}

    def body(_world: World, estate: Estate) -> dict[str, Any]:
        said = {inner: says(estate)} if inner else says(estate)
        return {**asked, name: said}

    return _naming(
        f"POST {_V3}/sensors/<id>/forecasts/{'evaluations' if evaluated else 'trigger'}",
        needs=(Need("sensor", "create-children", of=ACME), need),
        owners=owners,
        path=_of_acme("sensor_id"),
        json=body,
        allowed=202 if evaluated else 200,
        refers=field,
    )


_ANNOTATED = "config.annotation-regressors"

_FORECASTS = (
    _forecast("sensor-to-save", lambda it: it.sensor_id, _WRITE),
    _forecast("config.regressors", lambda it: [it.price_id]),
    _forecast("config.future-regressors", lambda it: [{"sensor": it.price_id}]),
    _forecast("config.past-regressors", lambda it: [it.price_id]),
    _forecast(_ANNOTATED, lambda it: [{"sensor": it.sensor_id}]),
    _forecast(_ANNOTATED, lambda it: [{"asset": it.asset_id}], _READ_ASSET),
    _forecast(_ANNOTATED, lambda it: [{"account": it.account_id}], _READ_ACCOUNT, ACCOUNTS),
    _forecast("config.regressors", lambda it: [it.price_id], evaluated=True),
    _forecast("config.future-regressors", lambda it: [it.price_id], evaluated=True),
    _forecast("config.past-regressors", lambda it: [it.price_id], evaluated=True),
    _forecast(_ANNOTATED, lambda it: [{"sensor": it.sensor_id}], evaluated=True),
    _forecast(_ANNOTATED, lambda it: [{"asset": it.asset_id}], _READ_ASSET, evaluated=True),
    _forecast(
        _ANNOTATED,
        lambda it: [{"account": it.account_id}],
        _READ_ACCOUNT,
        ACCOUNTS,
        evaluated=True,
    ),
)


def _question(
    by_address: bool, field: str, attribute: str, world: World, estate: Estate
) -> dict[str, Any]:
    asked = {**_SCHEDULE, "unit": "kW", field: getattr(estate, attribute)}
    return {**asked, "sensor": address_of(world.acme)} if by_address else asked


_SOURCES = (
    *(
        _naming(
            f"GET {_V3}/{path}",
            needs=(Need("sensor", "read", of=ACME), _READ),
            path=_of_acme("sensor_id") if "<id>" in path else None,
            query=partial(_question, "<id>" not in path, field, of),
            refers=field,
            owners=owners,
            allowed=allowed,
        )
        for path in ("sensors/<id>/data", "sensors/data")
        for field, of, owners, allowed in (
            ("source", "source_id", OWNERS, 200),
            # Those who have recorded nothing on this sensor.
            ("source-account", "account_id", (ADVICE, OTHER), 422),
        )
    ),
    _naming(
        f"DELETE {_V3}/sensors/<id>/data",
        needs=(Need("sensor", "delete", of=ACME), _READ),
        path=_of_acme("sensor_id"),
        json=_saying("source", lambda it: it.source_id),
        allowed=204,
        refused=204,
        unknown=204,
        refers="source",
    ),
)

_CLIENTS = (
    _naming(
        f"PATCH {_V3}/accounts/<id>",
        needs=(Need("account", "update", of=ACME), Need("account", "govern")),
        owners=(ADVICE, OTHER),
        path=_of_acme("account_id"),
        json=_saying("consultancy_account_id", lambda it: it.account_id),
        refers="consultancy_account_id",
    ),
    _naming(
        f"POST {_V3}/accounts",
        needs=(Need("platform", "create-children"), Need("account", "serve")),
        owners=ACCOUNTS,
        json=lambda _, estate: {"name": "New Ltd", "consultancy_account_id": estate.account_id},
        allowed=201,
        refused=403,
        refers="consultancy_account_id",
    ),
)

_move = partial(
    Row,
    f"PATCH {_V3}/assets/<id>",
    needs=(Need("asset", "update", of=ACME), Need("asset", "create-children")),
    people=_PEOPLE,
    path=_of_acme("part_id"),
    json=_saying("parent_asset_id", lambda it: it.asset_id),
    refers="parent_asset_id",
)

_PARENTS = (
    _move(owners=(ACME,), way="below an asset"),
    # All assets of a tree have the same owner.
    _move(owners=(ADVICE, OTHER, PUBLIC), allowed=422, way="below an asset of another account"),
)

#: Only a sensor of the asset itself will do, so that others' are refused like none.
_AUTOMATION = Row(
    f"POST {_V3}/assets/<id>/automations",
    needs=(Need("asset", "create-children", of=ACME),),
    owners=(ACME,),
    people=_PEOPLE,
    path=_of_acme("asset_id"),
    json=lambda _, estate: {
        "name": "daily",
        "kind": "forecast",
        "interval": "P1D",
        "sensor": estate.sensor_id,
    },
    allowed=201,
    unknown=422,
    refers="sensor",
    way="of a sensor",
)

ROWS: Final = (
    *_assets(),
    *_SENSORS,
    *_SCHEDULES,
    *_FORECASTS,
    *_SOURCES,
    *_CLIENTS,
    *_PARENTS,
    _AUTOMATION,
)
