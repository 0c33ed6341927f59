"""Create and change accounts over HTTP."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fmhost.model import Account, AccountRole, AuditLog, Plan


@pytest.fixture
def path(tenant):
    return f"/accounts/{tenant.account.id}"


@pytest.fixture
def boss(as_user, tenant):
    return as_user(tenant.account_admin)


@pytest.fixture
def admin(as_user, tenant):
    return as_user(tenant.admin)


@pytest.fixture
def events(installation, tenant):
    """What the audit log has of the account, with who did it."""

    def read():
        with installation.database.reading() as session:
            query = select(AuditLog).where(AuditLog.affected_account_id == tenant.account.id)
            found = session.scalars(query.order_by(AuditLog.id))
            return [(entry.event, entry.active_user_name) for entry in found]

    return read


def make(installation, *entities):
    with installation.database.transaction() as session:
        session.add_all(entities)
        session.flush()
        return [entity.id for entity in entities]


def refusal(answer, field):
    assert answer.status_code == 422, answer.text
    (found,) = answer.get_json()["message"].values()
    assert list(found) == [field]
    return str(found[field])


@pytest.mark.parametrize(
    ("who", "own", "other"),
    [
        ("admin", 200, 200),
        ("admin_reader", 403, 403),
        ("account_admin", 200, 403),
        ("member", 200, 403),
        ("other_member", 403, 200),
        ("consultant", 200, 403),
        ("clerk", 403, 403),
    ],
)
def test_who_may_change_which_account(as_user, tenant, who, own, other):
    caller = as_user(getattr(tenant, who))
    body = {"primary_color": "#123456"}
    for account, status in ((tenant.account, own), (tenant.other_account, other)):
        answer = caller.patch(f"/accounts/{account.id}", body)
        assert answer.status_code == status
        assert account.name in answer.text or status == 403


def test_nobody_changes_or_creates_accounts(nobody, path):
    assert nobody.patch(path, {"name": "x"}).status_code == 401
    assert nobody.post("/accounts", {"name": "x"}).status_code == 401


def test_changes_are_answered_stored_and_recorded(boss, path, events):
    body = {
        "name": " Acme & Co ",
        "primary_color": "#1A3443",
        "secondary_color": "f12",
        "logo_url": "https://acme.org/logo.png",
        "attributes": {"a": 1, "b": [2]},
    }
    expected = {**body, "name": "Acme & Co", "secondary_color": "#f12"}
    answer = boss.patch(path, body)
    assert answer.status_code == 200
    for found in (answer.get_json(), boss.get(path).get_json()):
        assert {field: found[field] for field in expected} == expected
    assert events() == [
        ("Account Updated, Field: name, From: Acme, To: Acme & Co", "boss"),
        ("Account Updated, Field: primary_color, From: None, To: #1A3443", "boss"),
        ("Account Updated, Field: secondary_color, From: None, To: #f12", "boss"),
        ("Account Updated, Field: logo_url, From: None, To: https://acme.org/logo.png", "boss"),
        ("Account Updated, Field: attributes, From: {}, To: {'a': 1, 'b': [2]}", "boss"),
    ]


def test_the_same_again_changes_nothing(boss, path, events):
    assert boss.patch(path, {}).status_code == 200
    assert boss.patch(path, {"name": "Acme", "attributes": "{}"}).status_code == 200
    assert events() == []


def test_colours_and_logo_can_be_taken_away(boss, path):
    boss.patch(path, {"primary_color": "#123", "logo_url": "http://a.org/b.png"})
    body = boss.patch(path, {"primary_color": None, "logo_url": None}).get_json()
    assert (body["primary_color"], body["logo_url"]) == (None, None)


UNFIT = (
    ("primary_color", "#zzz", "#zzz is not a valid hex color code."),
    ("secondary_color", "#12345", "#12345 is not a valid hex color code."),
    ("logo_url", "acme", "'acme' is not a valid URL."),
    ("logo_url", "javascript:alert(1)", "'javascript:alert(1)' is not a valid URL."),
    ("name", "Other Inc", "An account with name 'Other Inc' already exists."),
    ("name", "", "The name is empty."),
    ("name", "x" * 101, "Longer than maximum length 100."),
    ("name", None, "Field may not be null."),
    ("attributes", "[]", "Attributes should be a dict."),
    ("attributes", "{", "JSON"),
    ("id", 3, "Unknown field."),
    ("secrets", {}, "Unknown field."),
    ("account_id", 3, "Unknown field."),
)


def test_values_that_do_not_fit(boss, path, events):
    for field, value, text in UNFIT:
        assert text in refusal(boss.patch(path, {field: value}), field)
    assert events() == []


@pytest.mark.parametrize("who", ["account_admin", "member", "consultant"])
def test_what_only_admins_may_change(as_user, tenant, installation, path, events, who):
    caller = as_user(getattr(tenant, who))
    for field, value in (("plan_id", 1), ("plan_id", None), ("account_roles", [])):
        answer = caller.patch(path, {field: value, "name": "Mine"})
        assert answer.status_code == 403
        assert answer.get_json()["status"] == "INVALID_SENDER"
        assert field in answer.get_json()["message"]
    body = {"consultancy_account_id": tenant.other_account.id}
    assert "Only admins" in refusal(caller.patch(path, body), "consultancy_account_id")
    assert events() == []


def test_admins_change_consultancy_plan_and_roles(admin, tenant, installation, path, events):
    small, old = make(installation, Plan(name="Small"), Plan(name="Old", legacy=True))
    esco, mdc = make(installation, AccountRole(name="ESCO"), AccountRole(name="MDC"))
    body = {
        "consultancy_account_id": tenant.other_account.id,
        "plan_id": small,
        "account_roles": [mdc, esco, mdc],
    }
    found = admin.patch(path, body).get_json()
    assert {field: found[field] for field in body} == {**body, "account_roles": [esco, mdc]}
    assert admin.patch(path, {"account_roles": [esco, mdc]}).status_code == 200
    assert "legacy plan" in refusal(admin.patch(path, {"plan_id": old}), "plan_id")
    body = {"plan_id": None, "account_roles": [], "consultancy_account_id": None}
    found = admin.patch(path, body).get_json()
    assert {field: found[field] for field in body} == body
    change = "Account Updated, Field: "
    assert [event.removeprefix(change) for event, _ in events()] == [
        f"consultancy_account_id, From: {tenant.consultancy.id}, To: {tenant.other_account.id}",
        f"plan_id, From: None, To: {small}",
        "account_roles, From: [], To: ['ESCO', 'MDC']",
        f"consultancy_account_id, From: {tenant.other_account.id}, To: None",
        f"plan_id, From: {small}, To: None",
        "account_roles, From: ['ESCO', 'MDC'], To: []",
    ]


def test_an_account_keeps_a_legacy_plan(admin, installation, tenant, path):
    (old,) = make(installation, Plan(name="Old", legacy=True))
    with installation.database.transaction() as session:
        session.get_one(Account, tenant.account.id).plan_id = old
    assert admin.patch(path, {"plan_id": old}).get_json()["plan_id"] == old


def test_what_admins_name_must_exist(admin, tenant, path, events):
    for field, value, text in (
        ("consultancy_account_id", 999, "Account with Id 999 doesn't exist."),
        ("consultancy_account_id", tenant.account.id, "cannot be its own consultancy"),
        ("consultancy_account_id", 2**40, "No account found with ID"),
        ("plan_id", 999, "Plan with Id 999 doesn't exist."),
        ("plan_id", "x", "Not a valid integer."),
        ("account_roles", [999], "Account role with Id 999 doesn't exist."),
        ("account_roles", "ESCO", "Not a valid list."),
        ("account_roles", [None], "null"),
    ):
        assert text in refusal(admin.patch(path, {field: value}), field)
    assert events() == []


def test_unknown_accounts_cannot_be_changed(boss):
    answer = boss.patch("/accounts/999", {"name": "x"})
    assert (answer.status_code, answer.get_json()["message"]) == (404, "Account 999 not found")


@pytest.fixture
def licensed(installation, tenant):
    """The consultancy has the account role that lets its consultants create accounts."""
    with installation.database.transaction() as session:
        account = session.get_one(Account, tenant.consultancy.id)
        account.account_roles = [AccountRole(name="Consultancy")]


def test_admins_create_accounts(admin, tenant, installation):
    answer = admin.post("/accounts", {"name": "New"})
    assert answer.status_code == 201
    body = answer.get_json()
    assert (body["name"], body["consultancy_account_id"], body["account_roles"]) == (
        "New",
        None,
        [],
    )
    assert body["status"] == 201
    body = {"name": "Client", "consultancy_account_id": tenant.consultancy.id}
    assert admin.post("/accounts", body).get_json()["consultancy_account_id"] == (
        tenant.consultancy.id
    )
    with installation.database.reading() as session:
        assert list(session.scalars(select(AuditLog.event).order_by(AuditLog.id))) == [
            "Account New created",
            "Account Client created",
        ]


def test_consultants_create_accounts_of_their_clients(as_user, tenant, licensed):
    caller = as_user(tenant.consultant)
    created = caller.post("/accounts", {"name": "Client"}).get_json()
    assert created["consultancy_account_id"] == tenant.consultancy.id
    assert caller.get(f"/accounts/{created['id']}").status_code == 200
    body = {"name": "Second", "consultancy_account_id": tenant.consultancy.id}
    assert caller.post("/accounts", body).status_code == 201
    for consultancy in (tenant.other_account.id, 999):
        body = {"name": "Third", "consultancy_account_id": consultancy}
        assert caller.post("/accounts", body).status_code == 403


def test_others_create_no_accounts(as_user, tenant):
    others = ("admin_reader", "account_admin", "member", "other_member", "consultant", "clerk")
    for who in others:
        answer = as_user(getattr(tenant, who)).post("/accounts", {"name": "New"})
        assert answer.status_code == 403, who


def test_a_clerk_of_a_consultancy_creates_no_accounts(as_user, tenant, licensed):
    assert as_user(tenant.clerk).post("/accounts", {"name": "New"}).status_code == 403


def test_new_accounts_that_do_not_fit(admin):
    for body, field, text in (
        ({}, "name", "Missing data for required field."),
        ({"name": "Acme"}, "name", "An account with name 'Acme' already exists."),
        ({"name": "x" * 101}, "name", "Longer than maximum length 100."),
        ({"name": "  "}, "name", "The name is empty."),
        (
            {"name": "New", "consultancy_account_id": 999},
            "consultancy_account_id",
            "Account with Id 999 doesn't exist.",
        ),
        ({"name": "New", "plan_id": 1}, "plan_id", "Unknown field."),
    ):
        assert text in refusal(admin.post("/accounts", body), field)
