"""Audit logs over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost.services import audit

ROLES = (
    "admin",
    "admin_reader",
    "account_admin",
    "member",
    "other_member",
    "consultant",
    "clerk",
)

#: Who may read the logs of an account, of a member and of an asset of that account.
READERS = {
    "accounts": {"admin", "admin_reader", "account_admin", "consultant"},
    "users": {"admin", "admin_reader", "account_admin", "consultant", "member"},
    "assets": {"admin", "admin_reader", "account_admin", "consultant", "member"},
}


@pytest.fixture
def paths(tenant):
    return {
        "accounts": f"/accounts/{tenant.account.id}/auditlog",
        "users": f"/users/{tenant.member.id}/auditlog",
        "assets": f"/assets/{tenant.battery.id}/auditlog",
    }


@pytest.fixture
def logs(installation, tenant, clock):
    """Three events of everything of Acme, one of everything of others; an hour between each."""
    concerned = {
        "a first": (tenant.admin, tenant.account, tenant.member, tenant.battery),
        "B second": (None, tenant.account, tenant.member, tenant.battery),
        "c 1st again": (tenant.account_admin, tenant.account, tenant.member, tenant.battery),
        "d secret": (tenant.admin, tenant.other_account, tenant.other_member, tenant.other_battery),
    }
    start = clock()
    with installation.database.transaction() as session:
        for event, (actor, account, user, asset) in concerned.items():
            audit.record(
                installation, session, event, actor=actor, user_id=user.id, account_id=account.id
            )
            audit.record_for_asset(installation, session, event, actor=actor, asset_id=asset.id)
            session.flush()
            clock.advance(timedelta(hours=1))
    clock.set(start)


def events(answer):
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    return [entry["event"] for entry in (body if isinstance(body, list) else body["data"])]


NEWEST_FIRST = ["c 1st again", "B second", "a first"]


@pytest.mark.parametrize("who", ROLES)
def test_who_may_read_which_log(as_user, tenant, paths, logs, who):
    caller = as_user(getattr(tenant, who))
    for what, readers in READERS.items():
        answer = caller.get(paths[what])
        if who in readers:
            assert events(answer) == NEWEST_FIRST
        else:
            assert answer.status_code == 403
            assert "first" not in answer.text


def test_logs_of_others(as_user, tenant, logs):
    boss = as_user(tenant.account_admin)
    others = {
        "accounts": tenant.other_account,
        "users": tenant.other_member,
        "assets": tenant.other_battery,
    }
    for what, other in others.items():
        assert boss.get(f"/{what}/{other.id}/auditlog", filter="secret").status_code == 403
        assert boss.get(f"/{what}/999/auditlog").status_code == 404
        assert boss.get(f"/{what}/x/auditlog").status_code == 422


def test_colleagues_do_not_read_each_others_log(member, tenant):
    assert member.get(f"/users/{tenant.account_admin.id}/auditlog").status_code == 403


def test_nobody_reads_logs(nobody, paths):
    for path in paths.values():
        assert nobody.get(path).status_code == 401


def test_an_account_has_a_bare_list_with_dates_as_in_headers(as_user, tenant, paths, logs):
    boss = as_user(tenant.account_admin)
    body = boss.get(paths["accounts"]).get_json()
    assert body[0] == {
        "event": "c 1st again",
        "event_datetime": "Mon, 02 Mar 2026 11:00:00 GMT",
        "active_user_id": tenant.account_admin.id,
    }
    assert body[1]["active_user_id"] is None
    page = boss.get(paths["accounts"], page=2, per_page=2).get_json()
    assert (page["num-records"], page["filtered-records"]) == (3, 3)
    assert page["data"] == [body[2] | {"active_user_name": "admin"}]


def test_users_and_assets_always_have_pages(as_user, tenant, paths, logs):
    boss = as_user(tenant.account_admin)
    for what in ("users", "assets"):
        body = boss.get(paths[what]).get_json()
        assert (body["num-records"], body["filtered-records"], body["status"]) == (3, 3, 200)
        assert body["data"][0] == {
            "event": "c 1st again",
            "event_datetime": "2026-03-02T11:00:00+00:00",
            "active_user_name": "boss",
            "active_user_id": tenant.account_admin.id,
        }


ORDERS_AND_SEARCHES = (
    ({"page": 1, "per_page": 2}, NEWEST_FIRST[:2], 3),
    ({"page": 2, "per-page": 2}, NEWEST_FIRST[2:], 3),
    ({"sort-dir": "asc"}, NEWEST_FIRST[::-1], 3),
    ({"sort_by": "event_datetime", "sort_dir": "desc"}, NEWEST_FIRST, 3),
    ({"sort_by": "event"}, ["a first", "B second", "c 1st again"], 3),
    ({"sort-by": "event", "sort-dir": "desc"}, NEWEST_FIRST, 3),
    ({"sort_by": "active_user_name"}, ["a first", "c 1st again", "B second"], 3),
    ({"filter": "FIRST"}, ["a first"], 1),
    ({"filter": "host"}, ["B second"], 1),
    ({"filter": "boss again"}, ["c 1st again"], 1),
    ({"filter": "1"}, ["c 1st again"], 1),  # and not what has an id with that digit
    ({"filter": "secret"}, [], 0),
)


def test_order_search_and_pages(as_user, tenant, paths, logs):
    boss = as_user(tenant.account_admin)
    for path in paths.values():
        for query, expected, filtered in ORDERS_AND_SEARCHES:
            answer = boss.get(path, **({"page": 1} | query))
            assert events(answer) == expected, query
            body = answer.get_json()
            assert (body["num-records"], body["filtered-records"]) == (3, filtered)


def test_queries_that_make_no_sense(as_user, tenant, paths):
    boss = as_user(tenant.account_admin)
    for path in paths.values():
        for query in ({"sort_by": "id"}, {"page": 0}, {"sort_dir": "up"}):
            assert list(boss.get(path, **query).get_json()["message"]["query"]) == list(query)


def test_events_of_one_moment_keep_their_order(as_user, tenant, installation, paths):
    with installation.database.transaction() as session:
        for number in range(3):
            audit.record(installation, session, str(number), account_id=tenant.account.id)
            session.flush()
    assert events(as_user(tenant.account_admin).get(paths["accounts"])) == ["2", "1", "0"]


def test_what_was_done_over_http_is_there(as_user, tenant, paths):
    boss = as_user(tenant.account_admin)
    boss.patch(
        f"/accounts/{tenant.account.id}", {"name": "x" * 100, "attributes": {"a": "y" * 600}}
    )
    boss.patch(f"/users/{tenant.member.id}", {"timezone": "UTC"})
    boss.patch(f"/assets/{tenant.battery.id}", {"name": "B"})
    found = events(boss.get(paths["accounts"]))
    assert found[0] == "User Updated, Field: timezone, From: Europe/Amsterdam, To: UTC"
    assert len(found[1]) == 500
    assert found[2].startswith("Account Updated, Field: name, From: Acme, To: xxx")
    assert events(boss.get(paths["users"])) == found[:1]
    assert events(boss.get(paths["assets"])) == ["Updated: name, From: battery, To: B"]


@pytest.mark.parametrize("what", READERS)
def test_the_number_of_statements_does_not_grow(
    as_user, tenant, installation, statements, paths, what
):
    boss = as_user(tenant.account_admin)

    def count():
        with statements() as counted:
            assert boss.get(paths[what], page=1, per_page=100).status_code == 200
        return counted.number

    before = count()
    with installation.database.transaction() as session:
        for number in range(10):
            audit.record(
                installation,
                session,
                str(number),
                user_id=tenant.member.id,
                account_id=tenant.account.id,
            )
            audit.record_for_asset(installation, session, "x", asset_id=tenant.battery.id)
    assert count() == before
    assert before <= 6
