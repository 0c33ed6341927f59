"""What the settings of the second factor may be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost.auth.two_factor import two_factor_config
from fmhost.errors import ConfigurationError
from fmhost.testing.web import settings_for_tests


@pytest.fixture
def configured(tmp_path):
    """The configuration that settings lead to."""
    return lambda **settings: two_factor_config(
        settings_for_tests(tmp_path, SECURITY_TWO_FACTOR=True, **settings)
    )


def test_where_it_is_off_nothing_is_looked_at_or_made(tmp_path):
    odd = settings_for_tests(tmp_path, SECURITY_TWO_FACTOR_ENABLED_METHODS=["sms"])
    assert two_factor_config(odd) == {"SECURITY_TWO_FACTOR": False}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("methods", [["sms"], ["email", "authenticator"], []])
def test_other_methods_than_mail_are_refused(configured, methods):
    with pytest.raises(ConfigurationError, match="comes by e-mail"):
        configured(SECURITY_TWO_FACTOR_ENABLED_METHODS=methods)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("1 week", timedelta(weeks=1)),
        ("30 days", timedelta(days=30)),
        (timedelta(hours=1), timedelta(hours=1)),
        ("PT90M", timedelta(minutes=90)),
    ],
)
def test_how_long_a_device_is_trusted(configured, given, meant):
    found = configured(SECURITY_TWO_FACTOR_LOGIN_VALIDITY=given)
    period = found["SECURITY_TWO_FACTOR_LOGIN_VALIDITY"]
    assert period in (meant, f"{meant // timedelta(seconds=1)} seconds")


@pytest.mark.parametrize("given", ["a while", "1 month", "-1 days", "1.5 hours"])
def test_what_is_no_length_of_time_is_refused(configured, given):
    with pytest.raises(ConfigurationError, match="SECURITY_TWO_FACTOR_LOGIN_VALIDITY"):
        configured(SECURITY_TWO_FACTOR_LOGIN_VALIDITY=given)


@pytest.mark.parametrize(
    ("settings", "recipient"),
    [
        ({}, "no-reply@example.com"),
        ({"MAIL_DEFAULT_SENDER": "site@example.org"}, "site@example.org"),
        ({"SECURITY_TWO_FACTOR_RESCUE_MAIL": "help@example.org"}, "help@example.org"),
    ],
)
def test_whom_users_ask_for_help(configured, settings, recipient):
    assert configured(**settings)["SECURITY_TWO_FACTOR_RESCUE_MAIL"] == recipient
