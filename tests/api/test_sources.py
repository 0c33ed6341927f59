"""The list of data sources."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from fmhost.beliefs.delete import delete
from fmhost.model import Sensor, Source, User
from fmhost.model.sources import get_or_create_source
from fmhost.services import recording
from fmhost.services.statistics import keep, statistics


@pytest.fixture
def source(installation):
    """Makes a source by its name, type and so on, or that of a user; its id."""

    def make(of, source_type=None, **properties):
        with installation.database.transaction() as session:
            known = session.get(User, of.id) if isinstance(of, User) else of
            return get_or_create_source(session, known, source_type=source_type, **properties).id

    return make


@pytest.fixture
def record(installation):
    """Has a source say something about a sensor."""

    def say(sensor, source_id):
        with installation.database.transaction() as session:
            recording.record(
                installation,
                session,
                session.get(Sensor, sensor.id),
                session.get(Source, source_id),
                start=installation.now(),
                values=[1.0],
                belief_time=installation.now(),
            )

    return say


def listed(caller, **query):
    answer = caller.get("/sources", **query)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def ids(caller, **query):
    return [each["id"] for each in listed(caller, **query)["sources"]]


def test_what_is_told_of_a_source(as_user, tenant, source, record):
    made = source("Acme", "scheduler", model="StorageScheduler", version="9")
    record(tenant.power, made)
    assert listed(as_user(tenant.member)) == {
        "types": ["scheduler"],
        "sources": [
            {
                "id": made,
                "name": "Acme",
                "type": "scheduler",
                "description": "Acme's StorageScheduler model v9",
                "model": "StorageScheduler",
                "version": "9",
                "account_id": None,
                "user_id": None,
            }
        ],
        "status": 200,
    }


def test_sources_of_readable_accounts_need_no_data(as_user, tenant, source):
    own, other = source(tenant.account_admin), source(tenant.other_member)
    (known,) = listed(as_user(tenant.member))["sources"]
    assert known["id"] == own
    assert known["user_id"] == tenant.account_admin.id
    assert known["account_id"] == tenant.account.id
    assert ids(as_user(tenant.consultant)) == [own]
    assert ids(as_user(tenant.clerk)) == []
    assert ids(as_user(tenant.other_member)) == [other]
    for everything in (tenant.admin, tenant.admin_reader):
        assert ids(as_user(everything)) == [own, other]


def test_sources_without_an_account_are_known_by_their_data(as_user, tenant, source, record):
    made = source("script", "crawling script")
    member, other = as_user(tenant.member), as_user(tenant.other_member)
    assert ids(member) == []
    record(tenant.other_power, made)
    assert ids(member) == []
    assert ids(other) == [made]
    record(tenant.status, made)
    assert ids(member) == [made]


def test_who_is_behind_public_data_stays_unknown(as_user, tenant, source, record):
    made = source(tenant.other_member)
    record(tenant.prices, made)
    (known,) = listed(as_user(tenant.member))["sources"]
    assert known["id"] == made
    assert known["user_id"] is None
    assert known["account_id"] is None


def test_a_source_goes_when_its_data_are_known_to_be_gone(
    as_user, installation, tenant, source, record
):
    made = source("script", "crawling script")
    record(tenant.power, made)
    with installation.database.transaction() as session:
        delete(session, session.get(Sensor, tenant.power.id))
    with installation.database.reading() as session:
        _, found = statistics(session, session.get(Sensor, tenant.power.id))
    keep(installation, found)
    member = as_user(tenant.member)
    assert ids(member) == []
    record(tenant.power, made)
    assert ids(member) == [made]


@pytest.mark.parametrize("name", ["only_latest", "only-latest"])
def test_only_the_latest_versions(as_user, tenant, source, record, name):
    versions = [
        source("Acme", "forecaster", model="Trees", version=version)
        for version in ("1.10", "1.9", "1.2")
    ]
    other = source("Acme", "forecaster", model="Naive", version="1")
    for made in (*versions, other):
        record(tenant.power, made)
    member = as_user(tenant.member)
    assert ids(member) == [*versions, other]
    assert ids(member, **{name: "false"}) == [*versions, other]
    assert ids(member, **{name: "true"}) == [versions[0], other]


def test_a_version_that_may_not_be_known_hides_none(as_user, tenant, source, record):
    older = source("Acme", "forecaster", model="Trees", version="1")
    newer = source("Acme", "forecaster", model="Trees", version="2")
    record(tenant.power, older)
    record(tenant.other_power, newer)
    assert ids(as_user(tenant.member), only_latest="true") == [older]


def test_types_are_named_once(as_user, tenant, source, record):
    for number, kind in enumerate(("gateway", "scheduler", "gateway", "scheduling script")):
        record(tenant.power, source(f"number {number}", kind))
    assert listed(as_user(tenant.member))["types"] == ["gateway", "scheduler"]


def test_queries(as_user, tenant):
    member = as_user(tenant.member)
    answer = member.get("/sources", only_latest="perhaps")
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]["query"]) == ["only_latest"]
    assert listed(member, foo=1)["sources"] == []


def test_without_a_login(nobody):
    assert nobody.get("/sources").status_code == 401


@pytest.mark.parametrize("who", ["admin", "member", "consultant"])
def test_statements_are_few_and_leave_the_beliefs_alone(
    as_user, installation, tenant, source, record, statements, who
):
    caller = as_user(getattr(tenant, who))

    def make(count, name):
        for number in range(count):
            record(tenant.power, source(f"{name} {number}", "gateway"))

    seen = []

    def note(_connection, _cursor, statement, *_others):
        seen.append(statement)

    def count():
        with statements() as counted:
            listed(caller, only_latest="true")
        return counted.number

    make(1, "first")
    count()  # what is prepared once
    before = count()
    make(8, "second")
    event.listen(installation.database.engine, "before_cursor_execute", note)
    assert count() == before
    assert seen
    assert not any("timed_belief" in statement for statement in seen)
