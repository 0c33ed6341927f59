from __future__ import annotations

import pytest
from marshmallow import ValidationError

from fmhost.schemas.schedules import FetchScheduleQuery, SensorTriggerSchema, older_fields

START = "2026-03-02T10:00:00+01:00"


def test_a_request_with_a_start_only_has_the_defaults():
    loaded = SensorTriggerSchema().load({"start": START})
    assert loaded["flex_model"] == {}
    assert loaded["flex_context"] == {}
    assert loaded["force_new_job_creation"] is False


def test_fields_in_their_older_place_move():
    given = {
        "start": START,
        "soc-at-start": 12.1,
        "soc-unit": "kWh",
        "flex-model": {"soc-at-start": "5 kWh"},
        "consumption-price-sensor": 9,
    }
    loaded = SensorTriggerSchema().load(given)
    assert loaded["flex_model"] == {"soc-at-start": "5 kWh", "soc-unit": "kWh"}
    assert loaded["flex_context"] == {"consumption-price-sensor": 9}
    assert older_fields(given) == ["soc-at-start", "soc-unit", "consumption-price-sensor"]


def test_both_spellings_of_forcing_a_new_job():
    for name in ("force-new-job-creation", "force_new_job_creation"):
        assert SensorTriggerSchema().load({"start": START, name: True})["force_new_job_creation"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": None}, "start"),
        ({"start": "2026-03-02T10:00:00"}, "start"),
        ({"duration": "-PT1H"}, "duration"),
        ({"duration": "soon"}, "duration"),
        ({"resolution": "P1M"}, "resolution"),
        ({"resolution": "PT0M"}, "resolution"),
        ({"flex-model": [1]}, "flex-model"),
        ({"flex-model": "x", "soc-at-start": 1}, "flex-model"),
        ({"flex-context": None}, "flex-context"),
        ({"force-new-job-creation": "perhaps"}, "force-new-job-creation"),
        ({"foo": 1}, "foo"),
    ],
)
def test_mistakes_are_reported_under_their_field(change, field):
    with pytest.raises(ValidationError) as caught:
        SensorTriggerSchema().load({"start": START, **change})
    assert list(caught.value.messages) == [field]


@pytest.mark.parametrize("body", [[], "x", 3, None])
def test_a_body_that_is_no_object_is_refused(body):
    with pytest.raises(ValidationError):
        SensorTriggerSchema().load(body)


def test_unknown_sign_conventions_are_refused():
    with pytest.raises(ValidationError) as caught:
        FetchScheduleQuery().load({"sign-convention": "upside-down"})
    assert "sign-convention" in caught.value.messages
