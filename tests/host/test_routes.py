"""Every route has one owner, and what a plugin cannot have is left out and named."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fmhost.app import create
from fmhost.services.installation import Installation
from fmhost.testing.distributions import Distribution, Site, plugin

Open = Callable[..., Installation]


def paging(name: str, *routes: str, declared: tuple[str, ...] | None = None) -> Distribution:
    """A plugin with a page at each route, that says who made it."""
    views = "".join(
        f"\n@pages.get({route!r})\ndef page{number}(**path):\n    return 'by {name}'\n"
        for number, route in enumerate(routes)
    )
    declared = routes if declared is None else declared
    return plugin(
        name,
        f"manifest = Manifest('{name}', pages=[Pages('acme_{name}.web:pages', {declared!r})])",
        {"web.py": f"from flask import Blueprint\npages = Blueprint('{name}', __name__)\n{views}"},
    )


def listed(tmp_path: Path, name: str, *routes: str) -> str:
    """The folder of a plugin with a page at each route."""
    folder = tmp_path / "plugins" / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(paging(name, *routes).files[f"acme_{name}/web.py"])
    return str(folder)


def test_a_page_of_a_plugin_is_served(site: Site, open_installation: Open) -> None:
    site.install(paging("alpha", "/weather/<int:id>"))
    client = create(installation=open_installation()).test_client()
    assert client.get("/weather/3").text == "by alpha"


def test_a_contested_route_is_nobodys_until_the_host_decides(
    site: Site, open_installation: Open
) -> None:
    site.install(paging("alpha", "/weather", "/alpha"), paging("beta", "/weather", "/beta"))
    client = create(installation=open_installation()).test_client()
    assert client.get("/weather").status_code == 404
    assert client.get("/alpha").text == "by alpha"
    assert client.get("/beta").text == "by beta"
    decided = open_installation(FMHOST_PREFER={"route:/weather": "beta"})
    assert create(installation=decided).test_client().get("/weather").text == "by beta"


def test_a_route_that_the_manifest_does_not_name_is_left_out(
    site: Site, open_installation: Open, caplog: pytest.LogCaptureFixture
) -> None:
    site.install(paging("alpha", "/weather", "/secret", declared=("/weather",)))
    installation = open_installation()
    with caplog.at_level(logging.ERROR, "fmhost.host"):
        client = create(installation=installation).test_client()
    assert client.get("/weather").text == "by alpha"
    assert client.get("/secret").status_code == 404
    problem = installation.host.plugins["alpha"].broken["route:/secret"]
    assert problem.cause == "It adds the route /secret, which its manifest does not name."
    assert problem.cause in caplog.text


def test_a_route_of_the_kernel_needs_a_grant(site: Site, open_installation: Open) -> None:
    site.install(paging("alpha", "/api/v3_0/health/ready", "/weather"))
    installation = open_installation()
    client = create(installation=installation).test_client()
    assert client.get("/api/v3_0/health/ready").text != "by alpha"
    assert client.get("/weather").text == "by alpha"
    problem = installation.host.plugins["alpha"].broken["route:/api/v3_0/health/ready"]
    assert "which belongs to fmhost itself" in problem.cause
    assert 'FMHOST_ROUTE_OVERRIDES = ["/api/v3_0/health/ready"]' in problem.fix

    granted = open_installation(
        FMHOST_ROUTE_OVERRIDES=["/api/v3_0/health/ready", "/api/v3_0/assets"]
    )
    client = create(installation=granted).test_client()
    assert client.get("/api/v3_0/health/ready").text == "by alpha"
    # A grant that nobody uses leaves the kernel's own.
    assert client.get("/api/v3_0/assets").status_code == 401


def test_a_blueprint_that_cannot_be_registered_is_left_out(
    site: Site, open_installation: Open, caplog: pytest.LogCaptureFixture
) -> None:
    refusing = plugin(
        "refusing",
        "manifest = Manifest('refusing', pages=[Pages('acme_refusing.web:pages', ['/x'])])",
        {
            "web.py": """
                from flask import Blueprint

                pages = Blueprint("refusing", __name__)

                @pages.record
                def refuse(state):
                    raise RuntimeError("no templates today")
                """
        },
    )
    site.install(refusing, paging("alpha", "/weather"))
    installation = open_installation()
    client = create(installation=installation).test_client()
    assert client.get("/weather").text == "by alpha"
    (problem,) = installation.host.plugins["refusing"].broken.values()
    assert "RuntimeError: no templates today" in problem.cause
    assert "acme_refusing.web:pages cannot be registered" in caplog.text


def test_a_blueprint_that_cannot_be_imported_is_left_out(
    site: Site, open_installation: Open
) -> None:
    broken = plugin(
        "broken",
        "manifest = Manifest('broken', pages=[Pages('acme_broken.web:pages', ['/x'])])",
        {"web.py": "pages = 1"},
    )
    site.install(broken, paging("alpha", "/weather"))
    installation = open_installation()
    assert create(installation=installation).test_client().get("/weather").text == "by alpha"
    (problem,) = installation.host.plugins["broken"].broken.values()
    assert "which is no flask.Blueprint" in problem.cause


def test_a_listed_plugin_replaces_pages_of_others(
    site: Site, open_installation: Open, tmp_path: Path
) -> None:
    site.install(paging("alpha", "/weather"))
    entries = [listed(site.folder, "ours", "/weather", "/favicon.ico"), str(tmp_path / "nowhere")]
    installation = open_installation(FLEXMEASURES_PLUGINS=entries)
    app = create(installation=installation)
    client = app.test_client()
    assert client.get("/weather").text == "by ours"
    assert client.get("/favicon.ico").text == "by ours"
    for name, route in (("alpha", "/weather"), ("ui", "/favicon.ico")):
        record = installation.host.plugins[name]
        assert record.healthy
        assert record.withheld[f"route:{route}"].cause == (
            f"FLEXMEASURES_PLUGINS lists 'ours', which replaces the route {route}."
        )
    # The built-in pages go on linking to what is there now.
    with app.test_request_context():
        assert app.url_for("ui.favicon") == "/favicon.ico"
    assert app.config["LOADED_PLUGINS"] == {"ours": "0.1"}


def test_a_listed_plugin_needs_a_grant_for_routes_of_the_kernel(
    site: Site, open_installation: Open
) -> None:
    ready = "/api/v3_0/health/ready"
    entries = [listed(site.folder, "ours", ready)]
    client = create(installation=open_installation(FLEXMEASURES_PLUGINS=entries)).test_client()
    assert client.get(ready).text != "by ours"
    granted = open_installation(FLEXMEASURES_PLUGINS=entries, FMHOST_ROUTE_OVERRIDES=[ready])
    assert create(installation=granted).test_client().get(ready).text == "by ours"


def test_of_two_listed_plugins_the_first_has_the_route(site: Site, open_installation: Open) -> None:
    entries = [listed(site.folder, name, "/weather") for name in ("zebra", "ant")]
    installation = open_installation(FLEXMEASURES_PLUGINS=entries)
    assert create(installation=installation).test_client().get("/weather").text == "by zebra"
    problem = installation.host.plugins["ant"].broken["route:/weather"]
    assert problem.cause == "It adds the route /weather, which belongs to 'zebra'."


def test_admins_get_the_plugins_over_the_api(
    site: Site,
    open_installation: Open,
    app: Any,
    client: Any,
    tenant: Any,
    log_in: Callable[..., dict[str, str]],
) -> None:
    answer = client.get("/api/v3_0/plugins", headers=log_in(tenant.admin))
    found = {each["name"]: each for each in answer.get_json()}
    offered = found["storage"]["offers"]["schedulers"]
    assert offered == ["StorageFallbackScheduler", "StorageScheduler"]
    assert found["ui"]["status"] == "active"
    assert client.get("/api/v3_0/plugins", headers=log_in(tenant.member)).status_code == 403
    assert client.get("/api/v3_0/plugins").status_code == 401


def test_a_blueprint_may_have_a_name_of_the_kernel_or_of_another_plugin(
    site: Site, open_installation: Open
) -> None:
    links = """
        from flask import Blueprint, url_for

        from fmhost.plugin import Resource

        users = Blueprint("users", __name__)

        @users.get("/{name}/here")
        def here():
            return " ".join(
                (url_for("users.here"), url_for(".here"), url_for("jobs.fetch_job", uuid=1))
            )

        sensors = Resource("sensors", __name__, url_prefix="/api/{name}")

        @sensors.operation("GET", "", public=True)
        def list_sensors():
            "List what is there."
            return {{"at": url_for("sensors.list_sensors")}}
        """
    for name in ("alpha", "beta"):
        site.install(
            plugin(
                name,
                f"""
                manifest = Manifest("{name}", pages=[
                    Pages("acme_{name}.web:users", ("/{name}/here",)),
                    Pages("acme_{name}.web:sensors", ("/api/{name}",)),
                ])
                """,
                {"web.py": links.format(name=name)},
            )
        )
    app = create(installation=open_installation())
    client = app.test_client()
    for name in ("alpha", "beta"):
        here = f"/{name}/here"
        assert client.get(here).text == f"{here} {here} /api/v3_0/jobs/1"
        assert client.get(f"/api/{name}").get_json()["at"] == f"/api/{name}"
    with app.test_request_context("/"):
        assert app.url_for("alpha_users.here") == "/alpha/here"
        assert app.url_for("sensors.list_sensors") == "/api/v3_0/sensors"
    paths = client.get("/api/v3_0/openapi.json").get_json()["paths"]
    ids = [paths[path]["get"]["operationId"] for path in ("/api/alpha", "/api/beta")]
    assert ids == ["alpha_sensors.list_sensors", "beta_sensors.list_sensors"]
