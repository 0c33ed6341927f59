"""What the manual shows of customising the site by a listed plugin: each showcase at work."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fmhost.app import create
from fmhost.services.installation import Installation
from fmhost.testing.distributions import Site
from fmhost.testing.tenants import Tenant
from fmhost.testing.web import token_headers

CLIENT = """
__version__ = "2.0"

from flask import Blueprint, send_from_directory

from fmhost.plugin import (
    account_roles_accepted,
    account_roles_required,
    check_access,
    permission_required_for_context,
    render_flexmeasures_template,
    roles_accepted,
    roles_required,
    web,
)
from flask_security import login_required

our_client_bp = Blueprint(
    "our-client", __name__, template_folder="templates", static_folder="ui/static",
    static_url_path="/our-client/static",
)

@our_client_bp.route("/")
@our_client_bp.route("/my-page")
@our_client_bp.route("/dashboard")
@login_required
def my_page():
    return render_flexmeasures_template("my_page.html", message="I am a plugin!")

@our_client_bp.route("/favicon.ico")
def favicon():
    return send_from_directory(
        our_client_bp.static_folder, "img/favicon.png", mimetype="image/png"
    )

@our_client_bp.route("/only/<kind>/a")
@roles_accepted("account-admin", "consultant")
def accepted(kind):
    return kind

@our_client_bp.route("/only/<kind>/r")
@roles_required("account-admin")
def required(kind):
    return kind

@our_client_bp.route("/only/<kind>/aa")
@account_roles_accepted("Prosumer", "Dso")
def account_accepted(kind):
    return kind

@our_client_bp.route("/only/<kind>/ar")
@account_roles_required("Prosumer", "Dso")
def account_required(kind):
    return kind

def find(id):
    from fmhost import Sensor
    return web.session().get(Sensor, id)

@our_client_bp.route("/named/<int:id>")
@permission_required_for_context("read", ctx_arg_name="id", ctx_loader=find)
def named(id):
    return "yes"

@our_client_bp.route("/older/<int:id>")
@permission_required_for_context("update", arg_name="id", arg_loader=find)
def older(id):
    return "yes"

@our_client_bp.route("/alone")
@permission_required_for_context("read", ctx_loader=lambda: web.user().account)
def alone():
    return "yes"

@our_client_bp.route("/checked/<int:id>")
@login_required
def checked(id):
    check_access(web.user(), find(id), "delete")
    return "yes"

@our_client_bp.record_once
def record_logo_path(setup_state):
    setup_state.app.config["FLEXMEASURES_MENU_LOGO_PATH"] = "/our-client/static/logo.svg"
"""

TEMPLATES = {
    "my_page.html": """
        {% extends "our_client_base.html" %}
        {% set active_page = "my-page" %}
        {% block title %} Our client dashboard {% endblock %}
        {% block divs %}<h1>{{ message }}</h1><p>{{ page }} of {{ user_name }}</p>{% endblock %}
        """,
    "our_client_base.html": """
        {% extends "base.html" %}
        {% block styles %}
            {{ super() }}
            {% set style = url_for('our-client.static', filename='css/style.css') %}
            <link rel="stylesheet" href="{{ style }}">
        {% endblock %}
        {% block copyright_notice %}Created by <a href="https://ourclient.nl/">Us</a>.{% endblock %}
        """,
    "my_user_login.html": """
        {% extends "admin/login_user.html" %}
        {% block teaser %}<h1>Welcome to my plugin!</h1>{% endblock %}
        """,
}


@pytest.fixture
def our_client(site: Site) -> Iterator[Path]:
    """The folder of the plugin."""
    folder = site.folder / "our_client"
    (folder / "templates").mkdir(parents=True)
    (folder / "ui" / "static" / "img").mkdir(parents=True)
    (folder / "ui" / "static" / "img" / "favicon.png").write_bytes(b"our icon")
    (folder / "__init__.py").write_text(CLIENT)
    for name, text in TEMPLATES.items():
        (folder / "templates" / name).write_text(textwrap.dedent(text).strip())
    yield folder
    sys.modules.pop("our_client", None)


@pytest.fixture
def serve(our_client: Path, open_installation: Callable[..., Installation]) -> Callable[..., Any]:
    """``serve(**settings)``: a client of a site with the plugin."""

    def start(**settings: Any) -> Any:
        listed = {"FLEXMEASURES_PLUGINS": [str(our_client)]}
        return create(installation=open_installation(**listed, **settings)).test_client()

    return start


def menu_of(page: str) -> str:
    return page.partition('<nav class="menu"')[2].partition("</nav>")[0]


def test_views_and_templates_extend_those_of_the_site(
    serve: Callable[..., Any], tenant: Tenant
) -> None:
    client = serve()
    headers = token_headers(client, tenant.member)
    for path in ("/my-page", "/", "/dashboard"):
        assert client.get(path).status_code == 302
        page = client.get(path, headers=headers).text
        assert "<h1>I am a plugin!</h1><p>my_page of member</p>" in page
        assert "<title> Our client dashboard" in page
        assert 'href="/our-client/static/css/style.css"' in page
        assert 'href="/ui/static/site.css"' in page
        assert 'Created by <a href="https://ourclient.nl/">Us</a>.' in page
        assert "our_client (v2.0)" in page


def test_the_icon_is_the_plugins(serve: Callable[..., Any]) -> None:
    with serve().get("/favicon.ico") as answer:
        assert (answer.data, answer.mimetype) == (b"our icon", "image/png")


def test_logo_and_style_sheet_are_on_every_page(serve: Callable[..., Any], tenant: Tenant) -> None:
    client = serve(FLEXMEASURES_EXTRA_CSS_PATH="https://styles.example.org/company.css")
    headers = token_headers(client, tenant.member)
    for path in ("/my-page", f"/sensors/{tenant.power.id}", "/login"):
        answer = client.get(path, headers=headers if path != "/login" else None)
        assert '<img src="/our-client/static/logo.svg"' in answer.text, path
        assert 'href="https://styles.example.org/company.css"' in answer.text, path
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'self' https://styles.example.org;" in policy
    assert "img-src 'self' data: blob:;" in policy


def test_the_style_sheet_can_be_on_this_server(serve: Callable[..., Any]) -> None:
    page = serve(FLEXMEASURES_EXTRA_CSS_PATH="static/company.css").get("/login").text
    assert 'href="/static/company.css"' in page


def test_the_menu_has_the_listed_views_with_icons_and_titles(
    serve: Callable[..., Any], tenant: Tenant
) -> None:
    client = serve(
        FLEXMEASURES_MENU_LISTED_VIEWS=["my-page", ("alone", ["Prosumer"]), "nowhere"],
        FLEXMEASURES_MENU_LISTED_VIEW_ICONS={"my-page": "snowflake-o"},
        FLEXMEASURES_MENU_LISTED_VIEW_TITLES={"my-page": "Your <freezer>"},
    )
    menu = menu_of(client.get("/my-page", headers=token_headers(client, tenant.member)).text)
    assert '<i class="icon fa fa-snowflake-o" aria-hidden="true"></i> Your &lt;freezer&gt;' in menu
    assert menu.count('aria-current="page"') == 1
    assert '<a href="/my-page" aria-current="page">' in menu
    assert "nowhere" not in menu
    assert "/alone" not in menu


def test_the_root_view_is_the_one_for_the_users_account(
    serve: Callable[..., Any], tenant: Tenant
) -> None:
    client = serve(FLEXMEASURES_ROOT_VIEW=[("named/1", ["Nobody"]), "/my-page"])
    answer = client.get("/", headers=token_headers(client, tenant.member))
    assert (answer.status_code, answer.location) == (302, "/my-page")
    missing = serve(FLEXMEASURES_ROOT_VIEW="nowhere")
    page = missing.get("/", headers=token_headers(missing, tenant.member))
    assert "I am a plugin!" in page.text


def test_the_login_page_can_have_a_teaser(serve: Callable[..., Any], tenant: Tenant) -> None:
    client = serve(SECURITY_LOGIN_USER_TEMPLATE="my_user_login.html")
    page = client.get("/login").text
    assert "<h1>Welcome to my plugin!</h1>" in page
    assert 'name="password"' in page
    assert "Welcome to my plugin" not in serve().get("/login").text


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/only/x/a", {"account_admin", "consultant"}),
        ("/only/x/r", {"account_admin"}),
        ("/only/x/aa", {"account_admin", "member"}),
        ("/only/x/ar", set()),
        ("/named/{power}", {"account_admin", "member", "consultant"}),
        ("/older/{power}", {"account_admin", "consultant"}),
        ("/checked/{power}", {"account_admin", "consultant"}),
        ("/alone", {"account_admin", "member", "consultant", "other_member"}),
    ],
)
def test_decorators_let_in_whom_they_name(
    path: str,
    allowed: set[str],
    serve: Callable[..., Any],
    installation: Installation,
    tenant: Tenant,
) -> None:
    from fmhost.model import Account, AccountRole

    with installation.database.transaction() as session:
        account = session.get_one(Account, tenant.member.account_id)
        if not account.has_role("Prosumer"):
            account.account_roles.append(AccountRole(name="Prosumer"))
    client = serve()
    url = path.format(power=tenant.power.id)
    assert client.get(url).status_code == 302
    for name in ("account_admin", "member", "consultant", "other_member"):
        status = client.get(url, headers=token_headers(client, getattr(tenant, name))).status_code
        assert status == (200 if name in allowed else 403), name
