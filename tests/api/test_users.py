"""Users: who sees which, with what, in which order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fmhost.model import Account, Role, User

#: The names of users that each gets without naming an account; the inactive one is left out.
LISTED = {
    "admin": ["admin", "reader", "boss", "member", "other", "consultant", "clerk"],
    "admin_reader": ["admin", "reader", "boss", "member", "other", "consultant", "clerk"],
    "account_admin": ["boss", "member"],
    "member": ["boss", "member"],
    "other_member": ["other"],
    "consultant": ["consultant", "clerk"],
    "clerk": ["consultant", "clerk"],
}

#: Who may read which account, with its users.
READERS = {
    "account": ("admin", "admin_reader", "account_admin", "member", "consultant"),
    "other_account": ("admin", "admin_reader", "other_member"),
    "consultancy": ("admin", "admin_reader", "consultant", "clerk"),
}


def names(answer):
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    return [user["username"] for user in (body if isinstance(body, list) else body["data"])]


@pytest.fixture
def reader(as_user, tenant):
    """Calls in the name of somebody who sees all users."""
    return as_user(tenant.admin_reader)


def test_a_user_has_all_its_fields(as_user, tenant, clock):
    boss = as_user(tenant.account_admin)
    assert boss.get(f"/users/{tenant.account_admin.id}").get_json() == {
        "id": tenant.account_admin.id,
        "username": "boss",
        "email": "boss@example.org",
        "account_id": tenant.account.id,
        "active": True,
        "timezone": "Europe/Amsterdam",
        "flexmeasures_roles": [role.id for role in tenant.account_admin.roles],
        "last_login_at": clock().isoformat(),
        "last_seen_at": clock().isoformat(),
        "status": 200,
    }
    never = boss.get(f"/users/{tenant.inactive.id}").get_json()
    assert (never["active"], never["last_login_at"], never["last_seen_at"]) == (False, None, None)


def test_lists_have_the_account_and_the_names_of_roles(as_user, tenant):
    boss = as_user(tenant.account_admin)
    first, second = boss.get("/users").get_json()
    assert (first["username"], first["flexmeasures_roles"]) == ("boss", ["account-admin"])
    assert (second["username"], second["flexmeasures_roles"]) == ("member", [])
    assert first["account"]["id"] == first["account_id"] == tenant.account.id
    assert first["account"]["name"] == "Acme"
    assert "status" not in first
    body = boss.get("/users", page=1).get_json()
    assert body["data"] == [first, second]
    assert body["status"] == 200


@pytest.mark.parametrize("who", LISTED)
def test_lists_have_the_users_of_the_own_account(as_user, tenant, who):
    caller = as_user(getattr(tenant, who))
    expected = LISTED[who]
    assert names(caller.get("/users")) == expected
    body = caller.get("/users", page=1, per_page=1).get_json()
    assert (body["num-records"], body["filtered-records"]) == (len(expected), len(expected))
    body = caller.get("/users", page=1, filter="acme").get_json()
    hits = [name for name in expected if name in ("boss", "member")]
    assert (body["num-records"], body["filtered-records"]) == (len(expected), len(hits))
    everybody = names(caller.get("/users", include_inactive="true"))
    assert ("gone" in everybody) == ("member" in expected)


@pytest.mark.parametrize("who", LISTED)
def test_users_of_an_account(as_user, tenant, who):
    caller = as_user(getattr(tenant, who))
    employed = {
        "account": ["boss", "member"],
        "other_account": ["other"],
        "consultancy": ["consultant", "clerk"],
    }
    for which, expected in employed.items():
        account = getattr(tenant, which)
        for parameter in ("account", "account_id", "account-id"):
            answer = caller.get("/users", **{parameter: account.id}, page=1)
            if who in READERS[which]:
                assert names(answer) == expected
                assert answer.get_json()["num-records"] == len(expected)
            else:
                assert answer.status_code == 403


@pytest.mark.parametrize("who", LISTED)
def test_who_may_fetch_which_user(as_user, tenant, who):
    caller = as_user(getattr(tenant, who))
    for which, readers in READERS.items():
        user = {
            "account": tenant.inactive,
            "other_account": tenant.other_member,
            "consultancy": tenant.clerk,
        }[which]
        answer = caller.get(f"/users/{user.id}")
        if who in readers:
            assert (answer.status_code, answer.get_json()["email"]) == (200, user.email)
        else:
            assert answer.status_code == 403
            assert user.username not in answer.text


def test_nobody_sees_users(nobody, tenant):
    for path in ("/users", f"/users/{tenant.member.id}"):
        assert nobody.get(path).status_code == 401


def test_users_that_do_not_exist(member):
    for id in ("77777", "0", "-1", "99999999999999999999"):
        answer = member.get(f"/users/{id}")
        assert answer.status_code == 404
        assert answer.get_json() == {"message": f"User {id} not found", "status": 404}


def test_what_is_no_id(member):
    answer = member.get("/users/x")
    assert answer.status_code == 422
    assert answer.get_json()["message"] == {"path": {"id": ["Not a valid integer."]}}
    assert member.get("/users", account=999).get_json()["message"] == "Account 999 not found"


@pytest.fixture
def logins(installation, tenant):
    """Clerk and other have been here, in this order."""
    with installation.database.transaction() as session:
        for day, user in enumerate((tenant.clerk, tenant.other_member), start=1):
            stored = session.get_one(User, user.id)
            stored.last_login_at = datetime(2026, 1, day, tzinfo=UTC)
            stored.last_seen_at = datetime(2026, 1, 10 - day, tzinfo=UTC)


ORDERS_AND_SEARCHES = (
    (
        {"sort_by": "username"},
        ["admin", "boss", "clerk", "consultant", "member", "other", "reader"],
    ),
    ({"sort-by": "email", "sort-dir": "desc", "page": 1, "per_page": 2}, ["reader", "other"]),
    (
        {"sort_by": "lastLogin", "sort_dir": "desc"},
        ["reader", "other", "clerk", "consultant", "member", "boss", "admin"],
    ),
    (
        {"sort_by": "lastSeen"},
        ["admin", "boss", "member", "consultant", "other", "clerk", "reader"],
    ),
    ({"filter": "example.org BOSS"}, ["boss"]),
    ({"filter": '"advice ltd"'}, ["consultant", "clerk"]),
    ({"filter": "%"}, []),
    ({"filter": "gone"}, []),
    ({"filter": "gone", "include-inactive": "true"}, ["gone"]),
    ({"page": 3, "per-page": 3}, ["clerk"]),
    ({"foo": "bar", "filter": "clerk"}, ["clerk"]),
)


def test_order_search_and_pages(reader, logins):
    for query, expected in ORDERS_AND_SEARCHES:
        assert names(reader.get("/users", **query)) == expected, query


def test_queries_that_make_no_sense(member):
    for query in ({"sort_by": "password"}, {"page": 0}, {"include_inactive": "x"}):
        answer = member.get("/users", **query)
        assert answer.status_code == 422
        assert list(answer.get_json()["message"]["query"]) == list(query)


def test_secrets_of_users_never_leave(reader, tenant):
    bodies = [reader.get("/users").text, reader.get(f"/users/{tenant.member.id}").text]
    for body in bodies:
        assert "uniquifier" not in body
        assert "password" not in body


def test_the_number_of_statements_does_not_grow(reader, installation, tenant, statements):
    queries = ({}, {"page": 1, "per_page": 100, "sort_by": "lastSeen"})

    def count(query):
        with statements() as counted:
            assert reader.get("/users", **query).status_code == 200
        return counted.number

    before = [count(query) for query in queries]
    with installation.database.transaction() as session:
        for number in range(10):
            user = User(email=f"{number}@x.org", username=f"u{number}", password="no hash")
            user.account = Account(name=f"account {number}")
            user.roles = [Role(name=f"role {number}")]
            session.add(user)
    assert [count(query) for query in queries] == before
    assert max(before) <= 8
