"""Accounts: who sees which, with what, in which order."""

from __future__ import annotations

import pytest

from fmhost.model import Account, AccountRole, Asset, AssetType, Plan, User

ROLES = (
    "admin",
    "admin_reader",
    "account_admin",
    "member",
    "other_member",
    "consultant",
    "clerk",
)

#: The accounts that each may read.
READABLE = {
    "admin": ["Advice Ltd", "Host", "Acme", "Other Inc"],
    "admin_reader": ["Advice Ltd", "Host", "Acme", "Other Inc"],
    "account_admin": ["Acme"],
    "member": ["Acme"],
    "other_member": ["Other Inc"],
    "consultant": ["Advice Ltd", "Acme"],
    "clerk": ["Advice Ltd"],
}


def names(answer):
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    return [account["name"] for account in (body if isinstance(body, list) else body["data"])]


@pytest.fixture
def reader(as_user, tenant):
    """Calls in the name of somebody who sees all four accounts."""
    return as_user(tenant.admin_reader)


@pytest.fixture
def roles(installation, tenant):
    """Ids of account roles: Acme is Prosumer and ESCO, Other Inc is ESCO."""
    with installation.database.transaction() as session:
        prosumer, esco = AccountRole(name="Prosumer"), AccountRole(name="ESCO")
        session.get_one(Account, tenant.account.id).account_roles = [esco, prosumer]
        session.get_one(Account, tenant.other_account.id).account_roles = [esco]
        session.flush()
        return {"Prosumer": prosumer.id, "ESCO": esco.id}


def test_an_account_has_all_its_fields(member, tenant, installation, roles):
    with installation.database.transaction() as session:
        account = session.get_one(Account, tenant.account.id)
        account.primary_color = "#112233"
        account.attributes = {"a": 1}
        account.plan = plan = Plan(name="Small")
    assert member.get(f"/accounts/{tenant.account.id}").get_json() == {
        "id": tenant.account.id,
        "name": "Acme",
        "account_roles": sorted(roles.values()),
        "consultancy_account_id": tenant.consultancy.id,
        "primary_color": "#112233",
        "secondary_color": None,
        "logo_url": None,
        "attributes": {"a": 1},
        "plan_id": plan.id,
        "status": 200,
    }


@pytest.mark.parametrize("who", ROLES)
def test_lists_have_what_may_be_read_and_nothing_else(as_user, tenant, who):
    caller = as_user(getattr(tenant, who))
    expected = READABLE[who]
    assert names(caller.get("/accounts")) == expected
    body = caller.get("/accounts", page=1, per_page=1).get_json()
    assert (body["num-records"], body["filtered-records"]) == (len(expected), len(expected))
    body = caller.get("/accounts", page=1, filter="inc").get_json()
    hits = [name for name in expected if "Inc" in name]
    assert ([row["name"] for row in body["data"]], body["filtered-records"]) == (hits, len(hits))
    assert body["num-records"] == len(expected)


@pytest.mark.parametrize("who", ROLES)
def test_who_may_fetch_which_account(as_user, tenant, who):
    caller = as_user(getattr(tenant, who))
    for account in (tenant.account, tenant.other_account, tenant.consultancy):
        answer = caller.get(f"/accounts/{account.id}")
        if account.name in READABLE[who]:
            assert (answer.status_code, answer.get_json()["name"]) == (200, account.name)
        else:
            assert answer.status_code == 403
            assert answer.get_json()["status"] == "INVALID_SENDER"
            assert account.name not in answer.text


def test_nobody_sees_accounts(nobody, tenant):
    for path in ("/accounts", f"/accounts/{tenant.account.id}"):
        assert nobody.get(path).status_code == 401


def test_accounts_that_do_not_exist(member):
    for id in ("77777", "0", "-1", "99999999999999999999"):
        answer = member.get(f"/accounts/{id}")
        assert answer.status_code == 404
        assert answer.get_json() == {"message": f"Account {id} not found", "status": 404}


def test_what_is_no_id(member):
    answer = member.get("/accounts/x")
    assert answer.status_code == 422
    assert answer.get_json()["message"] == {"path": {"id": ["Not a valid integer."]}}


def test_a_list_is_bare_and_a_page_counts_what_belongs_to_an_account(as_user, tenant):
    caller = as_user(tenant.consultant)
    bare = caller.get("/accounts").get_json()
    assert "asset_count" not in bare[0]
    assert "status" not in bare[0]
    body = caller.get("/accounts", page=1).get_json()
    counts = {row["name"]: (row["asset_count"], row["user_count"]) for row in body["data"]}
    assert counts == {"Advice Ltd": (0, 2), "Acme": (2, 3)}
    assert body["status"] == 200


ORDERS_AND_SEARCHES = (
    ({"sort_by": "name"}, ["Acme", "Advice Ltd", "Host", "Other Inc"]),
    ({"sort-by": "name", "sort-dir": "desc"}, ["Other Inc", "Host", "Advice Ltd", "Acme"]),
    ({"sort_by": "id", "sort_dir": "desc"}, ["Other Inc", "Acme", "Host", "Advice Ltd"]),
    ({"sort_by": "users"}, ["Other Inc", "Advice Ltd", "Host", "Acme"]),
    ({"sort-by": "assets", "sort-dir": "desc"}, ["Acme", "Other Inc", "Host", "Advice Ltd"]),
    ({"sort_by": "assets", "page": 2, "per-page": 3}, ["Acme"]),
    ({"filter": "ltd"}, ["Advice Ltd"]),
    ({"filter": '"other inc"'}, ["Other Inc"]),
    ({"filter": "_"}, []),
    ({"filter": "a c"}, ["Advice Ltd", "Acme"]),
    ({"page": 2, "per_page": 3}, ["Other Inc"]),
    ({"page": 9}, []),
    ({"foo": "bar", "filter": "Host"}, ["Host"]),
)


def test_order_search_and_pages(reader):
    for query, expected in ORDERS_AND_SEARCHES:
        assert names(reader.get("/accounts", **query)) == expected, query


def test_account_roles_are_a_filter(reader, member, roles):
    assert names(reader.get("/accounts", role="ESCO")) == ["Acme", "Other Inc"]
    assert names(reader.get("/accounts", role=str(roles["Prosumer"]))) == ["Acme"]
    assert names(reader.get("/accounts", role="Prosumer,MDC", page=1)) == ["Acme"]
    assert names(reader.get("/accounts", role="MDC")) == []
    body = member.get("/accounts", role="ESCO", page=1).get_json()
    assert body["num-records"] == 1  # not that of others


def test_queries_that_make_no_sense(member):
    for query in ({"sort_by": "secrets"}, {"page": 0}, {"per_page": "x"}):
        answer = member.get("/accounts", **query)
        assert answer.status_code == 422
        assert list(answer.get_json()["message"]["query"]) == list(query)


def test_the_number_of_statements_does_not_grow(reader, installation, tenant, statements, roles):
    queries = ({}, {"page": 1, "per_page": 100, "sort_by": "assets"})

    def count(query):
        with statements() as counted:
            assert reader.get("/accounts", **query).status_code == 200
        return counted.number

    before = [count(query) for query in queries]
    with installation.database.transaction() as session:
        kind = AssetType(name="solar")
        for number in range(10):
            account = Account(name=f"account {number}")
            account.account_roles = [AccountRole(name=f"role {number}")]
            account.assets = [Asset(name="a", generic_asset_type=kind)]
            account.users = [
                User(email=f"{number}@x.org", username=f"u{number}", password="no hash")
            ]
            session.add(account)
    assert [count(query) for query in queries] == before
    assert max(before) <= 8
