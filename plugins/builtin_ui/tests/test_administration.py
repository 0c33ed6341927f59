"""Lists and pages of assets, accounts and users: search and pages, and what may be changed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from fmhost.model import Account, AccountRole, Asset, AuditLog, User
from fmhost.model.job import request_job


@pytest.fixture
def database_kind() -> str:
    """What pages show is the same on either database; services are tested on both."""
    return "sqlite"


def table(page: Any) -> list[list[str]]:
    body = page.one("tbody")
    return [[cell.text for tag in ("th", "td") for cell in row.all(tag)] for row in body.all("tr")]


def form_of(page: Any) -> Any:
    return page.one("main").one("form", "fields")


def tick_the_only_box(form: Any, **attributes: str) -> None:
    (box,) = [each for each in form.all("input") if each.attributes.get("type") == "checkbox"]
    box.attributes |= {"checked": "", **attributes}


def stored(installation: Any, entity: Any) -> Any:
    with installation.database.reading() as session:
        return session.get_one(type(entity), entity.id)


def test_assets_are_listed_sorted_and_searched(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.admin)
    by_owner = browser.get("/assets?sort=owner&dir=desc")
    assert [row[2] for row in table(by_owner)] == ["Other Inc", "Acme", "Acme", "Public"]
    found = browser.get("/assets?q=acme+inv")
    assert table(found) == [["inverter", str(tenant.inverter.id), "Acme", "battery", "", "1"]]
    assert found.one("nav", "pager").text == "1 to 1 of 1 (of 4 in all)"
    assert browser.get("/assets?q=nowhere").one("p", "empty").text
    odd = browser.get("/assets?sort=password&page=x&per_page=9999&dir=up")
    assert len(table(odd)) == 4


def test_the_list_goes_on_on_further_pages(browser: Any, tenant: Any, installation: Any) -> None:
    with installation.database.transaction() as session:
        account = session.get_one(Account, tenant.account.id)
        session.add_all(
            type(tenant.battery)(
                name=f"roof {number:02}",
                account=account,
                generic_asset_type_id=tenant.battery.generic_asset_type_id,
            )
            for number in range(60)
        )
    browser.log_in(tenant.member)
    page = browser.get("/assets?q=roof&page=2")
    assert len(table(page)) == 25
    assert table(page)[0][0] == "roof 25"
    assert "26 to 50 of 60" in page.one("nav", "pager").text
    links = {link.text: link.attributes["href"] for link in page.one("nav", "pager").all("a")}
    assert links == {"Previous": "/assets?q=roof&page=1", "Next": "/assets?q=roof&page=3"}
    assert table(browser.get(links["Next"]))[-1][0] == "roof 59"


def test_assets_of_one_account(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.consultant)
    page = browser.get(f"/assets/owned_by/{tenant.account.id}")
    assert [row[0] for row in table(page)] == ["battery", "inverter"]
    browser.get(f"/assets/owned_by/{tenant.other_account.id}", 403)


def test_consultants_see_the_users_of_their_clients(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.consultant)
    listed = [row[0] for row in table(browser.get("/users"))]
    assert listed == ["boss", "clerk", "consultant", "member"]


def statements_of(browser: Any, path: str) -> int:
    """How many SQL statements a page takes."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        found.append(statement)

    engine = browser.client.application.extensions["fmhost"]["installation"].database.engine
    event.listen(engine, "before_cursor_execute", note)
    browser.get(path)
    event.remove(engine, "before_cursor_execute", note)
    return len(found)


@pytest.mark.parametrize("path", ["/assets", "/users", "/accounts", "/tasks/", "/dashboard"])
def test_longer_lists_take_no_more_statements(
    browser: Any, tenant: Any, installation: Any, path: str
) -> None:
    browser.log_in(tenant.admin)
    with installation.database.transaction() as session:
        add_to(session, tenant, 0)
    browser.get(path)
    few = statements_of(browser, path)
    assert few
    with installation.database.transaction() as session:
        for number in range(1, 6):
            add_to(session, tenant, number)
    assert statements_of(browser, path) == few


def add_to(session: Any, tenant: Any, number: int) -> None:
    """Add an account with a user, an asset and a job about it."""
    account = Account(name=f"account {number}")
    user = User(username=f"user {number}", email=f"u{number}@example.org", password="-")
    asset = Asset(name="roof", generic_asset_type_id=tenant.battery.generic_asset_type_id)
    account.users.append(user)
    account.assets.append(asset)
    session.add(account)
    session.flush()
    request_job(
        session,
        kind="schedule",
        queue="scheduling",
        arguments={},
        asset_id=asset.id,
        requester_user_id=user.id,
    )


def test_members_change_the_look_of_their_account(
    browser: Any, tenant: Any, installation: Any
) -> None:
    browser.log_in(tenant.member)
    form = form_of(browser.get(f"/accounts/{tenant.account.id}"))
    assert "account_roles" not in str(form)
    wrong = browser.submit(form, primary_color="reddish")
    assert browser.answer.status_code == 422
    assert any("reddish" in each.text for each in wrong.all("p", "wrong"))
    page = browser.submit(form, primary_color="#102030")
    assert page.one("p", "message").text == "Saved."
    account = stored(installation, tenant.account)
    assert (account.name, account.primary_color) == ("Acme", "#102030")


def test_admins_change_roles_and_consultancy_of_accounts(
    browser: Any, tenant: Any, installation: Any
) -> None:
    with installation.database.transaction() as session:
        session.add(AccountRole(name="Prosumer"))
    browser.log_in(tenant.admin)
    form = form_of(browser.get(f"/accounts/{tenant.account.id}"))
    tick_the_only_box(form)
    browser.submit(form, consultancy_account_id="")
    with installation.database.reading() as session:
        account = session.get_one(Account, tenant.account.id)
        assert [role.name for role in account.account_roles] == ["Prosumer"]
        assert account.consultancy_account_id is None


def test_admins_open_accounts_and_others_do_not(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.admin)
    form = form_of(browser.get("/accounts/new"))
    taken = browser.submit(form, name="Acme")
    assert "An account with name 'Acme' already exists." in taken.text
    page = browser.submit(form, name="New Ltd")
    assert page.one("h1").text == "New Ltd"
    assert "New Ltd" in [row[0] for row in table(browser.get("/accounts"))]


def test_a_user_gets_roles_from_those_who_may_give_them(
    browser: Any, tenant: Any, installation: Any
) -> None:
    browser.log_in(tenant.account_admin)
    form = form_of(browser.get(f"/users/{tenant.member.id}"))
    offered = [each.text for each in form.all("label", "tick")]
    assert offered == ["consultant"]
    tick_the_only_box(form)
    browser.submit(form)
    with installation.database.reading() as session:
        assert session.get_one(User, tenant.member.id).has_role("consultant")
    # What was not offered is refused, whatever the form says.
    with installation.database.reading() as session:
        reader = session.get_one(User, tenant.admin_reader.id).roles[0].id
    tick_the_only_box(form, value=str(reader))
    page = browser.submit(form)
    assert browser.answer.status_code == 403
    assert "not allowed to add (admin-reader) role" in page.text


def test_a_user_is_deactivated_after_a_yes(browser: Any, tenant: Any, installation: Any) -> None:
    browser.log_in(tenant.account_admin)
    question = browser.get(f"/users/toggle_active/{tenant.member.id}")
    assert stored(installation, tenant.member).active
    form = question.one("main").one("form")
    page = browser.submit(form)
    assert page.one("p", "message").text == "member is inactive now."
    assert not stored(installation, tenant.member).active
    listed = [row[0] for row in table(browser.get("/users"))]
    assert listed == ["boss"]
    assert [row[0] for row in table(browser.get("/users?inactive=1"))] == [
        "boss",
        "gone inactive",
        "member inactive",
    ]


def test_resetting_a_password_ends_all_access(browser: Any, tenant: Any, installation: Any) -> None:
    before = stored(installation, tenant.member).fs_uniquifier
    browser.log_in(tenant.consultant)
    form = browser.get(f"/users/reset_password_for/{tenant.member.id}").one("main").one("form")
    page = browser.submit(form)
    assert "no longer valid" in page.one("p", "message").text
    assert stored(installation, tenant.member).fs_uniquifier != before


def test_a_new_user_is_invited(browser: Any, tenant: Any, installation: Any) -> None:
    browser.log_in(tenant.account_admin)
    form = form_of(browser.get("/users/new"))
    taken = browser.submit(form, username="member", email="x@example.org")
    assert "member already exists" in taken.text
    page = browser.submit(form, username="eve", email="eve@example.org")
    assert page.one("h1").text == "eve"
    with installation.database.reading() as session:
        eve = session.query(User).filter_by(username="eve").one()
        assert eve.account_id == tenant.account.id


def test_the_audit_log_tells_who_did_what(browser: Any, tenant: Any, installation: Any) -> None:
    browser.log_in(tenant.account_admin)
    form = form_of(browser.get(f"/users/{tenant.member.id}"))
    browser.submit(form, timezone="Asia/Seoul")
    for path in (
        f"/users/auditlog/{tenant.member.id}",
        f"/accounts/auditlog/{tenant.account.id}",
    ):
        (row, *_) = table(browser.get(f"{path}?q=seoul"))
        assert "Asia/Seoul" in row[1]
        assert row[2] == "boss"
        assert row[0] == "Mon 2 Mar 2026, 10:00"
    with installation.database.reading() as session:
        assert session.query(AuditLog).count() >= 1
