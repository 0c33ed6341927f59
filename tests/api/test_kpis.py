from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Asset, Sensor, Source

DAY = timedelta(days=1)
START = datetime(2026, 2, 28, 23, tzinfo=UTC)
WINDOW = {"start": "2026-03-01T00:00:00+01:00", "end": "2026-03-04T00:00:00+01:00"}
NAN = float("nan")


@pytest.fixture
def define(installation, tenant):
    """``define(name, unit, values, owner=..., **more)``: a daily sensor with values, and its id."""

    def make(name, unit, values, owner=tenant.battery, later=()):
        with installation.database.transaction() as session:
            sensor = Sensor(
                name=name,
                unit=unit,
                event_resolution=DAY,
                timezone="Europe/Amsterdam",
                generic_asset_id=owner.id,
            )
            source = Source(name=f"meter of {name}", type="gateway")
            second = Source(name=f"second meter of {name}", type="gateway")
            session.add_all([sensor, source, second])
            session.flush()
            for told_by, told, horizon in ((source, values, DAY), (second, later, 0 * DAY)):
                if len(told):
                    starts = moment64(START) + duration64(DAY) * np.arange(len(told))
                    column = np.array(told, dtype=float)
                    save(
                        session,
                        sensor,
                        Beliefs.of(starts, duration64(horizon), told_by.id, column),
                    )
            return sensor.id

    return make


@pytest.fixture
def show(installation):
    def set_figures(asset, figures):
        with installation.database.transaction() as session:
            session.get_one(Asset, asset.id).sensors_to_show_as_kpis = figures

    return set_figures


def body(answer):
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_an_asset_without_key_figures(member, tenant):
    found = body(member.get(f"/assets/{tenant.battery.id}/kpis", **WINDOW))
    assert found == {"data": [], "status": 200}


def test_key_figures_are_computed_from_what_is_stored(member, tenant, define, show):
    share = define("self-consumption", "%", [80, 82.5, 81.253, 10])
    cost = define("cost", "EUR", [1.111, 2.222, NAN, 99])
    show(
        tenant.battery,
        [
            {"title": "Self-consumption", "sensor": share},
            {"title": "Cost", "sensor": cost},
            *(
                {"title": name, "sensor": cost, "function": name}
                for name in ("min", "max", "mean", "sum")
            ),
        ],
    )
    found = body(member.get(f"/assets/{tenant.battery.id}/kpis", **WINDOW))
    assert found["data"][0] == {
        "title": "Self-consumption",
        "sensor": share,
        "unit": "%",
        "downsample_value": 81.25,
        "downsample_function": "mean",
    }
    assert [
        (each["title"], each["downsample_function"], each["downsample_value"])
        for each in found["data"][1:]
    ] == [
        ("Cost", "sum", 3.33),
        ("min", "min", 1.11),
        ("max", "max", 2.22),
        ("mean", "mean", 1.67),
        ("sum", "sum", 3.33),
    ]


def test_the_most_recent_belief_counts_whoever_formed_it(member, tenant, define, show):
    cost = define("cost", "EUR", [1, 2, 3], later=[10])
    show(tenant.battery, [{"title": "Cost", "sensor": cost}])
    found = body(member.get(f"/assets/{tenant.battery.id}/kpis", **WINDOW))
    assert found["data"][0]["downsample_value"] == 15


def test_days_that_begin_before_the_window_do_not_count(member, tenant, define, show):
    cost = define("cost", "EUR", [1, 2, 3])
    show(tenant.battery, [{"title": "Cost", "sensor": cost}])
    late = {"start": "2026-03-01T00:00:01+01:00", "end": "2026-03-03T00:00:00+01:00"}
    found = body(member.get(f"/assets/{tenant.battery.id}/kpis", **late))
    assert found["data"][0]["downsample_value"] == 2


def test_without_values_a_figure_is_zero(member, tenant, define, show):
    ids = [define("cost", "EUR", []), define("share", "%", [NAN])]
    show(
        tenant.battery,
        [{"title": "x", "sensor": each, "function": "min"} for each in ids],
    )
    found = body(member.get(f"/assets/{tenant.battery.id}/kpis", **WINDOW))
    assert [each["downsample_value"] for each in found["data"]] == [0, 0]


def test_a_figure_is_a_number_however_large(member, tenant, define, show):
    show(tenant.battery, [{"title": "x", "sensor": define("cost", "EUR", [1e308, 1e308])}])
    found = body(member.get(f"/assets/{tenant.battery.id}/kpis", **WINDOW))
    assert found["data"][0]["downsample_value"] > 1e308


def test_figures_of_others_stay_hidden(as_user, tenant, define, show):
    own = define("cost", "EUR", [1])
    foreign = define("secret", "EUR", [666], owner=tenant.other_battery)
    figures = [{"title": "Own", "sensor": own}, {"title": "Secret", "sensor": foreign}]
    show(tenant.battery, figures)
    show(tenant.market, figures)
    for asset, user, titles in (
        (tenant.battery, tenant.member, ["Own"]),
        (tenant.market, tenant.member, ["Own"]),
        (tenant.market, tenant.other_member, ["Secret"]),
        (tenant.market, tenant.clerk, []),
        (tenant.market, tenant.admin_reader, ["Own", "Secret"]),
    ):
        found = body(as_user(user).get(f"/assets/{asset.id}/kpis", **WINDOW))
        assert [each["title"] for each in found["data"]] == titles


def test_key_figures_of_others(as_user, nobody, tenant):
    path = f"/assets/{tenant.battery.id}/kpis"
    assert nobody.get(path, **WINDOW).status_code == 401
    assert as_user(tenant.other_member).get(path, **WINDOW).status_code == 403
    assert as_user(tenant.consultant).get(path, **WINDOW).status_code == 200
    assert as_user(tenant.member).get("/assets/999/kpis", **WINDOW).status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"end": WINDOW["end"]}, "start"),
        ({"start": WINDOW["start"]}, "end"),
        ({"start": "2026-03-01", "end": WINDOW["end"]}, "start"),
        ({"start": WINDOW["end"], "end": WINDOW["start"]}, "end"),
    ],
)
def test_windows_that_nobody_can_mean(member, tenant, query, field):
    answer = member.get(f"/assets/{tenant.battery.id}/kpis", **query)
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]["query"]) == [field]


def test_the_number_of_statements_does_not_grow(member, tenant, define, show, statements):
    def count():
        with statements() as counted:
            body(member.get(f"/assets/{tenant.battery.id}/kpis", **WINDOW))
        return counted.number

    show(tenant.battery, [{"title": "x", "sensor": define("cost", "EUR", [1])}])
    count()  # the first request looks at more
    before = count()
    ids = [define(f"cost {number}", "EUR", [1]) for number in range(4)]
    show(tenant.battery, [{"title": "x", "sensor": each} for each in ids])
    assert count() == before
