"""Ids and paths that nobody means, and headers."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from fmhost.testing.fuzzing.requests import ROWS

#: Operations with a variable in the path, and a valid request but for that.
OPERATIONS = [operation for operation in ROWS if "<" in operation]

TEXTS = (
    "0",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x10",
    " 1",
    "1_000",
    "2147483648",
    "9223372036854775808",
    "9" * 30,
    "9" * 5_000,
    "x" * 20_000,
    "\u0661",
    "\u00b2",
    "\u202e1",
    "\x00",
    "1\x00",
    "%",
    "null",
    "None",
    "NaN",
    "1;DROP TABLE sensor",
    "' OR 1=1 --",
    "{{7*7}}",
    "..",
    "\\",
    "1?x",
    "00000000-0000-0000-0000-000000000000",
    "00000000-0000-4000-8000-00000000000g",
    "{00000000-0000-4000-8000-000000000001}",
    "urn:uuid:00000000-0000-4000-8000-000000000001",
    "\U0001f50b",
)

VARIABLE = re.compile(r"<(\w+)>")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_ids(asker, operation):
    rule = operation.partition(" ")[2]
    for text in asker.share(TEXTS):
        path = VARIABLE.sub(quote(text, safe=""), rule)
        options = asker.valid(operation).options()
        del options["method"]
        answer = asker.send(operation, path, **options)
        assert answer.status_code in (404, 422), (text[:50], answer.status_code, answer.text)
        body = answer.get_json()
        assert body["status"] in (404, "UNPROCESSABLE_ENTITY", "ERROR"), (text[:50], body)


@pytest.mark.parametrize(
    "path", ["/" + "x/" * 5_000, "/" + "y" * 50_000, "/%00", "/%ff", "/%", "/.."]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_paths(asker, path, method):
    answer = asker.send(f"{method} /api/v3_0/assets", f"/api/v3_0{path}")
    assert answer.status_code == 404
    assert answer.get_json()["status"] == 404


@pytest.mark.parametrize(
    "token",
    [
        "",
        " ",
        "x" * 100_000,
        "\u00e9",
        "eyJ.eyJ.x",
        "Bearer x",
        "Basic eDp5",
        "fmk_",
        "fmk_" + "x" * 9999,
    ],
)
def test_tokens(asker, token):
    for operation in ("GET /api/v3_0/assets", "POST /api/v3_0/assets"):
        answer = asker.send(operation, headers={"Authorization": token})
        assert answer.status_code == 401
        assert answer.get_json()["status"] == "UNAUTHORIZED"


@pytest.mark.parametrize(
    "name",
    [
        "Host",
        "Content-Type",
        "Accept",
        "Accept-Encoding",
        "Range",
        "If-None-Match",
        "X-Forwarded-For",
        "Cookie",
        "X-Request-ID",
    ],
)
def test_other_headers(asker, name):
    for text in (
        "",
        "x" * 50_000,
        "\u00ff\u00fe",
        "bytes=9-1,-",
        "{{7*7}}",
        "session=" + "x" * 5000,
        ";;;,,,===",
    ):
        answer = asker.send("GET /api/v3_0/assets", headers={name: text})
        assert answer.status_code in (200, 206, 400, 416), (text[:50], answer.status_code)
