from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Annotation, Asset, Sensor, Source

START = datetime(2026, 3, 1, 23, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
MS = 1_772_406_000_000
QUARTER_MS = 900_000


@pytest.fixture
def dev(client, log_in):
    """Calls the development API in the name of a user."""

    def call(user, path, **query):
        return client.get(f"/api/dev{path}", headers=log_in(user), query_string=query)

    return call


@pytest.fixture
def recorded(installation, tenant):
    """An hour of power, the first half of it twice, and one belief in quantiles."""
    with installation.database.transaction() as session:
        meter, forecaster = Source(name="m", type="user"), Source(name="f", type="forecaster")
        session.add_all([meter, forecaster])
        session.flush()
        power = session.get_one(Sensor, tenant.power.id)

        def store(source, horizon, values, probability=0.5):
            starts = moment64(START) + duration64(QUARTER) * np.arange(len(values))
            length = duration64(timedelta(hours=horizon))
            values = np.array(values, dtype=float)
            save(session, power, Beliefs.of(starts, length, source.id, values, probability))

        store(meter, 1, [9, 9])
        store(meter, 0, [1, 2, 3, 4])
        two = np.repeat(moment64(START), 2)
        length = np.repeat(duration64(timedelta(hours=1)), 2)
        ids = np.repeat(forecaster.id, 2)
        quantiles = Beliefs(two, length, ids, np.array([0.2, 0.8]), np.array([5.0, 7.0]))
        save(session, power, quantiles)
        return {"meter": meter.id, "forecaster": forecaster.id}


def body(answer):
    assert answer.status_code == 200, answer.text
    return answer.get_json()


@pytest.mark.parametrize("slash", ["", "/"])
def test_what_a_chart_needs_to_know(dev, tenant, recorded, slash):
    assert body(dev(tenant.member, f"/sensor/{tenant.power.id}{slash}")) == {
        "name": "power",
        "timezone": "Europe/Amsterdam",
        "timerange": {
            "start": "Sun, 01 Mar 2026 23:00:00 GMT",
            "end": "Mon, 02 Mar 2026 00:00:00 GMT",
        },
        "status": 200,
    }
    assert body(dev(tenant.member, f"/asset/{tenant.battery.id}{slash}")) == {
        "name": "battery",
        "timezone": "Europe/Amsterdam",
        "timerange_of_sensors_to_show": {
            "start": "Sun, 01 Mar 2026 23:00:00 GMT",
            "end": "Mon, 02 Mar 2026 00:00:00 GMT",
        },
        "status": 200,
    }


def test_without_data_the_time_is_now(dev, tenant):
    now = "Mon, 02 Mar 2026 09:00:00 GMT"  # where the clock of the tests stands
    found = body(dev(tenant.member, f"/sensor/{tenant.power.id}"))
    assert found["timerange"] == {"start": now, "end": now}


def test_the_time_of_others_data_does_not_show(dev, installation, tenant, recorded):
    with installation.database.transaction() as session:
        session.get_one(Asset, tenant.market.id).sensors_to_show = [tenant.power.id]
    seen = {
        user.username: body(dev(user, f"/asset/{tenant.market.id}"))[
            "timerange_of_sensors_to_show"
        ]["start"]
        for user in (tenant.member, tenant.other_member)
    }
    assert seen == {
        "member": "Sun, 01 Mar 2026 23:00:00 GMT",
        "other": "Mon, 02 Mar 2026 09:00:00 GMT",
    }


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_chart_of_a_sensor(dev, tenant, recorded, require_valid_chart, slash):
    # As in the tutorial on embedding charts.
    query = {"include_data": "true", "width": 400, "event_starts_after": "2026-01-01T00:00+01"}
    chart = body(dev(tenant.member, f"/sensor/{tenant.power.id}/chart{slash}", **query))
    require_valid_chart(chart)
    assert (chart["title"], chart["height"], chart["width"]) == ("Power", 300, 400)
    name = f"sensor_{tenant.power.id}"
    assert chart["data"] == {"name": name}
    assert chart["datasets"] == {
        name: body(dev(tenant.member, f"/sensor/{tenant.power.id}/chart_data")),
        f"{name}_annotations": [],
    }
    assert (
        '"source.description"'
        in dev(tenant.member, f"/sensor/{tenant.power.id}/chart", height=99).text
    )


def test_the_records_of_a_sensor(dev, tenant, recorded):
    records = body(dev(tenant.member, f"/sensor/{tenant.power.id}/chart_data/"))
    first = records[0]
    assert first.pop("source")["id"] == recorded["meter"]
    assert first.pop("sensor")["event_resolution"] == 900
    assert first == {
        "index": 0,
        "event_start": MS,
        "event_value": 1.0,
        "belief_time": MS + QUARTER_MS,
        "cumulative_probability": 0.5,
        "sensor_unit": "kW",
    }
    rows = [
        (each["event_start"], each["cumulative_probability"], each["event_value"])
        for each in records
    ]
    assert rows == [
        (MS, 0.5, 1.0),
        (MS, 0.2, 5.0),
        (MS, 0.8, 7.0),
        (MS + QUARTER_MS, 0.5, 2.0),
        (MS + 2 * QUARTER_MS, 0.5, 3.0),
        (MS + 3 * QUARTER_MS, 0.5, 4.0),
    ]
    query = {"most_recent_beliefs_only": "false"}
    every = body(dev(tenant.member, f"/sensor/{tenant.power.id}/chart_data", **query))
    assert len(every) == 8


def test_the_records_of_a_sensor_in_another_resolution(dev, tenant, recorded):
    def rows(resolution):
        path = f"/sensor/{tenant.power.id}/chart_data"
        return [
            (
                (each["event_start"] - MS) / QUARTER_MS,
                each["event_value"],
                (each["belief_time"] - MS) / QUARTER_MS,
                each["source"]["name"],
                each["sensor"]["event_resolution"],
            )
            for each in body(dev(tenant.member, path, resolution=resolution))
        ]

    assert rows("PT30M") == [
        (0, 1.5, 2, "m", 1800),
        (0, 6, -3, "f", 1800),
        (2, 3.5, 4, "m", 1800),
    ]
    assert rows("P1D") == [(0, 2.5, 4, "m", 86400), (0, 6, -3, "f", 86400)]
    finer = rows("PT5M")
    assert len(finer) == 15
    assert finer[:2] == [(0, 1, 1, "m", 300), (0, 6, -3, "f", 300)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"resolution": "PT0S"}, "resolution"),
        ({"resolution": "PT0.01S"}, "resolution"),
        ({"resolution": "P9999D"}, "resolution"),
        ({"resolution": "PT1H", "most_recent_beliefs_only": "0"}, "most_recent_beliefs_only"),
    ],
)
def test_resolutions_that_nobody_can_mean(dev, tenant, recorded, query, field):
    answer = dev(tenant.member, f"/sensor/{tenant.power.id}/chart_data", **query)
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]["query"]) == [field]


def test_the_annotations_of_a_sensor(dev, installation, tenant, recorded):
    with installation.database.transaction() as session:
        source = session.get_one(Source, recorded["meter"])
        for kind, entity_id in (
            (Sensor, tenant.power.id),
            (Asset, tenant.battery.id),
            (type(tenant.account), tenant.account.id),
            (type(tenant.account), tenant.other_account.id),
        ):
            remark = Annotation(
                content=f"{kind.__name__} {entity_id}",
                start=START,
                end=START + QUARTER,
                source=source,
            )
            entity = session.get_one(kind, entity_id)
            entity.annotations.append(remark)
            session.flush()
    path = f"/sensor/{tenant.power.id}/chart_annotations/"

    def contents(**query):
        return [each["content"] for each in body(dev(tenant.member, path, **query))]

    assert contents() == [["Sensor 1"]]
    both = contents(include_asset_annotations=True, include_account_annotations=True)
    assert both == [["Sensor 1"], ["Asset 1"], [f"Account {tenant.account.id}"]]
    assert contents(event_ends_before="2026-03-01T00:00:00Z") == []


@pytest.mark.parametrize("what", ["", "/chart", "/chart_data", "/chart_annotations"])
def test_sensors_of_others(client, dev, tenant, what):
    path = f"/sensor/{tenant.power.id}{what}"
    assert client.get(f"/api/dev{path}").status_code == 401
    for user in (tenant.other_member, tenant.clerk):
        assert dev(user, path).status_code == 403
        assert dev(user, f"/sensor/{tenant.prices.id}{what}").status_code == 200
    assert dev(tenant.consultant, path).status_code == 200
    assert dev(tenant.member, f"/sensor/999{what}").status_code == 422


def test_assets_of_others(client, dev, tenant):
    assert client.get(f"/api/dev/asset/{tenant.market.id}").status_code == 401
    assert dev(tenant.other_member, f"/asset/{tenant.battery.id}").status_code == 403
    assert dev(tenant.other_member, "/asset/999").status_code == 404


def test_the_number_of_statements_does_not_grow(dev, installation, tenant, statements):
    def count():
        with statements() as counted:
            body(dev(tenant.member, f"/asset/{tenant.battery.id}"))
        return counted.number

    count()  # the first request looks at more
    before = count()
    with installation.database.transaction() as session:
        ids = []
        for number in range(4):
            sensor = Sensor(name=f"s{number}", unit="kW", generic_asset_id=tenant.battery.id)
            session.add(sensor)
            session.flush()
            ids.append(sensor.id)
        session.get_one(Asset, tenant.battery.id).sensors_to_show = ids
    assert count() == before
