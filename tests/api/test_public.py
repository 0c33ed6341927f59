"""What every answer has, and what is open to everybody."""

from __future__ import annotations

import pytest

from fmhost import __version__
from fmhost.app import create


def test_the_versions_of_the_api(client):
    answer = client.get("/api/")
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["message"].startswith("For these API versions endpoints are available.")
    assert body["versions"] == ["v3_0"]
    assert body["flexmeasures_version"] == "0.33.0"
    assert body["status"] == 200


def test_the_path_without_slash_leads_there(client):
    answer = client.get("/api")
    assert answer.status_code in (301, 302, 308)
    assert answer.headers["Location"].endswith("/api/")


@pytest.mark.parametrize("path", ["/api/", "/api/v3_0/health/ready", "/api/v3_0/assets", "/api/x"])
def test_every_answer_announces_the_versions(client, path):
    headers = client.get(path).headers
    assert headers["FlexMeasures-Version"] == "0.33.0"
    assert headers["Fmhost-Version"] == __version__
    assert headers.get("API-Version") == ("v3_0" if "v3_0" in path else None)


def test_pages_announce_no_versions(client):
    assert "FlexMeasures-Version" not in client.get("/login").headers


def test_a_sensible_request_id_is_kept(client):
    given = {"X-Request-ID": "trace-42.a_b"}
    assert client.get("/api/", headers=given).headers["X-Request-ID"] == "trace-42.a_b"


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "<script>", "ä"])
def test_another_request_id_is_replaced(client, given):
    answer = client.get("/api/", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 32


def test_unknown_paths_of_the_api_are_answered_in_json(client):
    answer = client.get("/api/v3_0/unknown")
    assert answer.status_code == 404
    assert answer.get_json()["status"] == 404


def test_unknown_pages_are_answered_by_a_page(client):
    answer = client.get("/unknown")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_methods_that_do_not_exist(client):
    answer = client.delete("/api/v3_0/health/ready")
    assert answer.status_code == 405
    assert answer.get_json() == {
        "result": "Rejected",
        "status": "INVALID_METHOD",
        "message": "Request method DELETE not supported.",
    }
    assert "GET" in answer.headers["Allow"]


def test_hosts_that_are_not_trusted(open_installation):
    app = create(installation=open_installation(TRUSTED_HOSTS=["example.org"]))
    client = app.test_client()
    assert client.get("/api/", headers={"Host": "example.org"}).status_code == 200
    assert client.get("/api/", headers={"Host": "evil.org"}).status_code == 400
