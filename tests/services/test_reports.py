"""Reports: asked for, computed from what the requester may read, and stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, Query, read, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import InvalidInput
from fmhost.jobs.execute import execute
from fmhost.model import Job, Sensor, Source, User
from fmhost.services import reports
from fmhost.services.results import sources_of_drivers
from fmhost.services.sources import create_source

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 3, 1, 23, tzinfo=UTC)  # midnight in Amsterdam
WINDOW = {"start": "2026-03-02T00:00:00+01:00", "end": "2026-03-02T02:00:00+01:00"}


@pytest.fixture
def sensor(installation, tenant):
    """``sensor(name, unit, step, values, start=..., by=...)``: a sensor with values; its id."""

    def make(name, unit, step, values=(), *, start=START, by="meter", owner=None, **more):
        with installation.database.transaction() as session:
            made = Sensor(
                name=name,
                unit=unit,
                event_resolution=step,
                timezone="Europe/Amsterdam",
                generic_asset_id=(owner or tenant.battery).id,
                **more,
            )
            session.add(made)
            session.flush()
            record(session, made, values, step, start, by)
            return made.id

    return make


def record(session, sensor, values, step, start, by):
    moments = moment64(start) + np.arange(len(values)) * duration64(step)
    source = create_source(session, name=by, source_type="gateway")
    column = np.array(values, dtype=float)
    save(session, sensor, Beliefs.of(moments, duration64(timedelta(0)), source.id, column))


@pytest.fixture
def report(installation):
    """Asks for a report, runs its job, and says what became of it."""

    def run(*, user=None, **request):
        with installation.database.transaction() as session:
            requester = user and session.get(User, user.id)
            job_id = reports.trigger(installation, session, requester=requester, **request).id
        execute(installation, job_id, "worker")
        with installation.database.reading() as session:
            job = session.get_one(Job, job_id)
            return SimpleNamespace(
                state=job.state, result=job.result, error=job.error, queue=job.queue, job=job
            )

    return run


@pytest.fixture
def stored(installation):
    """The values that are stored on a sensor, in the order of their events."""

    def values(sensor_id):
        with installation.database.reading() as session:
            found = read(session, Query(sensor=session.get_one(Sensor, sensor_id)))
            return found.event_value.tolist()

    return values


def total(inputs, output, **more):
    """The request for a sum."""
    parameters = {
        "input": [{"sensor": each} for each in inputs],
        "output": [{"sensor": output}],
    }
    return {"reporter": "AggregatorReporter", "parameters": {**parameters, **WINDOW, **more}}


def test_a_sum_is_stored_by_a_source_of_type_reporter(installation, sensor, report, stored):
    inputs = [
        sensor("roof", "kW", HOUR, [1, 2]),
        sensor("wall", "MW", QUARTER, [0, 0, 0, 0.004, 0, 0, 0, 0]),
    ]
    output = sensor("all", "kW", HOUR)
    done = report(**total(inputs, output, resolution="PT1H"))
    assert (done.state, done.queue, done.error) == ("finished", "reporting", None)
    assert done.result["num-beliefs"] == 2
    assert stored(output) == [2, 2]
    with installation.database.reading() as session:
        source = session.get_one(Source, done.result["source_id"])
        assert (source.name, source.type, source.model) == (
            "FlexMeasures",
            "reporter",
            "AggregatorReporter",
        )
        assert source.attributes == {
            "distribution": "fmhost-report",
            "distribution_version": "0.1.0",
        }
    assert done.job.provenance["distribution"] == "fmhost-report"
    assert done.job.sensor_id == output


def test_what_did_not_change_is_not_stored_again(sensor, report):
    load = sensor("load", "kW", HOUR, [1, 2])
    output = sensor("sum", "kW", HOUR)
    assert report(**total([load], output)).result["num-beliefs"] == 2
    assert report(**total([load], output)).result["num-beliefs"] == 0


def test_a_config_that_is_kept_recreates_the_reporter(installation, sensor, report):
    load = sensor("load", "kW", HOUR, [1, 2])
    output = sensor("sum", "kW", HOUR)
    config = {"method": "max"}
    done = report(**total([load], output), config=config, save_config=True)
    with installation.database.reading() as session:
        assert reports.reporter_of(session, done.result["source_id"]) == (
            "AggregatorReporter",
            config,
        )
        meter = session.query(Source).filter_by(name="meter").one()
        with pytest.raises(InvalidInput, match="not that of a reporter"):
            reports.reporter_of(session, meter.id)


def test_beliefs_are_formed_when_the_report_says(installation, sensor, report):
    load = sensor("load", "kW", HOUR, [1, 2])
    for given, horizons in (
        ({"belief_horizon": "-PT3H"}, [-3 * HOUR, -3 * HOUR]),
        ({"belief_time": "2026-03-02T04:00:00+01:00"}, [-3 * HOUR, -2 * HOUR]),
    ):
        output = sensor(f"sum {given}"[:40], "kW", HOUR)
        report(**total([load], output, **given))
        with installation.database.reading() as session:
            found = read(session, Query(sensor=session.get_one(Sensor, output)))
        assert found.belief_horizon.tolist() == horizons


def test_only_what_was_known_at_the_belief_time_counts(sensor, report, stored):
    load = sensor("load", "kW", HOUR, [1, 2])
    output = sensor("sum", "kW", HOUR)
    report(**total([load], output, belief_time="2026-03-02T01:30:00+01:00"))
    assert stored(output) == [1]


def test_without_a_start_a_report_continues_where_it_ended(sensor, report, stored):
    load = sensor("load", "kW", HOUR, range(11))
    output = sensor("sum", "kW", HOUR)
    request = total([load], output)
    del request["parameters"]["start"]
    with pytest.raises(InvalidInput, match="Give a start") as refused:
        report(**request)
    assert refused.value.field == "parameters.start"
    report(**total([load], output))
    del request["parameters"]["end"]  # it is 10:00 in Amsterdam
    done = report(**request)
    assert done.result["num-beliefs"] == 8
    assert stored(output) == list(range(10))


def test_days_are_those_of_the_calendar(sensor, report, stored):
    # 26 October 2025 has 25 hours in Amsterdam.
    first = datetime(2025, 10, 24, 22, tzinfo=UTC)
    hourly = sensor("load", "kW", HOUR, [1] * 24 + [2] * 25 + [3] * 24, start=first)
    daily = sensor("mean", "kW", DAY)
    window = {"start": "2025-10-25T00:00:00+02:00", "end": "2025-10-28T00:00:00+01:00"}
    done = report(**total([hourly], daily, resolution="P1D", **window))
    assert done.error is None
    assert stored(daily) == [1, 2, 3]


def test_a_resolution_that_does_not_fit_is_told(sensor, report, stored):
    load = sensor("load", "kW", QUARTER, [1, 2, 3, 4] * 2)
    output = sensor("sum", "kW", HOUR)
    done = report(**total([load], output))
    assert done.state == "failed"
    assert "resolution of PT15M, and sensor" in done.error["message"]
    assert report(**total([load], output, check_output_resolution=False)).error is None
    assert stored(output) == [2.5, 2.5]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reporter": "NoSuchReporter"}, "reporter"),
        ({"config": {"method": "eval"}}, "config.method"),
        ({"parameters": {"input": []}}, "parameters.input"),
        ({"parameters": {"input": [{"sensor": 999}]}}, "parameters.input.0.sensor"),
        ({"parameters": {"output": [{"sensor": 999}]}}, "parameters.output.0.sensor"),
        ({"parameters": {"end": "2026-03-02T00:00:00+01:00"}}, "parameters.end"),
        ({"parameters": {"start": "1026-03-02T00:00:00+01:00"}}, "parameters.resolution"),
        ({"parameters": {"colour": "red"}}, "parameters.colour"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_cannot_be_meant_is_refused_when_it_is_asked_for(sensor, report, changes, field):
    load, output = sensor("load", "kW", HOUR, [1, 2]), sensor("sum", "kW", HOUR)
    request = total([load], output)
    parameters = {**request["parameters"], **changes.pop("parameters", {})}
    with pytest.raises(InvalidInput) as refused:
        report(**{**request, **changes, "parameters": parameters})
    assert refused.value.field == field


def test_nobody_reports_on_what_they_may_not_read_or_write(tenant, sensor, report):
    own, output = sensor("load", "kW", HOUR, [1, 2]), sensor("sum", "kW", HOUR)
    foreign = sensor("secret", "kW", HOUR, [6, 6], owner=tenant.other_battery)
    public = sensor("price", "kW", HOUR, owner=tenant.market)
    assert report(user=tenant.member, **total([own], output)).error is None
    for inputs, target, field in (
        ([foreign], output, "parameters.input.0.sensor"),
        ([own], foreign, "parameters.output.0.sensor"),
        ([own], public, "parameters.output.0.sensor"),
    ):
        with pytest.raises(InvalidInput) as refused:
            report(user=tenant.member, **total(inputs, target))
        assert refused.value.field == field
    profit = {
        "reporter": "ProfitOrLossReporter",
        "config": {"consumption_price_sensor": foreign},
        "parameters": total([own], output)["parameters"],
    }
    with pytest.raises(InvalidInput, match="No sensor found") as refused:
        report(user=tenant.member, **profit)
    assert refused.value.field == "config.consumption_price_sensor"


def test_sources_of_reporters_can_be_made_before_they_compute(installation, sensor, report):
    with installation.database.transaction() as session:
        made = {
            each.model: each.id for each in sources_of_drivers(installation, session, "reporter")
        }
    assert set(made) == {"AggregatorReporter", "PandasReporter", "ProfitOrLossReporter"}
    load, output = sensor("load", "kW", HOUR, [1, 2]), sensor("sum", "kW", HOUR)
    done = report(**total([load], output))
    assert done.result["source_id"] == made["AggregatorReporter"]
