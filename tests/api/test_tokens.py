"""Trading e-mail address and password for a token, and what the token is good for."""

from __future__ import annotations

import time
from unittest import mock

import pytest
from itsdangerous import TimestampSigner

from fmhost.app import create
from fmhost.auth.passwords import hash_password
from fmhost.errors import ConfigurationError
from fmhost.model import User
from fmhost.services.installation import Installation
from fmhost.testing.tenants import PASSWORD
from fmhost.testing.web import request_token, settings_for_tests


def test_a_token_for_the_right_password(client, tenant):
    answer = request_token(client, "member@example.org", PASSWORD)
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["user_id"] == tenant.member.id
    headers = {"Authorization": body["auth_token"]}
    assert client.get("/api/v3_0/assets", headers=headers).status_code == 200


@pytest.mark.parametrize("email", ["MEMBER@example.org", " member@example.org "])
def test_how_an_address_is_written_makes_no_difference(client, tenant, email):
    assert request_token(client, email, PASSWORD).status_code == 200


def test_address_and_password_that_are_wrong_cannot_be_told_apart(client, tenant):
    answers = [
        request_token(client, email, password)
        for email, password in (
            ("nobody@example.org", PASSWORD),
            ("member@example.org", "wrong"),
            ("gone@example.org", PASSWORD),
            ("' OR 1=1 --", PASSWORD),
            ("{{7*7}}@example.org", PASSWORD),
        )
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert "errors" in answers[0].get_json()


def test_a_wrong_address_costs_the_same_work_as_a_wrong_password(open_installation, tenant):
    app = create(installation=open_installation(SECURITY_PASSWORD_HASH="argon2"))
    context = app.extensions["security"].pwd_context
    with mock.patch.object(type(context), "verify", autospec=True, return_value=False) as verify:
        for email in ("nobody@example.org", "member@example.org", "gone@example.org"):
            verify.reset_mock()
            assert request_token(app.test_client(), email, "wrong").status_code == 401
            assert verify.call_count == 1
    hashes = [call.args[2] for call in verify.call_args_list]
    assert all(hashes)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Please provide the 'email' parameter."),
        ({"password": "x"}, "Please provide the 'email' parameter."),
        ({"email": 5, "password": "x"}, "Please provide the 'email' parameter."),
        ({"email": "a@b.nl"}, "Please provide the 'password' parameter."),
        ({"email": "a@b.nl", "password": ["x"]}, "Please provide the 'password' parameter."),
        ([], "Please provide the 'email' parameter."),
    ],
)
def test_what_is_missing_is_named(client, tenant, body, message):
    answer = client.post("/api/requestAuthToken", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["errors"] == [message]


def test_other_content_is_refused(client):
    answer = client.post("/api/requestAuthToken", data="email=a@b.nl")
    assert answer.status_code == 400
    assert answer.get_json()["errors"] == ["Content-type of request must be application/json"]


def status_with(client, token):
    return client.get("/api/v3_0/assets", headers={"Authorization": token}).status_code


@pytest.mark.parametrize("token", ["", "x", "Bearer x", "ImFueXRoaW5nIg.Y.z", "a" * 5000])
def test_tokens_that_nobody_signed(client, tenant, token):
    assert status_with(client, token) == 401


def test_tokens_expire(client, tenant):
    later = int(time.time()) + 6 * 3600 + 2
    token = request_token(client, "member@example.org", PASSWORD).get_json()["auth_token"]
    with mock.patch.object(TimestampSigner, "get_timestamp", return_value=later - 10):
        assert status_with(client, token) == 200
    with mock.patch.object(TimestampSigner, "get_timestamp", return_value=later):
        assert status_with(client, token) == 401


def test_older_tokens_stay_valid_next_to_newer_ones(client, tenant):
    tokens = [
        request_token(client, "member@example.org", PASSWORD).get_json()["auth_token"]
        for _ in range(2)
    ]
    assert [status_with(client, token) for token in tokens] == [200, 200]


@pytest.mark.parametrize("change", ["revoke", "deactivate"])
def test_tokens_end_when_access_is_revoked_or_the_user_deactivated(
    client, installation, tenant, change
):
    token = request_token(client, "member@example.org", PASSWORD).get_json()["auth_token"]
    assert status_with(client, token) == 200
    with installation.database.transaction() as session:
        user = session.get(User, tenant.member.id)
        if change == "revoke":
            user.revoke_access()
        else:
            user.active = False
    assert status_with(client, token) == 401


def test_a_token_of_another_installation_is_worth_nothing(client, app, installation, tenant):
    token = request_token(client, "member@example.org", PASSWORD).get_json()["auth_token"]
    other = installation.settings.with_overrides(SECRET_KEY="another")
    twin = create(installation=Installation(other, installation.host, installation.database))
    assert status_with(twin.test_client(), token) == 401


def test_users_of_the_command_line_can_log_in(client, installation, tenant):
    """The hash that a service writes is one that the server verifies."""
    with installation.database.transaction() as session:
        user = session.get(User, tenant.member.id)
        user.password = hash_password(installation.settings, "another password")
    assert request_token(client, "member@example.org", "another password").status_code == 200
    assert request_token(client, "member@example.org", PASSWORD).status_code == 401


def test_the_same_holds_for_argon2(open_installation, tenant):
    installation = open_installation(SECURITY_PASSWORD_HASH="argon2")
    with installation.database.transaction() as session:
        hashed = hash_password(installation.settings, "another password")
        session.get(User, tenant.member.id).password = hashed
    client = create(installation=installation).test_client()
    assert hashed.startswith("$argon2")
    assert request_token(client, "member@example.org", "another password").status_code == 200
    assert request_token(client, "member@example.org", "another passwort").status_code == 401


def test_without_a_secret_key_there_is_no_application(tmp_path, installation):
    bare = settings_for_tests(tmp_path, SECRET_KEY=None)
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        create(installation=Installation(bare, installation.host, installation.database))
