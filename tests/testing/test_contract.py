"""Answers that deviate from the document are caught, in whatever way they do."""

from __future__ import annotations

import pytest

from fmhost.testing.distributions import plugin

#: Answers as the query tells it.
LIAR = plugin(
    "liar",
    """
    manifest = Manifest(
        name="liar",
        pages=(
            Pages(
                "acme_liar.api:liar",
                routes=("/api/v3_0/lies", "/api/v3_0/lies/gone", "/api/v3_0/lies/<uuid>"),
            ),
        ),
    )
    """,
    {
        "api.py": """
            import json

            from flask import request
            from marshmallow import EXCLUDE, Schema, fields

            from fmhost.plugin import DomainRejection, Resource

            liar = Resource("liar", __name__, url_prefix="/api/v3_0/lies")

            class Part(Schema):
                number = fields.Integer(allow_none=True)

            class Whole(Schema):
                name = fields.String()
                parts = fields.List(fields.Nested(Part))
                note = fields.String(metadata={"optional": True})

            class Anything(Schema):
                class Meta:
                    unknown = EXCLUDE

            @liar.operation("GET", "", schema=Anything(), answer=Whole, errors={409: ["LIE"]})
            def tell(given):
                '''Tell something.'''
                if "key" in request.args:
                    raise DomainRejection(request.args["key"], "No.", int(request.args["code"]))
                if "text" in request.args:
                    return request.args["text"], int(request.args.get("code", 200))
                return json.loads(request.args["body"]), int(request.args.get("code", 200))

            @liar.operation("GET", "/gone", public=True, answers={204: None})
            def vanish():
                '''Answer with nothing.'''
                return ({"here": 1} if request.args else None), 204

            @liar.operation("GET", "/<uuid>", public=True, answer=Part)
            def answer_as_text(uuid):
                '''Answer with a text.'''
                from flask import Response

                return Response("1", mimetype="text/plain")
            """
    },
)


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def installation(site, open_installation):
    site.install(LIAR)
    return open_installation()


@pytest.fixture
def tell(client, tenant, log_in):
    headers = log_in(tenant.member)
    return lambda **query: client.get("/api/v3_0/lies", query_string=query, headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "a", "parts": []}',
        '{"name": "a", "parts": [{"number": 1}, {"number": null}], "note": "b"}',
    ],
)
def test_an_answer_as_documented(tell, body):
    assert tell(body=body).status_code == 200


@pytest.mark.parametrize(
    ("body", "deviation"),
    [
        ('{"parts": []}', "'name' is a required property"),
        ('{"name": 1, "parts": []}', r"\$\.name: 1 is not of type 'string'"),
        ('{"name": "a", "parts": [], "more": 1}', r"Unevaluated properties .*'more'"),
        ('{"name": "a", "parts": [{}]}', r"\$\.parts\[0\]: 'number' is a required property"),
        ('{"name": "a", "parts": [{"number": 1, "more": 1}]}', r"parts\[0\].*'more'"),
        ('{"name": "a", "parts": [], "note": null}', r"\$\.note"),
        ('{"name": "a", "parts": [], "status": 201}', r"\$\.status: 200 was expected"),
        ("[]", "is not of type 'object'"),
    ],
)
def test_a_body_that_is_not_as_documented(tell, body, deviation):
    with pytest.raises(AssertionError, match=deviation):
        tell(body=body)


def test_a_status_that_is_not_documented(tell):
    with pytest.raises(AssertionError, match="answered 202, and the document knows 200, 400"):
        tell(body='{"name": "a", "parts": []}', code=202)


def test_a_key_of_an_error_that_is_not_documented(tell):
    assert tell(key="LIE", code=409).status_code == 409
    with pytest.raises(AssertionError, match="status"):
        tell(key="TRUTH", code=409)
    with pytest.raises(AssertionError, match="deviates"):
        tell(key="LIE", code=400)


def test_a_body_where_there_should_be_none(client):
    assert client.get("/api/v3_0/lies/gone").status_code == 204


def test_a_type_that_is_not_documented(client):
    with pytest.raises(AssertionError, match="its type is text/plain, not application/json"):
        client.get("/api/v3_0/lies/6d1a4b1e-8f5e-4a0a-9f5e-0d9c3f0f7c11")


def test_what_is_no_operation_is_passed_over(client):
    assert client.get("/login").status_code == 200
    assert client.head("/api/v3_0").status_code == 200
    assert client.options("/api/v3_0").status_code == 200
    assert client.get("/api/v3_0/nowhere").status_code == 404
    assert client.put("/api/v3_0").status_code == 405
