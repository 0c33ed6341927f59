"""Answers are compressed for who takes them, where that is worth it."""

from __future__ import annotations

import gzip
import json

import pytest

from fmhost.api.compression import SMALLEST
from fmhost.app import create
from fmhost.testing.distributions import plugin

TAKES = {"Accept-Encoding": "gzip, deflate"}

#: Answers of all kinds.
TALKATIVE = plugin(
    "talkative",
    """
    manifest = Manifest(
        name="talkative",
        pages=(Pages("acme_talkative.views:pages", routes=("/talk/<kind>",)),),
    )
    """,
    {
        "views.py": """
            from flask import Blueprint, Response, jsonify

            pages = Blueprint("talkative", __name__)
            LONG = list(range(2000))

            @pages.get("/talk/<kind>")
            def talk(kind):
                if kind == "page":
                    return "<p>" + "long " * 2000
                if kind == "stream":
                    parts = (f"{number},".encode() for number in LONG)
                    return Response(parts, mimetype="text/csv")
                response = jsonify(LONG)
                if kind == "tagged":
                    response.set_etag("version-1")
                if kind == "failed":
                    response.status_code = 400
                return response
            """
    },
)


@pytest.fixture
def client(site, open_installation):
    site.install(TALKATIVE)
    return create(installation=open_installation()).test_client()


def test_long_answers_are_compressed(client):
    answer = client.get("/talk/json", headers=TAKES)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.data) < SMALLEST * 4
    assert json.loads(gzip.decompress(answer.data)) == list(range(2000))


@pytest.mark.parametrize("taken", [{}, {"Accept-Encoding": "identity"}, {"Accept-Encoding": "br"}])
def test_who_does_not_take_it_gets_them_plain(client, taken):
    answer = client.get("/talk/json", headers=taken)
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.get_json() == list(range(2000))
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("path", ["/api/", "/talk/page", "/talk/failed", "/talk/stream"])
def test_what_stays_as_it_is(client, path):
    answer = client.get(path, headers=TAKES)
    assert "Content-Encoding" not in answer.headers


def test_what_is_streamed_stays_a_stream(client):
    answer = client.get("/talk/stream", headers=TAKES)
    assert "Content-Length" not in answer.headers
    assert answer.text.startswith("0,1,2,")


def test_who_has_the_answer_already_need_not_get_it_again(client):
    answer = client.get("/talk/tagged", headers=TAKES)
    etag = answer.headers["ETag"]
    assert etag != '"version-1"'  # other bytes, another tag
    again = client.get("/talk/tagged", headers={**TAKES, "If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    plain = client.get("/talk/tagged")
    assert plain.headers["ETag"] == '"version-1"'


def test_files_keep_their_tags(client):
    path = "/api/v3_0/docs/start.js"
    with client.get(path, headers=TAKES) as answer:
        known = {**TAKES, "If-None-Match": answer.headers["ETag"]}
    with client.get(path, headers=known) as again:
        assert again.status_code == 304


def test_an_answer_without_its_body_tells_of_the_same(client):
    answer = client.head("/talk/json", headers=TAKES)
    assert answer.data == b""
    assert answer.headers["Content-Encoding"] == "gzip"
    assert (
        answer.headers["Content-Length"]
        == client.get("/talk/json", headers=TAKES).headers["Content-Length"]
    )
