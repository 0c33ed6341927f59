from __future__ import annotations

import unicodedata
from unittest import mock

import pytest
from passlib.exc import MissingBackendError
from passlib.registry import get_crypt_handler

from fmhost.auth.passwords import hash_password, verify_password
from fmhost.errors import ConfigurationError, InvalidInput
from fmhost.settings import load


@pytest.fixture
def settings(tmp_path):
    return load(
        environ={"FMHOST_INSTANCE": str(tmp_path)},
        environment="testing",
        overrides={"SECURITY_PASSWORD_HASH": "argon2"},
    )


def test_a_password_is_kept_as_an_argon2_hash(settings):
    hashed = hash_password(settings, "correct horse")
    assert hashed.startswith("$argon2")
    assert verify_password(settings, "correct horse", hashed)
    assert not verify_password(settings, "correct hors", hashed)


def test_the_same_password_gets_another_hash_each_time(settings):
    assert hash_password(settings, "correct horse") != hash_password(settings, "correct horse")


def test_the_pepper_counts(settings):
    hashed = hash_password(settings, "correct horse")
    other = settings.with_overrides(SECURITY_PASSWORD_SALT="another pepper")
    assert not verify_password(other, "correct horse", hashed)


def test_without_a_pepper_of_its_own_the_secret_key_is_used(settings):
    bare = settings.with_overrides(SECURITY_PASSWORD_SALT=None, SECRET_KEY="key")
    named = settings.with_overrides(SECURITY_PASSWORD_SALT="key", SECRET_KEY="another")
    assert verify_password(named, "correct horse", hash_password(bare, "correct horse"))


@pytest.mark.parametrize("password", ["", "1234567", "äöü1234"])
def test_fewer_than_eight_characters_are_refused(settings, password):
    with pytest.raises(InvalidInput) as caught:
        hash_password(settings, password[:7])
    assert caught.value.field == "password"


def test_how_a_letter_is_composed_makes_no_difference(settings):
    hashed = hash_password(settings, unicodedata.normalize("NFC", "passwört"))
    assert verify_password(settings, unicodedata.normalize("NFD", "passwört"), hashed)


@pytest.mark.parametrize("hashed", ["", "no hash", "$argon2id$broken"])
def test_what_is_no_hash_matches_nothing(settings, hashed):
    assert not verify_password(settings, "correct horse", hashed)


def test_characters_that_cannot_be_encoded_match_nothing(settings):
    assert not verify_password(settings, "\ud800 horse", hash_password(settings, "correct horse"))


def test_hashes_of_older_schemes_are_verified(settings):
    hashed = hash_password(
        settings.with_overrides(SECURITY_PASSWORD_HASH="pbkdf2_sha512"), "12345678"
    )
    assert hashed.startswith("$pbkdf2")
    assert verify_password(settings, "12345678", hashed)


def test_hashes_by_bcrypt_are_verified_and_made(settings):
    hashed = hash_password(settings.with_overrides(SECURITY_PASSWORD_HASH="bcrypt"), "12345678")
    assert hashed.startswith("$2b$")
    assert verify_password(settings, "12345678", hashed)
    assert not verify_password(settings, "12345679", hashed)


BCRYPT = "$2b$12$ZZEDeUiBPDyf95MQUWCzxuw5YIQStyhoWm4Lnc6RxpxkMlt7SlJGq"


@pytest.fixture
def without_bcrypt():
    """The library is not installed."""
    handler = get_crypt_handler("bcrypt")
    missing = MissingBackendError("bcrypt: no backends available")
    with (
        mock.patch.object(handler, "has_backend", return_value=False),
        mock.patch.object(handler, "verify", side_effect=missing),
    ):
        yield


def test_a_hash_whose_library_is_missing_matches_nothing_and_is_logged(
    settings, without_bcrypt, caplog
):
    assert not verify_password(settings, "12345678", BCRYPT)
    assert "cannot be verified: bcrypt" in caplog.text


@pytest.mark.parametrize(
    ("scheme", "complaint"),
    [("bcrypt", "a library is missing"), ("rot13", "no scheme for passwords")],
)
def test_a_scheme_that_cannot_be_used_is_told_at_once(settings, without_bcrypt, scheme, complaint):
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        hash_password(settings.with_overrides(SECURITY_PASSWORD_HASH=scheme), "12345678")
    assert caught.value.field == "SECURITY_PASSWORD_HASH"


def test_without_a_secret_key_nothing_is_hashed(tmp_path):
    settings = load(environ={"FMHOST_INSTANCE": str(tmp_path)}, environment="production")
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        hash_password(settings, "correct horse")
