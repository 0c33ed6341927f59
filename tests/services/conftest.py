"""Posting to the sensors of a tenant, and asking for what is known about them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from fmhost.beliefs import Query, read
from fmhost.domain.durations import parse_duration
from fmhost.model import Sensor, User
from fmhost.services.ingest import Posting, ingest
from fmhost.services.measurements import Question, answer_question

START = datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.fixture
def posting():
    """Values in kW for the hour from START, as somebody posts them."""

    def of(values, duration="PT1H", **changes) -> Posting:
        options = {"start": START, "unit": "kW", **changes}
        return Posting(
            values=np.array(values, dtype=np.float64), duration=parse_duration(duration), **options
        )

    return of


@pytest.fixture
def post(installation, tenant, posting):
    """Posts for the quarter-hourly power sensor [kW], or another one, in the name of a member."""

    def post_it(values, duration="PT1H", *, sensor=tenant.power, **changes):
        with installation.database.transaction() as session:
            return ingest(
                installation,
                session,
                session.get(Sensor, sensor.id),
                posting(values, duration, **changes),
                session.get(User, tenant.member.id),
            )

    return post_it


@pytest.fixture
def ask(installation, tenant):
    """Asks for the values of the hour from START, in kW and quarter hours."""

    def ask_it(duration="PT1H", *, sensor=tenant.power, **changes):
        options = {"start": START, "unit": sensor.unit, **changes}
        question = Question(duration=parse_duration(duration), **options)
        with installation.database.reading() as session:
            found = answer_question(session, session.get(Sensor, sensor.id), question)
        return [None if np.isnan(value) else value for value in found.values.tolist()]

    return ask_it


@pytest.fixture
def stored(installation, tenant):
    """All beliefs about a sensor."""

    def read_them(sensor=tenant.power):
        with installation.database.reading() as session:
            return read(session, Query(sensor=session.get(Sensor, sensor.id), most_recent=False))

    return read_them


@pytest.fixture
def change(installation):
    """Changes columns of a sensor."""

    def change_it(sensor, **columns):
        with installation.database.transaction() as session:
            for name, value in columns.items():
                setattr(session.get(Sensor, sensor.id), name, value)

    return change_it
