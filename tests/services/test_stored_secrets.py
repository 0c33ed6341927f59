"""Secrets of accounts and assets: encrypted wherever they are, readable with their key alone."""

from __future__ import annotations

import json
import logging

import pytest
from sqlalchemy import text

from fmhost.app import create
from fmhost.errors import ConfigurationError, Conflict, InvalidInput, NotFound
from fmhost.model import Account, Asset
from fmhost.services import backups
from fmhost.services.keyring import Keyring
from fmhost.services.stored_secrets import (
    delete_secret,
    get_secret,
    list_secrets,
    rotate_secrets,
    set_secret,
)

VALUE = "the-password-of-the-charger"
ONE = {"1": "the first of our keys"}
TWO = {**ONE, "2": "the second of our keys"}
TEN = {"10": "another of our keys", **TWO}


def keys(given):
    return {"FLEXMEASURES_SECRETS_ENCRYPTION_KEYS": given}


def store(installation, tenant, path=("ocpp", "password"), value=VALUE, **options):
    with installation.database.transaction() as session:
        account = session.get_one(Account, tenant.account.id)
        set_secret(installation, session, account, path, value, **options)


def read(installation, tenant, path=("ocpp", "password")):
    with installation.database.reading() as session:
        return get_secret(installation, session.get_one(Account, tenant.account.id), path)


def listed(installation, tenant):
    with installation.database.reading() as session:
        return list_secrets(session.get_one(Account, tenant.account.id))


def rotate(installation):
    with installation.database.transaction() as session:
        return rotate_secrets(installation, session)


def test_a_secret_is_read_back_and_its_metadata_are_shown(installation, tenant, clock):
    store(installation, tenant, metadata={"user": "robot"})
    assert read(installation, tenant) == VALUE
    (shown,) = listed(installation, tenant)
    assert shown.path == ("ocpp", "password")
    assert shown.metadata == {"user": "robot"}
    assert shown.created_at == shown.updated_at == clock().isoformat()
    store(installation, tenant, value="another")
    assert read(installation, tenant) == "another"
    assert listed(installation, tenant)[0].metadata == {"user": "robot"}


def test_the_column_holds_envelopes_and_no_value(installation, tenant):
    store(installation, tenant, ("token",), metadata={"for": "x"})
    with installation.database.reading() as session:
        stored = session.scalar(
            text("SELECT CAST(secrets AS TEXT) FROM account WHERE id = :id"),
            {"id": tenant.account.id},
        )
    envelope = json.loads(stored)["token"]
    assert set(envelope) == {"ciphertext", "key_id", "created_at", "updated_at", "for"}
    assert VALUE not in stored


def test_secrets_of_assets_and_several_in_a_group(installation, tenant):
    with installation.database.transaction() as session:
        asset = session.get_one(Asset, tenant.battery.id)
        for path in (("a",), ("group", "b"), ("group", "c")):
            set_secret(installation, session, asset, path, ".".join(path))
    with installation.database.transaction() as session:
        asset = session.get_one(Asset, tenant.battery.id)
        assert [str(each) for each in list_secrets(asset)] == ["a", "group.b", "group.c"]
        assert get_secret(installation, asset, ("group", "c")) == "group.c"
        for path in (("group", "b"), ("group", "c"), ("a",)):
            delete_secret(installation, session, asset, path)
        assert asset.secrets == {}


@pytest.mark.parametrize("path", [(), ("a", "b", "c"), ("",), ("x" * 81,), ("ciphertext",)])
def test_paths_that_are_none(installation, tenant, path):
    with pytest.raises(InvalidInput):
        store(installation, tenant, path)


def test_a_group_is_no_secret_and_a_secret_no_group(installation, tenant):
    store(installation, tenant, ("group", "a"))
    store(installation, tenant, ("single",))
    with pytest.raises(Conflict):
        store(installation, tenant, ("group",))
    with pytest.raises(Conflict):
        store(installation, tenant, ("single", "a"))
    for path in (("group",), ("single", "a"), ("nothing",), ("group", "nothing")):
        with pytest.raises(NotFound, match="show secrets"):
            read(installation, tenant, path)


def test_metadata_do_not_replace_the_envelope(installation, tenant):
    with pytest.raises(InvalidInput):
        store(installation, tenant, metadata={"ciphertext": "x"})


def test_rotation(open_installation, tenant):
    plain = open_installation()
    store(plain, tenant, ("old",))
    assert listed(plain, tenant)[0].key_id == "0"
    first = open_installation(**keys(ONE))
    store(first, tenant, ("first",))
    second = open_installation(**keys(TWO))
    store(second, tenant, ("second",))
    tenth = open_installation(**keys(TEN))
    assert rotate(tenth) == (3, 3)
    assert rotate(tenth) == (0, 3)
    only = open_installation(**keys({"10": TEN["10"]}))
    assert {each.key_id for each in listed(only, tenant)} == {"10"}
    assert {read(only, tenant, (name,)) for name in ("old", "first", "second")} == {VALUE}


def test_a_key_that_is_gone_or_another_one(open_installation, tenant):
    store(open_installation(**keys(TWO)), tenant)
    gone = open_installation(**keys(ONE))
    with pytest.raises(ConfigurationError, match="key 2, which") as caught:
        read(gone, tenant)
    assert VALUE not in str(caught.value)
    with pytest.raises(ConfigurationError, match="key 2, which"):
        rotate(gone)
    wrong = open_installation(**keys({**ONE, "2": "not the second of our keys"}))
    with pytest.raises(ConfigurationError, match="another key 2") as caught:
        read(wrong, tenant)
    assert "our keys" not in str(caught.value)
    assert read(open_installation(**keys(TWO)), tenant) == VALUE


def test_another_secret_key(open_installation, tenant):
    store(open_installation(SECRET_KEY="one key of the site"), tenant)
    other = open_installation(SECRET_KEY="another key of the site")
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        read(other, tenant)


def test_a_rotation_that_fails_changes_nothing(open_installation, tenant):
    store(open_installation(**keys(ONE)), tenant, ("a",))
    store(open_installation(**keys(TWO)), tenant, ("b",))
    partly = open_installation(**keys({**ONE, "3": "the third of our keys"}))
    with pytest.raises(ConfigurationError, match="'b' of account"):
        rotate(partly)
    assert [each.key_id for each in listed(partly, tenant)] == ["1", "2"]


@pytest.mark.parametrize(
    "given", [{"one": "the first of our keys"}, {"0": "the first of our keys"}, {"1": "short"},
              {"1": "the first of our keys", "01": "the first of our keys"}],
)  # fmt: skip
def test_keys_that_are_malformed(open_installation, given):
    installation = open_installation(**keys(given))
    with pytest.raises(ConfigurationError, match="FLEXMEASURES_SECRETS_ENCRYPTION_KEYS") as caught:
        Keyring(installation.settings)
    assert "our keys" not in str(caught.value)


def test_no_answer_log_or_backup_has_a_secret(open_installation, tenant, log_in, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    installation = open_installation(**keys(ONE))
    with installation.database.transaction() as session:
        for owner in (
            session.get_one(Account, tenant.account.id),
            session.get_one(Asset, tenant.battery.id),
        ):
            set_secret(installation, session, owner, ("a-name",), VALUE, metadata={"m": "meta"})
            ciphertext = owner.secrets["a-name"]["ciphertext"]
    client = create(installation=installation).test_client()
    headers = log_in(tenant.admin)
    found = ""
    for path in (
        *("/api/v3_0/accounts", f"/api/v3_0/accounts/{tenant.account.id}"),
        *("/api/v3_0/assets", f"/api/v3_0/assets/{tenant.battery.id}"),
        f"/api/v3_0/assets/{tenant.battery.id}/auditlog",
        f"/api/v3_0/accounts/{tenant.account.id}/auditlog",
    ):
        answer = client.get(path, headers=headers)
        found += answer.text
        assert answer.status_code == 200, (path, answer.text)
    told = {"secrets": {"mine": "x"}}
    changed = client.patch(f"/api/v3_0/assets/{tenant.battery.id}", json=told, headers=headers)
    assert changed.status_code == 422
    for name in ("ciphertext", ciphertext, "meta", VALUE):
        assert name not in found
    assert "Stored the secret 'a-name'" in found
    backups.dump(installation, "monday")
    dumped = "".join(each.read_text() for each in backups.folder(installation).rglob("*.*"))
    assert ciphertext in dumped
    for text_ in (dumped, caplog.text):
        assert VALUE not in text_
        assert ONE["1"] not in text_
