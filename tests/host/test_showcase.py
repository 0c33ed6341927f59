"""What the manual shows of listed plugins, at work: pages, settings, a scheduler."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fmhost.app import create
from fmhost.jobs.execute import execute
from fmhost.model import Job, Sensor
from fmhost.services import schedules
from fmhost.services.installation import Installation
from fmhost.testing.distributions import Site
from fmhost.testing.tenants import Tenant
from fmhost.testing.web import token_headers

CLIENT = """
__version__ = "2.0"

from flask import Blueprint, render_template
from flask_security import login_required

our_client_bp = Blueprint("our-client", __name__, template_folder="templates")

@our_client_bp.route("/")
@our_client_bp.route("/my-page")
@login_required
def my_page():
    return render_template("my_page.html", message="I am a plugin!")

@our_client_bp.record_once
def record_logo_path(setup_state):
    setup_state.app.config["FLEXMEASURES_MENU_LOGO_PATH"] = "/path/to/my/logo.svg"
"""

PAGE = """
{% extends "our_client_base.html" %}
{% set active_page = "my-page" %}
{% block title %}Our client dashboard{% endblock %}
{% block divs %}<p>{{ message }}</p>{% endblock %}
"""

BASE = """
{% extends "base.html" %}
{% block styles %}{{ super() }}<link rel="stylesheet" href="/ours.css">{% endblock %}
"""

SCHEDULER = """
import pandas as pd

from fmhost import Scheduler, Sensor

class DummyScheduler(Scheduler):

    __author__ = "My Company"
    __version__ = "2"

    def compute_schedule(self, *args, **kwargs):
        \"\"\"Always plan to consume at maximum capacity.\"\"\"
        return pd.Series(
            self.sensor.get_attribute("capacity_in_mw"),
            index=pd.date_range(self.start, self.end, freq=self.resolution, inclusive="left"),
        )

    def deserialize_config(self):
        \"\"\"Do not care about any flex config sent in.\"\"\"
        self.config_deserialized = True
"""


@pytest.fixture
def our_client(site: Site) -> Iterator[Path]:
    folder = site.folder / "our_client"
    (folder / "templates").mkdir(parents=True)
    (folder / "__init__.py").write_text(CLIENT)
    (folder / "dummy.py").write_text(SCHEDULER)
    (folder / "templates" / "my_page.html").write_text(textwrap.dedent(PAGE))
    (folder / "templates" / "our_client_base.html").write_text(textwrap.dedent(BASE))
    yield folder
    sys.modules.pop("our_client", None)


@pytest.fixture
def installation(our_client: Path, open_installation: Callable[..., Installation]) -> Installation:
    (our_client / "__init__.py").write_text(f"{CLIENT}\nfrom our_client import dummy\n")
    return open_installation(FLEXMEASURES_PLUGINS=[str(our_client)])


def test_a_page_stands_in_the_frame_of_the_site(client: Any, tenant: Tenant) -> None:
    assert client.get("/my-page").status_code in (302, 401)
    headers = token_headers(client, tenant.member)
    for path in ("/my-page", "/"):
        page = client.get(path, headers=headers).text
        assert "<title>Our client dashboard" in page
        assert "<p>I am a plugin!</p>" in page
        assert '<link rel="stylesheet" href="/ours.css">' in page
        assert "our_client (v2.0)" in page


def test_a_blueprint_can_set_settings_of_the_host(app: Any) -> None:
    assert app.config["FLEXMEASURES_MENU_LOGO_PATH"] == "/path/to/my/logo.svg"
    assert app.config["LOADED_PLUGINS"] == {"our_client": "2.0"}


def test_settings_that_only_the_plugin_knows_are_in_the_applications_config(
    our_client: Path, open_installation: Callable[..., Installation]
) -> None:
    app = create(
        installation=open_installation(
            FLEXMEASURES_PLUGINS=[str(our_client)], MY_PLUGIN_URL="https://example.org"
        )
    )
    assert app.config["MY_PLUGIN_URL"] == "https://example.org"


@pytest.mark.parametrize(
    "specification",
    [{"module": "our_client.dummy", "class": "DummyScheduler"}, "DummyScheduler"],
)
def test_a_sensor_can_name_the_scheduler_of_a_listed_plugin(
    specification: object, installation: Installation, tenant: Tenant
) -> None:
    with installation.database.transaction() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        sensor.set_attribute("custom-scheduler", specification)
        sensor.set_attribute("capacity_in_mw", 2)
        job = schedules.trigger(installation, session, target=sensor, start=installation.now())
        job_id = job.id
    execute(installation, job_id, "worker")
    with installation.database.reading() as session:
        job = session.get_one(Job, job_id)
        assert job.state == "finished", job.error
        fetched = schedules.fetch(
            installation, session, job, session.get_one(Sensor, tenant.power.id)
        )
        source = schedules.latest_source(session, job)
        assert source is not None
        assert (source.name, source.version) == ("My Company", "2")
        assert list(fetched.values) == [2.0] * 192
