from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Annotation, Asset, Sensor, Source
from fmhost.services.charted import MOST_SHOWN

START = datetime(2026, 3, 1, 23, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
DAY = {"start": "2026-03-02T00:00:00+01:00", "duration": "P1D"}
MS = 1_772_406_000_000


@pytest.fixture
def recorded(installation, tenant):
    """A day of power by a scheduler and the meter, and prices; of the other tenant, too."""
    with installation.database.transaction() as session:
        meter = Source(name="meter", type="gateway")
        plan = Source(name="Acme", type="scheduler", model="StorageScheduler", version="9")
        session.add_all([meter, plan])
        session.flush()

        def record(sensor, source, values, belief_time=START - timedelta(hours=1)):
            sensor = session.get_one(Sensor, sensor.id)
            step = duration64(sensor.event_resolution)
            starts = moment64(START) + step * np.arange(len(values))
            horizons = starts + step - moment64(belief_time)
            save(session, sensor, Beliefs.of(starts, horizons, source.id, np.array(values)))

        record(tenant.power, plan, [1, 2, 3])
        record(tenant.power, meter, [1.5, float("nan")], START + timedelta(hours=1))
        record(tenant.prices, meter, [40, 50])
        record(tenant.other_power, meter, [666])
        return {"meter": meter.id, "plan": plan.id}


@pytest.fixture
def show(installation):
    """Has an asset show something, without any check."""

    def set_rows(asset, rows, **more):
        with installation.database.transaction() as session:
            stored = session.get_one(Asset, asset.id)
            stored.sensors_to_show = rows
            for field, value in more.items():
                setattr(stored, field, value)

    return set_rows


def body(answer):
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def path(asset, what="chart", slash=""):
    return f"/assets/{asset.id}/{what}{slash}"


def sensors_in(specification):
    """The ids of all sensors that a chart draws."""
    drawn = set()

    def walk(part):
        if isinstance(part, dict):
            if isinstance(part.get("filter"), dict):
                drawn.update(part["filter"]["oneOf"])
            for each in part.values():
                walk(each)
        elif isinstance(part, list):
            for each in part:
                walk(each)

    walk({key: value for key, value in specification.items() if key != "datasets"})
    return drawn


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_chart_is_a_valid_specification(
    member, tenant, show, recorded, require_valid_chart, slash
):
    show(tenant.battery, [tenant.power.id, {"title": "Market", "sensor": tenant.prices.id}])
    answer = member.get(path(tenant.battery, slash=slash))
    assert answer.mimetype == "application/json"
    chart = body(answer)
    require_valid_chart(chart)
    assert chart["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    assert [row["title"] for row in chart["vconcat"]] == ["Power", "Market"]
    assert chart["data"] == {"name": f"asset_{tenant.battery.id}"}
    assert "datasets" not in chart
    assert sensors_in(chart) == {tenant.power.id, tenant.prices.id}


@pytest.mark.parametrize(
    "kind",
    ["chart_for_multiple_sensors", "bar_chart", "histogram", "daily_heatmap", "weekly_heatmap"],
)
def test_a_chart_with_its_data(member, tenant, show, recorded, require_valid_chart, kind):
    show(tenant.battery, [[tenant.power.id, tenant.prices.id]])
    query = {
        "include-data": "true",
        "dataset-name": "mine",
        "height": "250",
        "width": "container",
        "chart_type": kind,
        "combine_legend": "false",
        **DAY,
    }
    chart = body(member.get(path(tenant.battery), **query))
    require_valid_chart(chart)
    assert chart["data"] == {"name": "mine"}
    assert chart["datasets"]["mine"] == body(member.get(path(tenant.battery, "chart_data"), **DAY))
    assert chart["datasets"]["mine_annotations"] == []


def test_the_records_of_an_asset(member, tenant, show, recorded):
    show(tenant.battery, [tenant.power.id, tenant.prices.id])
    records = body(member.get(path(tenant.battery, "chart_data", "/"), **DAY))
    assert [record["index"] for record in records] == list(range(7))
    assert records[0] == {
        "index": 0,
        "event_start": MS,
        "event_value": 1.5,
        # The event became known at its end, a quarter after it began, and was told 45 min later.
        "belief_horizon": -45 * 60_000,
        "source": {
            "id": recorded["meter"],
            "name": "meter",
            "model": "",
            "version": "",
            "type": "other",
            "raw_type": "gateway",
            "display_type": "gateway",
            "description": "meter",
        },
        "sensor": {
            "id": tenant.power.id,
            "name": "power",
            "asset_id": tenant.battery.id,
            "sensor_unit": "kW",
            "event_resolution": 900,
            "description": "power (battery)",
            "asset_description": "battery",
        },
        "sensor_unit": "kW",
        "scale_factor": 1.0,
    }
    assert records[1]["source"]["description"] == "Acme's StorageScheduler model v9"
    assert records[1]["source"]["type"] == "scheduler"
    values = [(record["sensor"]["name"], record["event_value"]) for record in records]
    assert values == [
        ("power", 1.5),
        ("power", 1.0),
        ("power", None),
        ("power", 2.0),
        ("power", 3.0),
        ("prices", 40.0),
        ("prices", 50.0),
    ]


def test_the_records_in_short(member, tenant, show, recorded):
    show(tenant.battery, [tenant.power.id])
    found = body(member.get(path(tenant.battery, "chart_data"), compress_json="true", **DAY))
    assert found["data"][:2] == [
        {
            "ts": MS,
            "sid": tenant.power.id,
            "val": 1.5,
            "sf": 1.0,
            "src": recorded["meter"],
            "bh": -45 * 60_000,
        },
        {
            "ts": MS,
            "sid": tenant.power.id,
            "val": 1.0,
            "sf": 1.0,
            "src": recorded["plan"],
            "bh": 75 * 60_000,
        },
    ]
    assert found["sensors"] == {
        str(tenant.power.id): {
            "name": "power",
            "unit": "kW",
            "description": "power (battery)",
            "asset_id": tenant.battery.id,
            "asset_description": "battery",
        }
    }
    assert found["sources"] == {
        str(recorded["meter"]): {
            "name": "meter",
            "model": "",
            "type": "other",
            "description": "meter",
        },
        str(recorded["plan"]): {
            "name": "Acme",
            "model": "StorageScheduler",
            "type": "scheduler",
            "description": "Acme's StorageScheduler model v9",
        },
    }


def test_values_share_the_unit_of_their_axis(member, installation, tenant, show, recorded):
    with installation.database.transaction() as session:
        session.get_one(Sensor, tenant.status.id).unit = "MW"
        sensor = session.get_one(Sensor, tenant.status.id)
        starts = np.array([moment64(START)])
        value = np.array([0.002])
        save(session, sensor, Beliefs.of(starts, duration64(QUARTER), recorded["meter"], value))
    show(tenant.battery, [tenant.power.id, tenant.status.id])
    found = body(member.get(path(tenant.battery, "chart_data"), compress_json=True))
    (status,) = [row for row in found["data"] if row["sid"] == tenant.status.id]
    assert (status["val"], status["sf"]) == (0.002, 1000.0)
    chart = body(member.get(path(tenant.battery)))
    assert "Power (MW)" not in str(chart)
    assert "Power (kW)" in str(chart)


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ({}, [1.5, 1.0, None, 2.0, 3.0]),
        ({"event_starts_after": "2026-03-02T00:15:00+01:00"}, [None, 2.0, 3.0]),
        ({"event-starts-after": "2026-03-02T00:01:00+01"}, [None, 2.0, 3.0]),
        ({"event_ends_before": "2026-03-02T00:30:00+01:00"}, [1.5, 1.0, None, 2.0]),
        ({"end": "2026-03-02T00:29:00+01:00"}, [1.5, 1.0]),
        ({"end": "2026-03-02T00:45:00+01:00", "duration": "PT15M"}, [3.0]),
        ({"prior": "2026-03-01T22:30:00Z"}, [1.0, 2.0, 3.0]),
        ({"beliefs_before": "2026-03-01T21:00:00Z"}, []),
        ({"beliefs-after": "2026-03-01T23:30:00Z"}, [1.5, None]),
    ],
)
def test_the_window(member, tenant, show, recorded, query, values):
    show(tenant.battery, [tenant.power.id])
    records = body(member.get(path(tenant.battery, "chart_data"), **query))
    assert [record["event_value"] for record in records] == values


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"event_starts_after": "2026-03-02T00:00:00"}, "event_starts_after"),
        ({"start": "2026-03-02T00:00:00Z", "end": "2026-03-01T00:00:00Z"}, "event_ends_before"),
        ({"duration": "P1D"}, "duration"),
        ({"duration": "-P1D", "start": "2026-03-02T00:00:00Z"}, "duration"),
        ({"duration": "P9999Y", "start": "2026-03-02T00:00:00Z"}, "duration"),
        ({"duration": "P9999Y", "end": "2026-03-02T00:00:00Z"}, "duration"),
        ({"width": "wide"}, "width"),
        ({"width": "0"}, "width"),
        ({"height": "-1"}, "height"),
        ({"chart_type": "pie"}, "chart_type"),
        ({"include_data": "perhaps"}, "include_data"),
        ({"dataset_name": ""}, "dataset_name"),
    ],
)
def test_parameters_that_nobody_can_mean(member, tenant, query, field):
    answer = member.get(path(tenant.battery), **query)
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]["query"]) == [field]


def test_earlier_beliefs_and_earlier_versions(member, installation, tenant, show, recorded):
    show(tenant.battery, [tenant.power.id])
    with installation.database.transaction() as session:
        power = session.get_one(Sensor, tenant.power.id)
        old = Source(name="Acme", type="scheduler", model="StorageScheduler", version="8")
        session.add(old)
        session.flush()
        for source_id, horizon in ((recorded["plan"], 9), (old.id, 8)):
            starts = moment64(START) + duration64(QUARTER) * np.arange(1)
            length = duration64(timedelta(hours=horizon))
            save(session, power, Beliefs.of(starts, length, source_id, starts.astype(float) * 0))

    def count(**query):
        return len(body(member.get(path(tenant.battery, "chart_data"), **query)))

    assert count() == 5
    assert count(most_recent_beliefs_only="false") == 6
    assert count(**{"use-latest-version-per-event": "false"}) == 6


def test_what_an_asset_shows_if_it_does_not_say(member, tenant, recorded, require_valid_chart):
    chart = body(member.get(path(tenant.battery)))
    require_valid_chart(chart)
    assert [row["title"] for row in chart["vconcat"]] == ["Power", "Level"]


def test_what_an_asset_shows_by_an_attribute_of_old(member, tenant, show):
    show(tenant.battery, [], attributes={"sensors_to_show": [tenant.prices.id, 999]})
    assert sensors_in(body(member.get(path(tenant.battery)))) == {tenant.prices.id}


def test_an_asset_with_nothing_to_show(member, installation, tenant, require_valid_chart):
    with installation.database.transaction() as session:
        bare = Asset(
            name="bare",
            account_id=tenant.account.id,
            generic_asset_type_id=tenant.battery.generic_asset_type_id,
        )
        session.add(bare)
        session.flush()
        chart = path(bare)
        records = path(bare, "chart_data")
    require_valid_chart(body(member.get(chart, include_data=True)))
    assert body(member.get(records)) == []


def test_limits_from_a_flex_model(member, tenant, show, require_valid_chart):
    plots = [
        {"sensor": tenant.power.id},
        {"asset": tenant.battery.id, "flex-model": "power-capacity"},
        {"asset": tenant.battery.id, "flex-context": "consumption-price"},
        {"asset": tenant.battery.id, "flex-model": "soc-usage"},
    ]
    show(
        tenant.battery,
        [{"title": "Power", "plots": plots}],
        flex_model={"power-capacity": "5 MW", "soc-usage": ["1 kW", {"sensor": tenant.level.id}]},
        flex_context={"consumption-price": {"sensor": tenant.prices.id}},
    )
    chart = body(member.get(path(tenant.battery)))
    require_valid_chart(chart)
    assert sensors_in(chart) == {tenant.power.id, tenant.prices.id, tenant.level.id}
    assert "power-capacity (battery): 5000 kW" in str(chart)
    assert "soc-usage (battery): 1 kW" in str(chart)


def test_sensors_of_others_stay_hidden(as_user, tenant, show, recorded, caplog):
    foreign = [
        tenant.other_power.id,
        [tenant.power.id, tenant.other_power.id],
        {"title": "Secret", "sensor": tenant.other_power.id},
        {"title": "Plots", "plots": [{"asset": tenant.other_battery.id, "flex-model": "soc-max"}]},
        {
            "title": "Context",
            "plots": [{"asset": tenant.battery.id, "flex-context": "consumption-price"}],
        },
    ]
    own = {"consumption-price": {"sensor": tenant.other_power.id}}
    show(tenant.other_battery, [], flex_model={"soc-max": "666 kWh"})
    show(tenant.battery, foreign, flex_context=own)
    show(tenant.market, [tenant.power.id, tenant.prices.id, tenant.other_power.id])
    for asset, user, visible in (
        (tenant.battery, tenant.member, {tenant.power.id}),
        (tenant.battery, tenant.consultant, {tenant.power.id}),
        (tenant.market, tenant.member, {tenant.power.id, tenant.prices.id}),
        (tenant.market, tenant.other_member, {tenant.prices.id, tenant.other_power.id}),
        (tenant.market, tenant.clerk, {tenant.prices.id}),
        (
            tenant.market,
            tenant.admin_reader,
            {tenant.power.id, tenant.prices.id, tenant.other_power.id},
        ),
    ):
        caller = as_user(user)
        chart = body(caller.get(path(asset), include_data=True))
        assert sensors_in(chart) == visible
        (records,) = (v for k, v in chart["datasets"].items() if not k.endswith("_annotations"))
        assert {record["sensor"]["id"] for record in records} <= visible
        short = body(caller.get(path(asset, "chart_data"), compress_json=True))
        assert {int(key) for key in short["sensors"]} == visible
        if tenant.other_power.id not in visible:
            assert "666" not in str(chart) + str(short)
            assert "Secret" not in str(chart)
    with caplog.at_level(logging.WARNING, "fmhost.services.shown"):
        as_user(tenant.member).get(path(tenant.battery))
    assert f"without sensors [{tenant.other_power.id}]" in caplog.text
    assert f"assets [{tenant.other_battery.id}]" in caplog.text


@pytest.mark.parametrize("what", ["chart", "chart_data", "chart_annotations"])
def test_charts_of_others(as_user, nobody, tenant, what):
    assert nobody.get(path(tenant.market, what)).status_code == 401
    for user in (tenant.other_member, tenant.clerk):
        assert as_user(user).get(path(tenant.battery, what)).status_code == 403
        assert as_user(user).get(path(tenant.market, what)).status_code == 200
    assert as_user(tenant.member).get(f"/assets/999/{what}").status_code == 404
    assert as_user(tenant.member).get(f"/assets/x/{what}").status_code == 422


@pytest.fixture
def annotated(installation, tenant, recorded):
    """A label of the battery, a holiday of its account, and one of the other account."""
    with installation.database.transaction() as session:
        source = session.get_one(Source, recorded["meter"])

        def annotate(entity, content, kind, start, hours):
            annotation = Annotation(
                content=content,
                type=kind,
                start=start,
                end=start + timedelta(hours=hours),
                source=source,
            )
            stored = session.get_one(type(entity), entity.id)
            stored.annotations.append(annotation)
            session.flush()

        annotate(tenant.battery, "word " * 30 + "\n\nend", "label", START, 4)
        annotate(tenant.account, "Carnival", "holiday", START - timedelta(hours=1), 24)
        annotate(tenant.other_account, "Secret", "holiday", START, 24)
        annotate(tenant.power, "Only of the sensor", "alert", START, 1)


def test_the_annotations_of_an_asset(member, tenant, annotated, recorded):
    (label,) = body(member.get(path(tenant.battery, "chart_annotations", "/")))
    assert (label["start"], label["end"]) == (MS, MS + 4 * 3_600_000)
    assert label["type"] == "label"
    assert label["source"]["id"] == recorded["meter"]
    assert label["content"] == [*[" ".join(["word"] * 12)] * 2, " ".join(["word"] * 6), "", "end"]


def test_annotations_are_cut_at_the_edges(member, tenant, annotated):
    hour = {"start": "2026-03-02T01:00:00+01:00", "end": "2026-03-02T02:00:00+01:00"}
    found = [
        body(member.get(path(tenant.battery, "chart_annotations"), clip=clip, **hour))
        for clip in (True, False)
    ]
    assert [[(one["start"], one["end"]) for one in each] for each in found] == [
        [(MS + 3_600_000, MS + 7_200_000)],
        [(MS, MS + 4 * 3_600_000)],
    ]
    later = {"start": "2026-03-03T00:00:00+01:00"}
    assert body(member.get(path(tenant.battery, "chart_annotations"), **later)) == []


def test_annotations_of_the_account(as_user, tenant, annotated, show):
    query = {"include-account-annotations": "true"}
    for user in (tenant.member, tenant.consultant, tenant.admin_reader):
        found = body(as_user(user).get(path(tenant.battery, "chart_annotations"), **query))
        assert [each["type"] for each in found] == ["holiday", "label"]
        chart = body(
            as_user(user).get(path(tenant.battery), include_data=True, dataset_name="d", **query)
        )
        assert chart["datasets"]["d_annotations"] == found
    only = {**query, "include_asset_annotations": "false"}
    found = body(as_user(tenant.member).get(path(tenant.battery, "chart_annotations"), **only))
    assert [each["content"] for each in found] == [["Carnival"]]
    show(tenant.market, [tenant.power.id])
    assert body(as_user(tenant.member).get(path(tenant.market, "chart_annotations"), **query)) == []


def test_the_number_of_statements_does_not_grow(
    member, installation, tenant, show, recorded, annotated, statements
):
    def count(what, **query):
        with statements() as counted:
            body(member.get(path(tenant.battery, what), **query))
        return counted.number

    asked = [
        ("chart", {"include_data": True, "include_account_annotations": True}),
        ("chart_data", {}),
        ("chart_annotations", {}),
    ]
    show(tenant.battery, [tenant.power.id])
    before = [count(what, **query) for what, query in asked]
    with installation.database.transaction() as session:
        stored = session.get_one(Asset, tenant.battery.id)
        for number in range(4):
            sensor = Sensor(
                name=f"s{number}", unit="kW", event_resolution=QUARTER, generic_asset_id=stored.id
            )
            source = Source(name=f"source {number}", type="user")
            session.add_all([sensor, source])
            session.flush()
            stored.annotations.append(
                Annotation(content=f"{number}", start=START, end=START + QUARTER, source=source)
            )
            starts = moment64(START) + duration64(QUARTER) * np.arange(2)
            values = starts.astype(float) * 0
            save(session, sensor, Beliefs.of(starts, duration64(QUARTER), source.id, values))
        session.flush()
        ids = [sensor.id for sensor in stored.sensors]
    show(tenant.battery, ids)
    assert [count(what, **query) for what, query in asked] == before


def test_more_than_a_chart_can_take_is_refused(member, installation, tenant, show, recorded):
    show(tenant.battery, [tenant.power.id])
    with installation.database.transaction() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        starts = moment64(START) + duration64(QUARTER) * np.arange(10, MOST_SHOWN + 11)
        rows = Beliefs.of(starts, duration64(QUARTER), recorded["meter"], np.ones(len(starts)))
        save(session, sensor, rows)
    answer = member.get(path(tenant.battery, "chart_data"))
    assert answer.status_code == 422
    assert "Ask for a shorter time." in answer.text
    assert body(member.get(path(tenant.battery, "chart_data"), **DAY))
