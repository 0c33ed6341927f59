"""What assets do at present."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fmhost.model import Asset, Sensor, User
from fmhost.services import latest_powers, recording, sources

QUARTER = timedelta(minutes=15)


@pytest.fixture
def store(installation: Any, clock: Any) -> Callable[..., None]:
    """``store(sensor, start, values, by="user")``: as a source of that type believes now."""

    def store_it(sensor: Any, start: Any, values: list[float], by: str = "user") -> None:
        with installation.database.transaction() as session:
            recording.record(
                installation,
                session,
                session.get_one(Sensor, sensor.id),
                sources.create_source(session, name=f"some {by}", source_type=by),
                start=start,
                values=values,
                belief_time=clock(),
            )

    return store_it


@pytest.fixture
def powers(installation: Any, clock: Any) -> Callable[..., dict[int, tuple[Any, float]]]:
    """``powers(person)``: when each asset did what, by its id."""

    def read(person: Any, **how: Any) -> dict[int, tuple[Any, float]]:
        with installation.database.reading() as session:
            user = session.get_one(User, person.id)
            found = latest_powers.latest_powers(session, user, clock(), **how)
            return {key: (each.at, each.power) for key, each in found.items()}

    return read


def test_the_last_event_that_was_recorded_and_began(
    tenant: Any, store: Any, powers: Any, clock: Any, installation: Any
) -> None:
    store(tenant.power, clock() - 2 * QUARTER, [5.0, 7.0, -8.0, 9.0])
    store(tenant.power, clock() - QUARTER, [100.0] * 8, by="scheduler")
    store(tenant.power, clock() - QUARTER, [200.0] * 8, by="forecaster")
    store(tenant.prices, clock() - 4 * QUARTER, [50.0])
    assert powers(tenant.member) == {tenant.battery.id: (clock(), 8.0)}
    ahead = powers(tenant.member, ahead=True)
    assert ahead == {tenant.battery.id: (clock() + QUARTER, -9.0)}
    with installation.database.transaction() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        sensor.unit, sensor.attributes = "MW", {"consumption_is_positive": True}
    assert powers(tenant.member) == {tenant.battery.id: (clock(), -8000.0)}


def test_what_is_of_others_or_old_is_not_told(
    tenant: Any, store: Any, powers: Any, clock: Any
) -> None:
    store(tenant.other_power, clock() - QUARTER, [5.0])
    store(tenant.power, clock() - timedelta(days=8), [5.0])
    assert powers(tenant.member) == {}
    assert powers(tenant.other_member) == {tenant.other_battery.id: (clock() - QUARTER, -5.0)}
    assert len(powers(tenant.admin)) == 1


def test_the_number_of_statements_does_not_grow(
    installation: Any, tenant: Any, store: Any, powers: Any, clock: Any, statements: Any
) -> None:
    store(tenant.power, clock() - QUARTER, [5.0])
    with statements() as few:
        powers(tenant.member)
    with installation.database.transaction() as session:
        power = session.get_one(Sensor, tenant.power.id)
        inverter = session.get_one(Asset, tenant.inverter.id)
        more = []
        for number in range(5):
            asset = Asset(
                name=f"inverter {number}",
                generic_asset_type=inverter.generic_asset_type,
                account=inverter.account,
            )
            more.append(
                Sensor(
                    name="power",
                    unit="kW",
                    event_resolution=power.event_resolution,
                    timezone=power.timezone,
                    generic_asset=asset,
                )
            )
        session.add_all(more)
    for sensor in more:
        store(sensor, clock() - QUARTER, [5.0])
    with statements() as many:
        assert len(powers(tenant.member)) == 6
    assert many.number == few.number


def test_numbers_of_all_assets_by_type(installation: Any, tenant: Any) -> None:
    with installation.database.reading() as session:
        kind = tenant.battery.generic_asset_type_id
        every = session.query(Asset).filter_by(generic_asset_type_id=kind).all()
        name = every[0].generic_asset_type.name
        found = latest_powers.numbers_by_type(session, but=every[:1])
        assert found[name] == len(every) - 1
        assert latest_powers.numbers_by_type(session, but=session.query(Asset).all()) == {}
