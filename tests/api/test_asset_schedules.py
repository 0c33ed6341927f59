"""Schedules of several devices at once, or one after another."""

from __future__ import annotations

import pytest

from fmhost.jobs.execute import execute
from fmhost.model import Asset, Job, Sensor

START = "2026-03-02T12:00:00+01:00"


@pytest.fixture
def installation(waiting_installation):
    return waiting_installation()


@pytest.fixture
def charger(installation, tenant, constant_power) -> Sensor:
    """The power sensor [kW] of an asset below the battery; both are scheduled by ``Constant``."""
    with installation.database.transaction() as session:
        battery = session.get(Asset, tenant.battery.id)
        battery.set_attribute("custom-scheduler", "Constant")
        sensor = Sensor(
            name="charging",
            unit="kW",
            event_resolution=tenant.power.event_resolution,
            timezone=tenant.power.timezone,
            generic_asset=session.get(Asset, tenant.inverter.id),
        )
        session.add(sensor)
        session.flush()
        session.refresh(sensor)
        session.expunge(sensor)
    return sensor


@pytest.fixture
def devices(tenant, charger):
    """The flex-model of both."""
    return [
        {"sensor": tenant.power.id, "soc-at-start": 2},
        {"sensor": charger.id, "soc-at-start": 3},
    ]


@pytest.fixture
def path(tenant):
    return f"/assets/{tenant.battery.id}/schedules/trigger"


@pytest.fixture
def trigger(member, path, devices):
    """Asks for the schedules; the id of the job."""

    def ask(**changes):
        message = {"start": START, "duration": "PT30M", "flex-model": devices, **changes}
        answer = member.post(path, message)
        assert answer.status_code == 200, answer.text
        return answer.get_json()["schedule"]

    return ask


def fetched(member, sensor, job_id):
    return member.get(f"/sensors/{sensor.id}/schedules/{job_id}").get_json()


def test_the_answer(member, path, devices):
    body = member.post(path, {"start": START, "flex-model": devices}).get_json()
    assert body.pop("schedule")
    assert body == {"status": "PROCESSED", "message": "Request has been processed."}


@pytest.mark.parametrize("sequential", [False, True])
def test_each_schedule_is_fetched_at_its_sensor(
    member, installation, tenant, charger, trigger, sequential
):
    job_id = trigger(sequential=sequential)
    execute(installation, job_id, "worker")
    assert fetched(member, tenant.power, job_id)["values"] == [2, 2]
    body = fetched(member, charger, job_id)
    assert body["values"] == [3, 3]
    assert body["message"] == "Request has been processed. Constant was used."
    with installation.database.reading() as session:
        assert session.get(Job, job_id).result["num-beliefs"] == 4


def test_one_after_another_takes_those_before_as_given(
    member, installation, tenant, charger, trigger
):
    job_id = trigger(
        sequential=True, **{"flex-context": {"inflexible-device-sensors": [tenant.status.id]}}
    )
    execute(installation, job_id, "worker")
    first, second = fetched(member, charger, job_id)["scheduler_info"]["sequence"]
    assert first["inflexible-device-sensors"] == [tenant.status.id]
    assert second["inflexible-device-sensors"] == [tenant.status.id, tenant.power.id]


def test_what_is_stored_as_inflexible_stays_so(member, installation, tenant, charger, trigger):
    with installation.database.transaction() as session:
        battery = session.get(Asset, tenant.battery.id)
        battery.flex_context = {"inflexible-device-sensors": [tenant.status.id]}
    job_id = trigger(sequential=True)
    execute(installation, job_id, "worker")
    first, second = fetched(member, charger, job_id)["scheduler_info"]["sequence"]
    assert "inflexible-device-sensors" not in first  # it is for the scheduler to look
    assert second["inflexible-device-sensors"] == [tenant.status.id, tenant.power.id]


def test_a_device_that_the_requester_may_not_write_to_any_more_fails_the_job(
    installation, tenant, trigger
):
    job_id = trigger(sequential=True)
    with installation.database.transaction() as session:
        job = session.get(Job, job_id)
        first, second = job.arguments["flex_model"]
        spoilt = [first, {**second, "sensor": tenant.other_power.id}]
        job.arguments = {**job.arguments, "flex_model": spoilt}
    execute(installation, job_id, "worker")
    with installation.database.reading() as session:
        job = session.get(Job, job_id)
        assert job.state == "failed"
        assert f"No sensor found with ID {tenant.other_power.id}." in job.error["message"]


def test_one_request_is_not_the_other(trigger):
    assert trigger() == trigger()
    assert trigger() != trigger(sequential=True)


def refused(member, path, **message):
    answer = member.post(path, {"start": START, **message})
    assert answer.status_code == 422, answer.text
    return answer.get_json()["message"]


@pytest.mark.parametrize("sequential", [False, True])
def test_mistakes_in_the_list_of_devices_stand_at_their_device(
    member, path, tenant, devices, sequential
):
    own, other = tenant.power.id, tenant.other_power.id
    for wrong, place, text in (
        ({"sensor": 99}, "sensor", "No sensor found with ID 99."),
        ({"sensor": other}, "sensor", f"No sensor found with ID {other}."),
        ({"sensor": "x"}, "sensor", "Not a valid integer."),
        ({"sensor": 2**70}, "sensor", f"No sensor found with ID {2**70}."),
        (
            {"sensor": own},
            "sensor",
            f"Sensor {own} should not occur more than once in the flex-model.",
        ),
        (
            {"asset": tenant.other_battery.id},
            "asset",
            f"Asset {tenant.other_battery.id} is not asset {tenant.battery.id} (or one of its "
            "offspring).",
        ),
        ({"sensor": tenant.status.id, "asset": tenant.battery.id}, "asset", "Sensor does not"),
        (
            {"sensor": tenant.status.id, "soc-at-start": "x"},
            "soc-at-start",
            "Cannot convert value 'x' to a valid quantity.",
        ),
    ):
        message = refused(
            member, path, sequential=sequential, **{"flex-model": [devices[0], wrong]}
        )
        assert list(message) == ["flex-model"]
        assert list(message["flex-model"]) == ["1"]
        assert list(message["flex-model"]["1"]) == [place]
        assert message["flex-model"]["1"][place][0].startswith(text)


def test_a_device_is_an_object(member, path, charger):
    assert refused(member, path, **{"flex-model": [3]}) == {
        "flex-model": {"0": ["Not a valid mapping type."]}
    }


def test_a_sensor_that_is_readable_but_belongs_elsewhere(as_user, tenant, charger, path):
    admin = as_user(tenant.admin)
    message = refused(admin, path, **{"flex-model": [{"sensor": tenant.other_power.id}]})
    text = (
        f"Sensor {tenant.other_power.id} does not belong to asset {tenant.battery.id} (or to one "
        "of its offspring)."
    )
    assert message == {"flex-model": {"0": {"sensor": [text]}}}


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"flex-model": {}}, "flex-model"),
        ({"flex-model": None}, "flex-model"),
        ({"flex-model": [], "sequential": True}, "flex-model"),
        ({"sequential": "perhaps"}, "sequential"),
        ({"start": None}, "start"),
        ({"duration": "-PT1H"}, "duration"),
        ({"flex-context": []}, "flex-context"),
        ({"soc-at-start": 3}, "soc-at-start"),
        ({"foo": 1}, "foo"),
    ],
)
def test_other_mistakes_stand_below_the_body(member, path, charger, message, field):
    assert list(refused(member, path, **message)["json"]) == [field]


def test_devices_without_a_name_are_not_scheduled_one_after_another(member, path, charger):
    message = refused(member, path, sequential=True, **{"flex-model": [{}]})
    assert message == {"flex-model": {"0": {"sensor": ["Specify either a sensor or an asset."]}}}


@pytest.mark.parametrize("name", ["force-new-job-creation", "force_new_job_creation"])
def test_a_new_job_can_be_forced(trigger, name):
    assert trigger() != trigger(**{name: True})


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 200),
        ("admin_reader", 403),
        ("member", 200),
        ("consultant", 200),
        ("other_member", 403),
        ("clerk", 403),
    ],
)
def test_who_may(as_user, tenant, path, devices, who, status):
    caller = as_user(getattr(tenant, who))
    answer = caller.post(path, {"start": START, "flex-model": devices})
    assert answer.status_code == status


def test_without_a_login_or_an_asset(nobody, member, path):
    assert nobody.post(path, {"start": START}).status_code == 401
    answer = member.post("/assets/999/schedules/trigger", {"start": START})
    assert answer.status_code == 404


class TestNewerClients:
    """The host serves newer answers."""

    @pytest.fixture
    def installation(self, waiting_installation):
        return waiting_installation(FMHOST_LEGACY_JOB_RESPONSES=False)

    def test_they_are_told_of_the_job(self, member, path, devices):
        answer = member.post(path, {"start": START, "flex-model": devices})
        assert answer.status_code == 202
        body = answer.get_json()
        assert body["job"] == body["schedule"]
        assert body["job-url"] == f"/api/v3_0/jobs/{body['job']}"
        assert "results-url" not in body


def test_a_nominal_day_is_one_of_the_assets_zone(member, installation, path, devices):
    message = {"start": "2026-03-29T00:00:00+01:00", "duration": "P1D", "flex-model": devices}
    job_id = member.post(path, message).get_json()["schedule"]
    with installation.database.reading() as session:
        arguments = session.get(Job, job_id).arguments
    assert arguments["end"] == "2026-03-29T23:00:00+01:00"
