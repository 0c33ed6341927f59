"""Fixtures: an installation on each kind of database, its application, and people who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fmhost.settings import Settings, load
from fmhost.testing.clock import Clock

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from fmhost.model import User
    from fmhost.model.database import Database
    from fmhost.services.installation import Installation
    from fmhost.testing.tenants import Tenant

# This module is loaded with every test run, so that whatever is heavy is imported by the fixtures.

Headers = dict[str, str]


def settings_for_tests(instance: Path, **overrides: Any) -> Settings:
    """The settings of the environment ``testing``, with nothing taken from the machine."""
    from fmhost.testing.compilation import SHARED_COMPILATION

    environ = {"FMHOST_INSTANCE": str(instance), "HOME": str(instance)}
    engine = {"plugins": [SHARED_COMPILATION], **overrides.pop("SQLALCHEMY_ENGINE_OPTIONS", {})}
    overrides["SQLALCHEMY_ENGINE_OPTIONS"] = engine
    return load(environ=environ, environment="testing", overrides=overrides)


@pytest.fixture
def clock() -> Clock:
    """The clock of the installation; it stands at 2026-03-02T09:00Z until a test moves it."""
    return Clock()


@pytest.fixture
def open_installation(
    database: Database, tmp_path: Path, clock: Clock
) -> Iterator[Callable[..., Installation]]:
    """Opens installations on the database of the test; the keywords are settings.

    The tables of all installed plugins are there.
    """
    from fmhost.host.host import Composition, Host
    from fmhost.services import plugin_tables
    from fmhost.services.installation import Installation
    from fmhost.testing.routing import remember_rules

    remember_rules()
    opened = []

    def open_it(**overrides: Any) -> Installation:
        uri = database.url.render_as_string(hide_password=False)
        settings = settings_for_tests(tmp_path, SQLALCHEMY_DATABASE_URI=uri, **overrides)
        host = Host(Composition.from_settings(settings))
        installation = Installation.open(settings, host, clock=clock)
        plugin_tables.upgrade(host, database)
        opened.append(installation)
        return installation

    yield open_it
    for installation in opened:
        installation.close()


@pytest.fixture
def installation(open_installation: Callable[..., Installation]) -> Installation:
    """An installation on a fresh database, of either kind, with the settings for tests."""
    return open_installation()


@pytest.fixture
def app(installation: Installation) -> Flask:
    """The web application of the installation.

    Its test clients fail a request whose answer deviates from the API's OpenAPI document.
    """
    from fmhost.app import create
    from fmhost.testing.contract import ContractClient

    application = create(installation=installation)
    application.test_client_class = ContractClient
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application; it is not logged in."""
    return app.test_client()


@pytest.fixture
def tenant(installation: Installation) -> Tenant:
    """Accounts with users of every role, assets and sensors."""
    from fmhost.testing.tenants import create_tenant, stored_tenant

    with installation.database.transaction() as session:
        return stored_tenant(session) or create_tenant(session, installation.settings)


def request_token(client: FlaskClient, email: str, password: str) -> TestResponse:
    """The answer to a request for a token."""
    return client.post("/api/requestAuthToken", json={"email": email, "password": password})


def token_headers(client: FlaskClient, user: User) -> Headers:
    """The headers of requests in the name of `user`, with a fresh token."""
    from fmhost.testing.tenants import PASSWORD

    answer = request_token(client, user.email, PASSWORD)
    assert answer.status_code == 200, answer.text
    return {"Authorization": answer.get_json()["auth_token"]}


@pytest.fixture
def log_in(client: FlaskClient) -> Callable[[User], Headers]:
    """Gives the headers of requests in the name of a user."""
    return lambda user: token_headers(client, user)
