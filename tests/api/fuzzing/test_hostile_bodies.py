"""Bodies that are wrong as a whole: no JSON, too deep, too large, of another kind."""

from __future__ import annotations

import json

import pytest

from fmhost.testing.fuzzing.asker import refused
from fmhost.testing.fuzzing.requests import ROWS

#: Operations that take arguments from the query and from a body in JSON alike.
EITHER_WAY = (
    "DELETE /api/v3_0/sensors/<id>/data",
    "GET /api/v3_0/sensors/<id>/data",
    "GET /api/v3_0/sensors/data",
    "PUT /api/restoreData",
)

#: Operations that take a body in JSON.
OPERATIONS = [
    *(operation for operation, rows in ROWS.items() if rows[0].json is not None),
    *EITHER_WAY,
]

DEEP = 10_000

NOT_JSON = {
    "cut off": b'{"name": "x"',
    "Python": b"{'name': 'x'}",
    "HTML": b"<html></html>",
    "a comma too many": b'{"name": "x",}',
    "two values": b"{} {}",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "a control character": b'{"name": "\x01"}',
    "not a number": b'{"name": NaN}',
    "infinity": b'{"name": Infinity}',
    "minus infinity": b'{"name": -Infinity}',
    "more digits than anybody reads": b'{"name": ' + b"9" * 10_000 + b"}",
    "deep lists": b'{"name": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"name":' * DEEP + b"1" + b"}" * DEEP,
    "unbalanced": b"[" * 1_000_000,
    "only a mark of the order of bytes": b"\xef\xbb\xbf",
    "NUL bytes": b"\x00" * 100,
    "the same key twice": b'{"name": "x", "start": 1, "name": "y"}',
    "the same key twice, deep inside": b'{"attributes": [{"name": 1, "name": 1}]}',
}

NO_OBJECT = ("[]", "[{}]", '"text"', "1", "1.5", "true", "false", "null", '["name"]')

OTHER_TYPES = (
    "text/plain",
    "text/html",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/json-seq",
    "nonsense",
)

#: Has errors of its own shape, and passes over what it does not know.
LOGIN = "POST /api/requestAuthToken"


@pytest.fixture(params=OPERATIONS)
def operation(request):
    return request.param


@pytest.fixture(params=[operation for operation in OPERATIONS if operation != LOGIN])
def strict_operation(request):
    return request.param


def names_field(answer, field):
    """Whether a refusal names the place, and below it just this field."""
    places = {"json", "combined_sensor_data_description"}
    return len(refused(answer) & places) == 1 and refused(answer) - places == {field}


def test_what_is_no_json(asker, strict_operation):
    for name, body in asker.share(NOT_JSON.items()):
        answer = asker.send(strict_operation, data=body, content_type="application/json")
        assert answer.status_code == 400, (name, answer.text)
        assert answer.get_json()["status"] == "INVALID_REQUEST", name
        assert "not valid JSON" in answer.get_json()["message"], name
        assert len(answer.data) < 1000, name


def test_what_is_no_json_at_the_login(asker):
    for name, body in asker.share(NOT_JSON.items()):
        answer = asker.send(LOGIN, data=body, content_type="application/json")
        assert answer.status_code == 400, (name, answer.text)
        assert "not valid JSON" in answer.text, name
    for body in asker.share(NO_OBJECT):
        answer = asker.send(LOGIN, data=body, content_type="application/json")
        assert answer.status_code == 400, (body, answer.text)
        assert "email" in answer.get_json()["errors"][0]


def test_a_key_that_comes_twice_is_named(asker):
    body = '{"name": "a", "unit": "kW", "name": "b"}'
    answer = asker.send("POST /api/v3_0/sensors", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "'name' twice" in answer.get_json()["message"]


def test_what_is_no_object(asker, strict_operation):
    for body in asker.share(NO_OBJECT):
        answer = asker.send(strict_operation, data=body, content_type="application/json")
        assert answer.status_code == 422, (body, answer.text)
        assert "_schema" in refused(answer), body


def test_nesting_that_nobody_means(asker, operation):
    for deep in (100, 900):
        for opening, closing in (("[", "]"), ('{"x": ', "}")):
            body = f'{{"attributes": {opening * deep}1{closing * deep}}}'
            answer = asker.send(operation, data=body, content_type="application/json")
            assert answer.status_code == 422, answer.text
            assert names_field(answer, "attributes")


def test_texts_that_nobody_can_store(asker, operation):
    for text in ("\x00", "a\x00b", "\ud800", "\udfffa", "\udc00\ud800"):
        for body in ({"name": text}, {"name": [text]}, {"name": {text: 1}}):
            answer = asker.send(operation, json=body)
            assert answer.status_code == 422, answer.text
            assert names_field(answer, "name"), ascii(body)


def test_other_types_of_body(asker, operation):
    body = json.dumps(asker.valid(operation).json or {"backup": "x"})
    for kind in asker.share(OTHER_TYPES):
        answer = asker.send(operation, data=body, content_type=kind)
        assert answer.status_code == 400, (kind, answer.text)


def test_a_body_of_ten_megabytes(asker, operation):
    body = json.dumps({"name": "x" * 10_000_000})
    answer = asker.send(operation, data=body, content_type="application/json")
    assert answer.status_code == 413, answer.text[:500]
    assert answer.get_json()["status"] == "PAYLOAD_TOO_LARGE"


def test_fields_that_there_are_not(asker, strict_operation):
    valid = asker.valid(strict_operation).json or {}
    for name in ("x" * 300, "__proto__", "__class__", "", "\u202e", "$where", "id; DROP TABLE x"):
        answer = asker.send(strict_operation, json={**valid, name: 1})
        assert answer.status_code == 422, answer.text
        assert name in refused(answer)
