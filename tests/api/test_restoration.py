"""Servers that play can be set back to a backup, by admins."""

from __future__ import annotations

import pytest

from fmhost.app import create
from fmhost.model import Account
from fmhost.services import backups
from fmhost.testing.contract import ContractClient
from fmhost.testing.web import token_headers

PATH = "/api/restoreData"


@pytest.fixture
def installation(open_installation):
    """A server that plays."""
    return open_installation(FLEXMEASURES_MODE="play")


@pytest.fixture
def admin(client, tenant):
    return token_headers(client, tenant.admin)


def account_names(installation):
    with installation.database.reading() as session:
        return {account.name for account in session.query(Account)}


def add_account(installation):
    with installation.database.transaction() as session:
        session.add(Account(name="added"))


@pytest.mark.parametrize("kind", ["query_string", "json"])
def test_an_admin_sets_the_database_back(client, installation, admin, kind, caplog):
    backups.dump(installation, "monday")
    add_account(installation)
    answer = client.put(PATH, headers=admin, **{kind: {"backup": "monday"}})
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "PROCESSED",
        "message": "Request has been processed.",
    }
    assert "added" not in account_names(installation)
    assert "back to the backup 'monday'" in caplog.text
    assert client.get("/api/v3_0/assets", headers=admin).status_code == 200


def test_a_backup_has_to_be_named(client, installation, admin):
    answer = client.put(PATH, headers=admin)
    assert answer.status_code == 400
    assert answer.get_json()["status"] == "NO_BACKUP"


@pytest.mark.parametrize("name", ["tuesday", "../monday", "monday/../monday", "\u2603"])
def test_backups_that_do_not_exist(client, installation, admin, name):
    backups.dump(installation, "monday")
    answer = client.put(PATH, headers=admin, json={"backup": name})
    assert answer.status_code == 400
    assert answer.get_json()["status"] == "UNRECOGNIZED_BACKUP"


def test_a_damaged_backup_changes_nothing(client, installation, admin):
    file = backups.dump(installation, "monday") / "account.jsonl"
    file.write_text(file.read_text()[:-10])
    add_account(installation)
    answer = client.put(PATH, headers=admin, json={"backup": "monday"})
    assert answer.status_code == 422
    assert "account.jsonl" in answer.text
    assert "added" in account_names(installation)


def test_others_may_not(client, installation, tenant):
    backups.dump(installation, "monday")
    body = {"json": {"backup": "monday"}}
    assert client.put(PATH, **body).status_code == 401
    for user in (tenant.admin_reader, tenant.account_admin, tenant.member):
        answer = client.put(PATH, headers=token_headers(client, user), **body)
        assert answer.status_code == 403
        assert answer.get_json()["status"] == "INVALID_SENDER"


def test_servers_that_do_not_play_do_not_know_of_it(open_installation, tenant):
    app = create(installation=open_installation(FLEXMEASURES_MODE=""))
    app.test_client_class = ContractClient
    client = app.test_client()
    answer = client.put(PATH, headers=token_headers(client, tenant.admin), json={"backup": "a"})
    assert answer.status_code == 404
    assert PATH not in client.get("/api/v3_0/openapi.json").get_json()["paths"]
