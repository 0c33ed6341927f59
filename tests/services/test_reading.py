"""What forecasters and schedulers may read, and as it was known when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import InvalidInput
from fmhost.model import Account, Asset, AssetType, Sensor, User
from fmhost.services.annotations import Remark, annotate
from fmhost.services.reading import StoreReader
from fmhost.services.sources import create_source

DAY = datetime(2026, 3, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def session(installation: Any) -> Any:
    with installation.database.transaction() as session:
        yield session


@pytest.fixture
def prices(session: Any, tenant: Any) -> Sensor:
    found: Sensor = session.get_one(Sensor, tenant.prices.id)
    return found


def test_earlier_knowledge_and_far_forecasts(session: Any, prices: Sensor) -> None:
    source = create_source(session, name="market", source_type="market")
    for horizon, value in ((30 * HOUR, 1.0), (6 * HOUR, 2.0), (0 * HOUR, 3.0)):
        beliefs = Beliefs.of(
            np.array([moment64(DAY)]),
            duration64(horizon),
            source.id,
            np.array([value]),
        )
        save(session, prices, beliefs)
    reader = StoreReader(session, None, DAY + HOUR)

    def value(**options: Any) -> float:
        window = (DAY, DAY + HOUR)
        found = reader.values(prices, *window, resolution=HOUR, unit="EUR/MWh", **options)
        return float(found[0])

    assert value() == 3.0
    assert value(horizon=HOUR) == 2.0
    assert value(horizon=24 * HOUR) == 1.0
    assert value(prior=DAY - 4 * HOUR) == 2.0
    assert value(prior=DAY - 20 * HOUR) == 1.0
    assert value(prior=DAY + 99 * HOUR) == 3.0


def test_a_quantile_of_a_distribution(session: Any, prices: Sensor) -> None:
    source = create_source(session, name="forecasts", source_type="forecaster")
    beliefs = Beliefs.of(
        moment64(DAY) + np.array([0, 0, 0, 1]) * duration64(HOUR),
        duration64(HOUR),
        source.id,
        np.array([10.0, 20.0, 40.0, 7.0]),
        np.array([0.1, 0.5, 0.9, 0.5]),
    )
    save(session, prices, beliefs)
    reader = StoreReader(session, None, DAY + HOUR)
    for quantile, expected in ((0.5, 20.0), (0.9, 40.0), (0.7, 30.0), (0.05, 10.0), (0.99, 40.0)):
        found = reader.values(
            prices, DAY, DAY + 2 * HOUR, resolution=HOUR, unit="EUR/MWh", quantile=quantile
        )
        assert found.tolist() == pytest.approx([expected, 7.0])


class TestAnnotations:
    """Which part of each step has one."""

    @pytest.fixture
    def remark(self, session: Any, tenant: Any) -> Any:
        source = create_source(session, name="calendar", source_type="script")

        def add(entity: Any, start: float, end: float, **more: Any) -> None:
            more.setdefault("content", "a day off")
            made = Remark(start=DAY + start * HOUR, end=DAY + end * HOUR, type="holiday", **more)
            annotate(session, session.get_one(type(entity), entity.id), made, source)

        return add

    def read(self, session: Any, entity: Any, **options: Any) -> list[float]:
        reader = StoreReader(session, options.pop("requester", None), DAY)
        found = reader.annotated(entity, DAY, DAY + 4 * HOUR, resolution=HOUR, **options)
        return [float(each) for each in found]

    def test_of_a_sensor_its_asset_and_its_account(
        self, session: Any, tenant: Any, remark: Any
    ) -> None:
        sensor = session.get_one(Sensor, tenant.power.id)
        remark(sensor, 0, 0.5)
        remark(sensor.generic_asset, 1, 2)
        remark(sensor.generic_asset.account, 2.5, 4, content="a week off")
        assert self.read(session, sensor) == [0.5, 1.0, 0.5, 1.0]
        assert self.read(session, ("asset", sensor.generic_asset_id)) == [0.0, 1.0, 0.5, 1.0]
        assert self.read(session, ("account", sensor.generic_asset.account_id)) == [0, 0, 0.5, 1]
        assert self.read(session, sensor, content="a week off") == [0, 0, 0.5, 1]
        assert self.read(session, sensor, kind="label") == [0, 0, 0, 0]

    def test_that_was_not_known_yet_does_not_count(
        self, session: Any, tenant: Any, remark: Any
    ) -> None:
        sensor = session.get_one(Sensor, tenant.power.id)
        remark(sensor, 0, 1, belief_time=DAY - HOUR)
        remark(sensor, 1, 2, belief_time=DAY + HOUR)
        assert self.read(session, sensor) == [1, 0, 0, 0]

    def test_of_others_cannot_be_read(self, session: Any, tenant: Any) -> None:
        member = session.get_one(User, tenant.member.id)
        other = session.get_one(Sensor, tenant.other_power.id)
        for word, number in (
            ("sensor", other.id),
            ("asset", other.generic_asset_id),
            ("account", 999),
        ):
            with pytest.raises(InvalidInput, match=f"No {word} found"):
                self.read(session, (word, number), requester=member)


def test_the_closest_sensor_of_a_name_that_may_be_read(session: Any, tenant: Any) -> None:
    kind = session.query(AssetType).first()
    other = session.get_one(Account, tenant.other_power.generic_asset.account_id)

    def station(latitude: float, owner: Any = None) -> Sensor:
        asset = Asset(
            name=f"station at {latitude}",
            generic_asset_type=kind,
            latitude=latitude,
            longitude=5.0,
            account=owner,
        )
        sensor = Sensor(name="temperature", unit="°C", generic_asset=asset)
        session.add(sensor)
        session.flush()
        return sensor

    far, near = station(60.0), station(52.5)
    private = station(52.0, owner=other)
    house = Asset(
        name="house", generic_asset_type=kind, latitude=52.01, longitude=5.0, account=other
    )
    home = Sensor(name="load", unit="kW", generic_asset=house)
    session.add(home)
    session.flush()
    member = session.get_one(User, tenant.member.id)
    assert StoreReader(session, None, DAY).closest(home, "temperature") == private
    assert StoreReader(session, member, DAY).closest(home, "temperature") == near
    assert StoreReader(session, member, DAY).closest(home, "moonshine") is None
    assert far.id != near.id
