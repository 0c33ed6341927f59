"""The application factory, as WSGI servers and tests of plugins call it."""

from __future__ import annotations

import pytest

from fmhost.app import create
from fmhost.errors import ConfigurationError
from fmhost.model.database import Database
from fmhost.model.migrations import upgrade


@pytest.fixture
def config(tmp_path):
    """A config file that names an upgraded database."""
    uri = f"sqlite:///{tmp_path}/fmhost.db"
    database = Database(uri)
    upgrade(database)
    database.dispose()
    path = tmp_path / "some.cfg"
    path.write_text(f'SQLALCHEMY_DATABASE_URI = "{uri}"\nSECRET_KEY = "key"\n')
    return path


def test_an_application_from_a_config_file(config):
    app = create("production", config)
    assert not app.debug
    assert app.test_client().get("/api/v3_0/health/ready").status_code == 200
    app.extensions["fmhost"]["installation"].close()


def test_listed_plugins_may_be_given(config, tmp_path):
    plugin = tmp_path / "greeter"
    plugin.mkdir()
    (plugin / "__init__.py").write_text(
        "from flask import Blueprint\n"
        "__version__ = '2'\n"
        "blueprint = Blueprint('greeter', __name__)\n"
        "@blueprint.route('/greeting')\n"
        "def greet():\n"
        "    return 'Hello'\n"
    )
    app = create("production", config, plugins=[str(plugin)])
    assert app.test_client().get("/greeting").text == "Hello"
    app.extensions["fmhost"]["installation"].close()


def test_a_config_file_that_does_not_exist(tmp_path):
    with pytest.raises(ConfigurationError, match="Cannot find config file"):
        create(path_to_config=tmp_path / "none.cfg")


def test_an_unknown_environment(config):
    with pytest.raises(ConfigurationError, match="environment needs to be"):
        create("holiday", config)
