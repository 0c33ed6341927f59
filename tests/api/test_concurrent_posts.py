"""Posts that meet others in the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier

import pytest
from sqlalchemy import select, text

from fmhost.app import create
from fmhost.beliefs import Query, read
from fmhost.model import Sensor, Source, User
from fmhost.model.sources import get_or_create_source
from fmhost.testing.web import token_headers

START = "2026-03-02T08:00:00+01:00"
MESSAGE = {"values": [1, 2, 3, 4], "start": START, "duration": "PT1H", "unit": "kW"}


def stored(installation, sensor):
    with installation.database.reading() as session:
        found = read(session, Query(sensor=session.get(Sensor, sensor.id), most_recent=False))
    return found.event_value.tolist()


def wait_for_waiting(database, number):
    """Until so many transactions wait for others."""
    waiting = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    with database.engine.connect() as connection:
        while connection.scalar(waiting) < number:
            connection.rollback()


def rows_of_file(count):
    rows = [f"2026-03-02T{10 + n // 4}:{n % 4 * 15:02}:00+00:00,{n}" for n in range(count)]
    return "\n".join(["t,v", *rows]).encode()


@pytest.fixture(params=["message", "file"])
def post(request, tenant):
    """Posts four values, in one of the two ways."""
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"

    def post_it(client, headers):
        if request.param == "message":
            return client.post(path, json=MESSAGE, headers=headers)
        form = {"uploaded-files": (BytesIO(rows_of_file(4)), "power.csv", "text/csv")}
        return client.post(f"{path}/upload", data=form, headers=headers)

    return post_it


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_deadlock_does_not_reach_the_client(database, open_installation, tenant, post):
    # The post has made the user's source and waits for the sensor; the other transaction has the
    # sensor, and waits for the source. The database has the post give way, which looks first.
    options = {"connect_args": {"options": "-c timezone=utc -c deadlock_timeout=500ms"}}
    installation = open_installation(SQLALCHEMY_ENGINE_OPTIONS=options)
    client = create(installation=installation).test_client()
    headers = token_headers(client, tenant.member)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            session.execute(text("SET LOCAL deadlock_timeout = '1min'"))
            session.execute(select(Sensor.id).where(Sensor.id == tenant.power.id).with_for_update())
            answer = pool.submit(post, client, headers)
            wait_for_waiting(installation.database, 1)
            get_or_create_source(session, session.get(User, tenant.member.id))
        assert answer.result().status_code == 200, answer.result().text
    assert answer.result().get_json()["status"] == "PROCESSED"
    assert len(stored(installation, tenant.power)) == 4
    with installation.database.reading() as session:
        sources = session.query(Source).filter_by(user_id=tenant.member.id).count()
    assert sources == 1


def test_overlapping_posts_lose_and_double_nothing(app, log_in, tenant, installation):
    together = Barrier(4)
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"
    headers = log_in(tenant.member)

    def post(number):
        client = app.test_client()
        together.wait()
        answers = []
        for hour in range(8)[:: 1 if number % 2 else -1]:
            message = {
                **MESSAGE,
                "values": list(range(8)),
                "start": f"2026-03-02T{8 + hour:02}:00:00+01:00",
                "duration": "PT2H",
                "horizon": f"PT{hour}H",
            }
            answers.append(client.post(path, json=message, headers=headers).status_code)
        return answers

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(post, range(4))) == [[200] * 8] * 4
    # Each message is about two hours; the second one of each is also in the next message.
    assert sorted(stored(installation, tenant.power)) == sorted([*range(8)] * 8)
