"""Create and change users over HTTP."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fmhost.model import AuditLog, Role, Source, User
from fmhost.testing.tenants import PASSWORD


@pytest.fixture
def path(tenant):
    return f"/users/{tenant.member.id}"


@pytest.fixture
def boss(as_user, tenant):
    return as_user(tenant.account_admin)


@pytest.fixture
def admin(as_user, tenant):
    return as_user(tenant.admin)


@pytest.fixture
def outbox(app):
    """Gives the mails that were sent."""
    return lambda: getattr(app.extensions["mailman"], "outbox", [])


@pytest.fixture
def events(installation):
    """What the audit log has: event, who did it, the user and the account concerned."""

    def read():
        with installation.database.reading() as session:
            return [
                (entry.event, entry.active_user_name, entry.affected_user_id)
                for entry in session.scalars(select(AuditLog).order_by(AuditLog.id))
            ]

    return read


@pytest.fixture
def role_ids(tenant, installation):
    """Ids of roles by name; there is one more that no rule knows."""
    with installation.database.transaction() as session:
        session.add(Role(name="task-runner"))
        session.flush()
        return {role.name: role.id for role in session.scalars(select(Role))}


def stored(installation, user_id):
    with installation.database.reading() as session:
        user = session.get_one(User, user_id)
        session.refresh(user, ["roles"])  # while there is a session
        return user


def refusal(answer, field):
    assert answer.status_code == 422, answer.text
    (found,) = answer.get_json()["message"].values()
    assert list(found) == [field]
    return str(found[field])


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 201),
        ("admin_reader", 403),
        ("account_admin", 201),
        ("member", 403),
        ("other_member", 403),
        ("consultant", 201),
        ("clerk", 403),
    ],
)
def test_who_may_create_users(as_user, tenant, who, status):
    caller = as_user(getattr(tenant, who))
    body = {"email": "new@example.org", "username": "new", "account_id": tenant.account.id}
    assert caller.post("/users", body).status_code == status
    body = {"email": "n@example.org", "username": "n", "account_id": tenant.other_account.id}
    answer = caller.post("/users", body)
    assert answer.status_code == (201 if who == "admin" else 403)


def test_nobody_creates_or_changes_users(nobody, path, tenant):
    body = {"email": "new@example.org", "username": "new", "account_id": tenant.account.id}
    assert nobody.post("/users", body).status_code == 401
    assert nobody.patch(path, {"username": "x"}).status_code == 401
    assert nobody.patch(f"{path}/password-reset", {}).status_code == 401


def test_a_new_user_gets_a_mail_a_source_and_a_record(boss, tenant, installation, events, outbox):
    body = {"email": "New@Example.ORG", "username": " new ", "account_id": tenant.account.id}
    answer = boss.post("/users", body)
    assert answer.status_code == 201
    found = answer.get_json()
    assert found.pop("id") > 0
    assert found == {
        "username": "new",
        "email": "New@example.org",
        "account_id": tenant.account.id,
        "active": True,
        "timezone": "Europe/Amsterdam",
        "flexmeasures_roles": [],
        "last_login_at": None,
        "last_seen_at": None,
        "status": 201,
    }
    (mail,) = outbox()
    assert (mail.to, "assword" in mail.subject) == (["New@example.org"], True)
    user_id = answer.get_json()["id"]
    with installation.database.reading() as session:
        source = session.scalars(select(Source).where(Source.user_id == user_id)).one()
    assert (source.name, source.type, source.account_id) == ("new", "user", tenant.account.id)
    assert events() == [
        ("User new created", "boss", user_id),
        ("Reset password instructions sent for user new", "boss", user_id),
    ]


def test_nobody_knows_the_password_of_a_new_user(boss, tenant, installation, client):
    body = {"email": "new@example.org", "username": "new", "account_id": tenant.account.id}
    answers = [boss.post("/users", body | {"email": f"{x}@x.org", "username": x}) for x in "ab"]
    first, second = (stored(installation, answer.get_json()["id"]) for answer in answers)
    assert first.password != second.password
    for guess in ("", PASSWORD, "password", "a@x.org"):
        login = {"email": "a@x.org", "password": guess}
        assert client.post("/api/requestAuthToken", json=login).status_code in (400, 401)


UNFIT_FOR_NEW_USERS = (
    ({"email": None}, "email", "null"),
    ({"email": "no address"}, "email", "is not an e-mail address"),
    ({"email": "a@b"}, "email", "is not an e-mail address"),
    ({"email": "<b>@x.org"}, "email", "'&lt;b&gt;@x.org' is not an e-mail address"),
    ({"username": ""}, "username", "is empty"),
    ({"username": "x" * 256}, "username", "Longer"),
    ({"account_id": "x"}, "account_id", "Not a valid integer."),
    ({"account_id": 999}, "account_id", "Account with Id 999 doesn't exist."),
    ({"password": "correct horse"}, "password", "Unknown field."),
    ({"flexmeasures_roles": [1]}, "flexmeasures_roles", "Unknown field."),
)


def test_new_users_that_do_not_fit(admin, tenant, outbox):
    whole = {"email": "new@example.org", "username": "new", "account_id": tenant.account.id}
    for body, field, text in UNFIT_FOR_NEW_USERS:
        assert text in refusal(admin.post("/users", whole | body), field)
    for missing in whole:
        body = {field: value for field, value in whole.items() if field != missing}
        assert "Missing data for required field." in refusal(admin.post("/users", body), missing)
    assert outbox() == []


def test_an_account_that_does_not_exist_is_like_one_of_others(boss, tenant):
    body = {"email": "new@example.org", "username": "new"}
    answers = [
        boss.post("/users", body | {"account_id": id}) for id in (999, tenant.other_account.id)
    ]
    assert answers[0].status_code == 403
    assert answers[0].get_json() == answers[1].get_json()


@pytest.mark.parametrize(
    "same", [{"email": "member@example.org"}, {"email": "MEMBER@example.org"}, {"username": "boss"}]
)
def test_duplicates(boss, tenant, outbox, events, installation, same):
    body = {"email": "new@example.org", "username": "new", "account_id": tenant.account.id}
    answers = [
        boss.post("/users", body | same),
        boss.patch(f"/users/{tenant.inactive.id}", same),
    ]
    for answer in answers:
        assert answer.status_code == 400
        found = answer.get_json()
        assert found["message"] == "Duplicate user already exists"
        assert next(iter(same)) in found["detail"]
    assert (outbox(), events()) == ([], [])
    assert stored(installation, tenant.inactive.id).email == "gone@example.org"


@pytest.mark.parametrize(
    ("who", "targets"),
    [
        ("admin", {"admin", "member", "other_member", "clerk"}),
        ("admin_reader", set()),
        ("account_admin", {"member"}),
        ("member", {"member"}),
        ("other_member", {"other_member"}),
        ("consultant", {"member"}),
        ("clerk", {"clerk"}),
    ],
)
def test_who_may_change_whom(as_user, tenant, who, targets):
    caller = as_user(getattr(tenant, who))
    for target in ("admin", "member", "other_member", "clerk"):
        user = getattr(tenant, target)
        answer = caller.patch(f"/users/{user.id}", {"timezone": "Asia/Seoul"})
        assert answer.status_code == (200 if target in targets else 403), target


def test_users_change_themselves(member, path, tenant, events, installation):
    body = {"email": "m@example.org", "username": "em", "timezone": "Asia/Seoul"}
    answer = member.patch(path, body)
    assert answer.status_code == 200
    assert {field: answer.get_json()[field] for field in body} == body
    user = stored(installation, tenant.member.id)
    assert (user.email, user.username, user.timezone) == tuple(body.values())
    by = ("em", tenant.member.id)  # the name that the user has by then
    assert events() == [
        ("User Updated, Field: email, From: member@example.org, To: m@example.org", *by),
        ("User Updated, Field: username, From: member, To: em", *by),
        ("User Updated, Field: timezone, From: Europe/Amsterdam, To: Asia/Seoul", *by),
    ]
    assert member.patch(path, body).status_code == 200
    assert len(events()) == 3


@pytest.mark.parametrize("who", ["member", "account_admin", "admin"])
def test_users_do_not_change_what_they_may(as_user, tenant, who):
    user = getattr(tenant, who)
    caller = as_user(user)
    for body in ({"active": False}, {"active": True}, {"flexmeasures_roles": []}):
        answer = caller.patch(f"/users/{user.id}", {**body, "username": "x"})
        assert answer.status_code == 403
        assert answer.get_json() == {
            "result": "Rejected",
            "status": "INVALID_SENDER",
            "message": "Users who edit themselves cannot edit security-sensitive fields.",
        }


UNFIT = (
    ({"timezone": "Mars/Olympus"}, "timezone", "Timezone Mars/Olympus doesn't exist."),
    ({"timezone": "../../etc/passwd"}, "timezone", "doesn't exist."),
    ({"timezone": None}, "timezone", "null"),
    ({"timezone": 3}, "timezone", "Not a valid string."),
    ({"account_id": 1}, "account_id", "Unknown field."),
    ({"id": 1}, "id", "Unknown field."),
    ({"password": "correct horse"}, "password", "Unknown field."),
    ({"fs_uniquifier": "x"}, "fs_uniquifier", "Unknown field."),
    ({"email": "x"}, "email", "is not an e-mail address"),
    ({"username": " "}, "username", "is empty"),
    ({"active": None}, "active", "null"),
    ({"active": "maybe"}, "active", "Not a valid boolean."),
    ({"flexmeasures_roles": [999]}, "flexmeasures_roles", "Role with Id 999 doesn't exist."),
    ({"flexmeasures_roles": 1}, "flexmeasures_roles", "Not a valid list."),
)


def test_values_that_do_not_fit(boss, path, events):
    for body, field, text in UNFIT:
        assert text in refusal(boss.patch(path, body), field)
    assert events() == []


def test_unknown_users_cannot_be_changed(boss):
    for answer in (boss.patch("/users/999", {}), boss.patch("/users/999/password-reset", {})):
        assert (answer.status_code, answer.get_json()["message"]) == (404, "User 999 not found")


def test_who_is_deactivated_loses_access_at_once(boss, member, path, tenant, events):
    assert member.get("/assets").status_code == 200
    assert boss.patch(path, {"active": False}).get_json()["active"] is False
    assert member.get("/assets").status_code == 401
    assert boss.patch(path, {"active": False}).status_code == 200
    assert boss.patch(path, {"active": True}).get_json()["active"] is True
    assert member.get("/assets").status_code == 401  # tokens of old stay dead
    assert events() == [
        ("Active status set to 'False'.", "boss", tenant.member.id),
        ("Active status set to 'True'.", "boss", tenant.member.id),
    ]


@pytest.mark.parametrize(
    ("who", "role"), [("account_admin", "admin"), ("consultant", "admin-reader")]
)
def test_nobody_takes_over_who_has_more_rights(
    as_user, tenant, installation, path, role_ids, who, role
):
    with installation.database.transaction() as session:
        chosen = session.get_one(Role, role_ids[role])
        session.get_one(User, tenant.member.id).roles = [chosen]
    caller = as_user(getattr(tenant, who))
    for body in ({"email": "mine@example.org"}, {"active": False}):
        answer = caller.patch(path, body)
        assert answer.status_code == 403
        assert f"the role {role}" in answer.get_json()["message"]
    assert caller.patch(path, {"timezone": "UTC"}).status_code == 200
    assert as_user(tenant.admin).patch(path, {"email": "m@example.org"}).status_code == 200


#: Which roles each may give to and take from a member of the account.
ASSIGNABLE = {
    "admin": {"admin-reader", "account-admin", "consultant"},
    "account_admin": {"consultant"},
    "consultant": {"account-admin"},
}


@pytest.mark.parametrize("who", ASSIGNABLE)
@pytest.mark.parametrize(
    "role", ["admin", "admin-reader", "account-admin", "consultant", "task-runner"]
)
def test_who_may_assign_which_role(
    as_user, tenant, installation, path, role_ids, events, who, role
):
    caller = as_user(getattr(tenant, who))
    body = {"flexmeasures_roles": [role_ids[role]], "username": "changed"}
    answer = caller.patch(path, body)
    if role in ASSIGNABLE[who]:
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["flexmeasures_roles"] == [role_ids[role]]
        assert caller.patch(path, {"flexmeasures_roles": []}).status_code == 200
        assert [event for event, *_ in events() if "role" in event] == [
            f"Added role(s): ['{role}']",
            f"Removed role(s): ['{role}']",
        ]
        return
    assert answer.status_code == 403
    text = f"You are not allowed to add ({role}) role to this user."
    assert answer.get_json()["message"] == text
    with installation.database.transaction() as session:
        chosen = session.get_one(Role, role_ids[role])
        session.get_one(User, tenant.member.id).roles = [chosen]
    answer = caller.patch(path, {"flexmeasures_roles": []})
    assert answer.status_code == 403
    text = f"You are not allowed to remove ({role}) role from this user."
    assert answer.get_json()["message"] == text
    user = stored(installation, tenant.member.id)
    assert ([each.name for each in user.roles], user.username) == ([role], "member")
    assert events() == []


def test_roles_that_stay_need_no_permission(boss, tenant, installation, path, role_ids):
    with installation.database.transaction() as session:
        chosen = session.get_one(Role, role_ids["task-runner"])
        session.get_one(User, tenant.member.id).roles = [chosen]
    both = sorted([role_ids["task-runner"], role_ids["consultant"]])
    answer = boss.patch(path, {"flexmeasures_roles": both[::-1]})
    assert answer.get_json()["flexmeasures_roles"] == both


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 200),
        ("admin_reader", 403),
        ("account_admin", 200),
        ("member", 200),
        ("other_member", 403),
        ("consultant", 200),
        ("clerk", 403),
    ],
)
def test_who_may_reset_a_password(as_user, tenant, path, outbox, who, status):
    answer = as_user(getattr(tenant, who)).patch(f"{path}/password-reset", {})
    assert answer.status_code == status
    assert [mail.to for mail in outbox()] == ([["member@example.org"]] if status == 200 else [])


def test_a_reset_ends_password_and_tokens(boss, member, client, path, tenant, events):
    assert member.get("/assets").status_code == 200
    answer = boss.patch(f"{path}/password-reset", {})
    assert answer.get_json() == {"status": 200}
    assert member.get("/assets").status_code == 401
    login = {"email": "member@example.org", "password": PASSWORD}
    assert client.post("/api/requestAuthToken", json=login).status_code == 401
    assert events() == [
        ("Password reset for user member", "boss", tenant.member.id),
        ("Reset password instructions sent for user member", "boss", tenant.member.id),
    ]
