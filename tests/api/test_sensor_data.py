"""Posting and getting data of sensors over HTTP, on both paths."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from fmhost.app import create
from fmhost.testing.web import token_headers

START = "2026-03-02T08:00:00+01:00"
MESSAGE = {"values": [1, 2, 3, 4], "start": START, "duration": "PT1H", "unit": "kW"}
QUESTION = {"start": START, "duration": "PT1H", "unit": "kW"}

PROCESSED = {"status": "PROCESSED", "message": "Request has been processed."}


@pytest.fixture
def path(tenant):
    return f"/sensors/{tenant.power.id}/data"


@pytest.fixture
def values(member, path):
    """The values of the hour, in the name of a member."""

    def ask(**query):
        answer = member.get(path, **{**QUESTION, **query})
        assert answer.status_code == 200, answer.text
        return answer.get_json()["values"]

    return ask


def place_of(answer, place="combined_sensor_data_description"):
    """What is wrong, at that place."""
    assert answer.status_code == 422, answer.text
    body = answer.get_json()
    assert body["result"] == "Rejected"
    assert body["status"] == "UNPROCESSABLE_ENTITY"
    return body["message"][place]


def test_posted_data_are_there_to_get(member, path):
    posted = member.post(path, MESSAGE)
    assert (posted.status_code, posted.get_json()) == (200, PROCESSED)
    answer = member.get(path, **QUESTION)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "values": [1, 2, 3, 4],
        "start": START,
        "duration": "PT1H",
        "unit": "kW",
        "resolution": "PT15M",
        **PROCESSED,
    }


def test_both_paths_name_the_same_sensor(member, tenant, values):
    address = member.get(f"/sensors/{tenant.power.id}").get_json()["entity_address"]
    assert member.post("/sensors/data", {**MESSAGE, "sensor": address}).status_code == 200
    assert values() == [1, 2, 3, 4]
    answer = member.get("/sensors/data", sensor=address, **QUESTION)
    assert answer.get_json()["values"] == [1, 2, 3, 4]


def test_a_question_may_stand_in_the_body(member, path):
    member.post(path, MESSAGE)
    url, headers = f"/api/v3_0{path}", member.headers
    answer = member.client.get(url, headers=headers, json=QUESTION)
    assert answer.get_json()["values"] == [1, 2, 3, 4]
    mixed = member.client.get(
        url, headers=headers, json={"unit": "W"}, query_string={**QUESTION, "unit": "kW"}
    )
    assert mixed.get_json()["values"] == [1000, 2000, 3000, 4000]


def test_the_same_again_is_already_received(member, path, clock):
    member.post(path, MESSAGE)
    for _ in range(2):
        again = member.post(path, MESSAGE)
        assert again.status_code == 200
        assert again.get_json() == {
            "results": "PROCESSED",
            "status": "ALREADY_RECEIVED_AND_SUCCESSFULLY_PROCESSED",
            "message": "Some of the data has already been received and successfully processed.",
        }
        clock.advance(timedelta(minutes=5))


def test_later_beliefs_count_and_earlier_ones_are_still_known(member, path, values, clock):
    member.post(path, MESSAGE)
    before = clock.moment.isoformat()
    clock.advance(timedelta(hours=1))
    member.post(path, {**MESSAGE, "values": [5, 6, 7, 8]})
    assert values() == [5, 6, 7, 8]
    assert values(prior=before) == [1, 2, 3, 4]


def test_a_replacement_is_refused_and_nothing_is_stored(member, path, values):
    prior = {"prior": "2026-03-02T07:00:00+01:00"}
    member.post(path, {**MESSAGE, **prior})
    answer = member.post(path, {**MESSAGE, **prior, "values": [9, 9, 9, 9] * 2, "duration": "PT2H"})
    assert answer.status_code == 403
    body = answer.get_json()
    assert body["status"] == "INVALID_REPLACEMENT"
    assert body["results"] == "Rejected"
    assert values(duration="PT2H") == [1, 2, 3, 4, None, None, None, None]


def test_units_are_converted(member, path, values):
    member.post(path, {**MESSAGE, "values": [2, 2, 2, 2], "unit": "kWh"})
    assert values() == [8, 8, 8, 8]
    assert values(unit="MW") == [0.008] * 4


@pytest.mark.parametrize(("unit", "value"), [("kW", 5), ("kWh", 5)])
def test_a_value_of_an_hour_holds_for_its_quarters(member, path, values, unit, value):
    member.post(path, {**MESSAGE, "values": value, "unit": unit})
    assert values() == [5, 5, 5, 5]


def test_a_resolution_that_does_not_fit(member, path):
    message = place_of(member.post(path, {**MESSAGE, "values": [1, 2, 3]}))
    assert message == {
        "_schema": [
            "Resolution of 0:20:00 is incompatible with the sensor's required resolution of "
            "0:15:00."
        ]
    }


def test_nulls_are_not_stored(member, path, values):
    member.post(path, {**MESSAGE, "values": [1, None, 3, None]})
    assert values() == [1, None, 3, None]


def test_steps_of_an_hour_have_means(member, path, values):
    member.post(path, MESSAGE)
    assert values(resolution="PT1H") == [2.5]


def test_an_earlier_viewpoint(member, path, values):
    member.post(path, {**MESSAGE, "horizon": "PT24H"})
    member.post(path, {**MESSAGE, "values": [9, 9, 9, 9]})
    assert values() == [9, 9, 9, 9]
    assert values(horizon="PT24H") == [1, 2, 3, 4]
    assert values(horizon="R/PT25H") == [None] * 4


def test_the_answer_is_on_the_clock_of_the_sensor(member, path):
    query = {**QUESTION, "start": "2026-03-02T07:00:00Z"}
    assert member.get(path, **query).get_json()["start"] == START


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 200),
        ("admin_reader", 403),
        ("account_admin", 200),
        ("member", 200),
        ("other_member", 403),
        ("consultant", 200),
        ("clerk", 403),
    ],
)
def test_who_may_post(as_user, tenant, path, who, status):
    assert as_user(getattr(tenant, who)).post(path, MESSAGE).status_code == status


def test_public_data_are_read_by_all_and_posted_by_admins(as_user, nobody, tenant):
    path = f"/sensors/{tenant.prices.id}/data"
    message = {**MESSAGE, "values": [50], "unit": "EUR/MWh"}
    question = {**QUESTION, "unit": "EUR/MWh"}
    assert as_user(tenant.member).post(path, message).status_code == 403
    assert as_user(tenant.admin).post(path, message).status_code == 200
    for user in (tenant.member, tenant.other_member, tenant.clerk):
        assert as_user(user).get(path, **question).get_json()["values"] == [50]
    assert nobody.get(path, **question).status_code == 401
    assert nobody.post(path, message).status_code == 401


@pytest.mark.parametrize("method", ["get", "post"])
def test_data_of_another_tenant(as_user, tenant, path, method):
    as_user(tenant.member).post(path, MESSAGE)
    other = as_user(tenant.other_member)
    address = f"ea1.2026-04.localhost:fm1.{tenant.power.id}"
    if method == "get":
        answers = [
            other.get(path, **QUESTION),
            other.get("/sensors/data", sensor=address, **QUESTION),
        ]
    else:
        answers = [
            other.post(path, MESSAGE),
            other.post("/sensors/data", {**MESSAGE, "sensor": address}),
        ]
    for answer in answers:
        assert answer.status_code == 403
        assert answer.get_json() == {
            "result": "Rejected",
            "status": "INVALID_SENDER",
            "message": "You cannot be authorized for this content or functionality.",
        }


@pytest.mark.parametrize("id", ["999", "99999999999999999999"])
def test_data_of_a_sensor_that_does_not_exist(member, id):
    for answer in (
        member.get(f"/sensors/{id}/data", **QUESTION),
        member.post(f"/sensors/{id}/data", MESSAGE),
    ):
        assert answer.status_code == 404
        assert answer.get_json() == {"message": f"Sensor {id} not found", "status": 404}


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("ea1.2026-04.localhost:fm1.999", "No sensor found with ID 999."),
        ("ea1.2026-04.io.flexmeasures:fm1.1", "starts with 'ea1.2026-04.localhost:fm1.'"),
    ],
)
def test_an_address_of_no_sensor_here(member, address, text):
    for answer in (
        member.get("/sensors/data", sensor=address, **QUESTION),
        member.post("/sensors/data", {**MESSAGE, "sensor": address}),
    ):
        assert text in place_of(answer, "json")["sensor"][0]


@pytest.mark.parametrize("address", ["x", "fm1.42", "ea1.x", "", None, [], {"a": 1}, 10**30, True])
def test_what_is_no_address(member, address):
    answer = member.post("/sensors/data", {**MESSAGE, "sensor": address})
    assert "sensor" in place_of(answer)


#: What is changed in a message that is fine otherwise, and the field that is reported.
MISTAKES = [
    ({"values": None}, "values"),
    ({"values": []}, "values"),
    ({"values": "1,2,3,4"}, "values"),
    ({"values": {"0": 1}}, "values"),
    ({"values": [1, "2", 3, 4]}, "values"),
    ({"values": [1, True, 3, 4]}, "values"),
    ({"values": [[1], [2], [3], [4]]}, "values"),
    ({"values": [10**400] * 4}, "values"),
    ({"values": [1e308] * 4, "unit": "TW"}, "values"),
    ({"start": "2026-03-02T08:00:00"}, "start"),
    ({"start": "2026-03-02"}, "start"),
    ({"start": "2026-13-02T08:00:00+01:00"}, "start"),
    ({"start": 1772434800}, "start"),
    ({"start": None}, "start"),
    ({"start": "9999-12-31T23:59:59-12:00"}, "start"),
    ({"duration": "one hour"}, "duration"),
    ({"duration": "-PT1H"}, "duration"),
    ({"duration": 3600}, "duration"),
    ({"duration": "P99999999999Y"}, "duration"),
    ({"unit": "V"}, "unit"),
    ({"unit": "kWhh"}, "unit"),
    ({"unit": 5}, "unit"),
    ({"unit": "9**9**9**9"}, "unit"),
    ({"prior": "yesterday"}, "prior"),
    ({"prior": "2026-03-02T08:00:00"}, "prior"),
    ({"horizon": "P1M"}, "horizon"),
    ({"horizon": "soon"}, "horizon"),
    ({"type": "PostNonsenseRequest"}, "type"),
    ({"type": "PostMeterDataRequest", "horizon": "PT1H"}, "horizon"),
    ({"type": "PostPrognosisRequest", "horizon": "-PT1H"}, "horizon"),
    ({"type": "PostPriceDataRequest"}, "unit"),
    ({"foo": 1}, "foo"),
    ({"sensor": "ea1.2026-04.localhost:fm1.1"}, "sensor"),
]


@pytest.mark.parametrize(("change", "field"), MISTAKES)
def test_mistakes_in_messages_are_reported_under_their_field(member, path, values, change, field):
    answer = member.post(
        path, data=json.dumps({**MESSAGE, **change}), content_type="application/json"
    )
    assert list(place_of(answer)) == [field]
    assert values() == [None] * 4


def test_a_duration_beyond_the_calendar(member, path):
    assert place_of(member.post(path, {**MESSAGE, "duration": "P9000Y"}))


@pytest.mark.parametrize("missing", list(MESSAGE))
def test_what_is_missing_in_a_message(member, path, missing):
    message = {name: value for name, value in MESSAGE.items() if name != missing}
    assert place_of(member.post(path, message)) == {missing: ["Missing data for required field."]}


@pytest.mark.parametrize("missing", list(QUESTION))
def test_what_is_missing_in_a_question(member, path, missing):
    question = {name: value for name, value in QUESTION.items() if name != missing}
    assert place_of(member.get(path, **question)) == {missing: ["Missing data for required field."]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": "2026-03-02T08:00:00"}, "start"),
        ({"start": "2026-03-02T08:00:00 01:00"}, "start"),
        ({"duration": "PT0H"}, "duration"),
        ({"duration": "-PT1H"}, "duration"),
        ({"duration": "P1000Y"}, "duration"),
        ({"unit": "EUR"}, "unit"),
        ({"unit": "<script>"}, "unit"),
        ({"resolution": "PT0M"}, "resolution"),
        ({"resolution": "-PT15M"}, "resolution"),
        ({"resolution": "PT0.0001S"}, "duration"),
        ({"horizon": "x"}, "horizon"),
        ({"prior": "x"}, "prior"),
        ({"source": "999"}, "source"),
        ({"source": "x"}, "source"),
        ({"source": "99999999999999999999"}, "source"),
        ({"source-type": "reporter"}, "source-type"),
        ({"source-account": "999"}, "source-account"),
        ({"type": "GetPriceDataRequest"}, "unit"),
        ({"type": "PostSensorDataRequest"}, "type"),
        ({"foo": "bar"}, "foo"),
    ],
)
def test_mistakes_in_questions_are_reported_under_their_field(member, path, change, field):
    assert list(place_of(member.get(path, **{**QUESTION, **change}))) == [field]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"nonsense",
        b'{"values": [NaN]}',
        b'{"values": [Infinity]}',
        b'{"values": [-Infinity]}',
        b'{"values": 1,}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"values": ' + b"9" * 5000 + b"}",
        b'{"unit": "kW", "unit": "MW"}',
        b'{"a": ' * 60 + b"1" + b"}" * 60,
        b'{"unit": "k\\u0000W"}',
        b'{"unit": "\\ud800"}',
        b'"text"',
        b"[1, 2]",
        b"null",
        b"3",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_bodies_that_nobody_can_mean(member, path, body):
    answer = member.post(path, data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    problem = answer.get_json()
    assert problem["status"] == (
        "INVALID_REQUEST" if answer.status_code == 400 else "UNPROCESSABLE_ENTITY"
    )
    assert problem["message"]


def test_malformed_json_says_where(member, path):
    answer = member.post(path, data=b'{"values": [1, 2,}', content_type="application/json")
    assert answer.status_code == 400
    assert "not valid JSON: " in answer.get_json()["message"]
    assert "column 18" in answer.get_json()["message"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "x"])
def test_content_that_is_no_json(member, path, content_type):
    answer = member.post(path, data=json.dumps(MESSAGE), content_type=content_type)
    assert answer.status_code == 400
    assert answer.get_json()["message"] == "Content-type of request must be application/json"


def test_a_long_text_is_not_sent_back_whole(member, path):
    answer = member.post(path, {**MESSAGE, "unit": "k" * 100_000})
    assert answer.status_code == 422
    assert len(answer.text) < 3000


def test_the_size_of_a_body_is_limited(open_installation, tenant, clock):
    app = create(installation=open_installation(FLEXMEASURES_MAX_SENSOR_DATA_INGESTION_BYTES=500))
    client = app.test_client()
    headers = token_headers(client, tenant.member)
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"
    assert client.post(path, json=MESSAGE, headers=headers).status_code == 200
    answer = client.post(path, json={**MESSAGE, "values": [1.5] * 400}, headers=headers)
    assert answer.status_code == 413
    assert answer.get_json()["status"] == "PAYLOAD_TOO_LARGE"


def test_a_body_may_be_of_any_size(open_installation, tenant):
    app = create(installation=open_installation(FLEXMEASURES_MAX_SENSOR_DATA_INGESTION_BYTES=None))
    client = app.test_client()
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"
    message = {**MESSAGE, "values": [0.1234567890123456] * 1_000_000, "duration": "PT250000H"}
    message["start"] = "1990-01-01T00:00:00Z"
    answer = client.post(
        path, json={**message, "unit": "m"}, headers=token_headers(client, tenant.member)
    )
    assert answer.status_code == 422
    assert list(place_of(answer)) == ["unit"]


def test_moments_are_answered_as_moments(member, tenant):
    path = f"/sensors/{tenant.level.id}/data"
    member.post(path, {**MESSAGE, "unit": "kWh"})
    question = {**QUESTION, "unit": "kWh"}
    answer = member.get(path, **question).get_json()
    assert len(answer["values"]) == 12
    assert (answer["resolution"], answer["duration"]) == ("PT0H", "PT1H")
    answer = member.get(path, **question, resolution="PT30M").get_json()
    assert (answer["values"], answer["resolution"]) == ([1.5, 3.5], "PT0H")


def test_by_default_three_mebibytes_are_taken(member, path):
    answer = member.post(path, {**MESSAGE, "foo": "x" * 3_200_000})
    assert answer.status_code == 422
    answer = member.post(path, {**MESSAGE, "foo": "x" * 3_300_000})
    assert answer.status_code == 413


def test_a_year_of_quarter_hours(member, path, values):
    count = 365 * 96
    long = {
        "values": list(range(count)),
        "start": "2025-03-02T08:00:00+01:00",
        "duration": "PT8760H",
    }
    assert member.post(path, {**MESSAGE, **long}).status_code == 200
    assert values(start=long["start"]) == [0, 1, 2, 3]


def test_statements_do_not_grow_with_the_values(member, path, statements):
    def count(values, start):
        message = {
            **MESSAGE,
            "values": values,
            "start": start,
            "duration": f"PT{len(values) // 4}H",
        }
        with statements() as counted:
            assert member.post(path, message).status_code == 200
        return counted.number

    # The first makes the user's source; the others are so far ahead that waiting jobs are told.
    count([1] * 4, "2025-06-01T00:00:00Z")
    # A handful takes PostgreSQL fewer statements than hundreds.
    few = count([1] * 800, "2025-09-01T00:00:00Z")
    assert count([1] * 4, "2025-10-30T00:00:00Z") <= few
    assert count([1] * 4000, "2025-12-31T00:00:00Z") == few
