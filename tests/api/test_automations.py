"""Automations over HTTP."""

from __future__ import annotations

import pytest

from fmhost.model import Automation


@pytest.fixture
def boss(as_user, tenant):
    """Calls in the name of the admin of the account."""
    return as_user(tenant.account_admin)


@pytest.fixture
def path(tenant):
    return f"/assets/{tenant.battery.id}/automations"


def body(tenant, **changes):
    return {
        "name": "each morning",
        "kind": "forecast",
        "sensor": tenant.power.id,
        "cron": "0 6 * * *",
        "parameters": {"duration": "PT12H"},
        **changes,
    }


def test_one_is_made_listed_changed_and_deleted(boss, tenant, path, installation):
    answer = boss.post(path, body(tenant))
    assert answer.status_code == 201, answer.text
    made = answer.json
    assert (made["timezone"], made["user"]) == ("Europe/Amsterdam", tenant.account_admin.id)
    assert (made["active"], made["error"], made["last-job"]) == (True, None, None)
    assert made["next-at"] == "2026-03-03T05:00:00+00:00"
    assert [each["id"] for each in boss.get(path).json] == [made["id"]]

    changed = boss.patch(f"{path}/{made['id']}", {"interval": "PT1H", "active": False})
    assert changed.status_code == 200, changed.text
    assert (changed.json["cron"], changed.json["interval"]) == (None, "PT1H")
    assert changed.json["active"] is False

    assert boss.delete(f"{path}/{made['id']}").status_code == 204
    assert boss.get(path).json == []
    assert boss.delete(f"{path}/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"cron": "sometimes"},
        {"interval": "PT1H"},
        {"kind": "dance"},
        {"timezone": "Mars/Olympus"},
        {"parameters": {"colour": "red"}},
        {"sensor": 999999},
    ],
)
def test_what_could_not_run_is_refused(boss, tenant, path, changes):
    assert boss.post(path, body(tenant, **changes)).status_code == 422
    assert boss.get(path).json == []


def test_a_sensor_of_another_asset_is_refused_like_one_that_does_not_exist(boss, tenant, path):
    answers = [
        boss.post(path, body(tenant, sensor=number)).text.replace(str(number), "N")
        for number in (tenant.other_power.id, 999999)
    ]
    assert answers[0] == answers[1]


def test_who_changes_it_lends_it_the_own_rights(as_user, boss, tenant, path, installation):
    made = boss.post(path, body(tenant)).json["id"]
    as_user(tenant.admin).patch(f"{path}/{made}", {"name": "renamed"})
    with installation.database.reading() as session:
        automation = session.get(Automation, made)
        assert (automation.user_id, automation.by_operator) == (tenant.admin.id, False)


def test_the_number_of_statements_is_fixed(boss, tenant, path, statements):
    boss.post(path, body(tenant))
    boss.get(path)
    with statements() as few:
        boss.get(path)
    for _ in range(4):
        boss.post(path, body(tenant))
    with statements() as many:
        assert len(boss.get(path).json) == 5
    assert many.number == few.number
