"""An application with things of several owners, and people of every role who ask for them."""

from __future__ import annotations

import pytest

from fmhost.testing.access.stage import open_stage
from fmhost.testing.distributions import Site, plugin

#: A plugin with an operation, and a page, of its own.
TANKS = plugin(
    "tanks",
    """
    manifest = Manifest(
        name="tanks",
        pages=[
            Pages(
                "acme_tanks.pages:tanks",
                routes=["/api/v3_0/tanks/<id>", "/api/v3_0/tanks/plain"],
            ),
        ],
    )
    """,
    {
        "pages.py": """
            from fmhost.plugin import Permission, Resource, loaders, web

            tanks = Resource("tanks", __name__, url_prefix="/api/v3_0/tanks")

            @tanks.operation("GET", "/<id>", answer={"type": "object"})
            def fetch_tank(id):
                \"\"\"Fetch a tank.\"\"\"
                return {"name": loaders.load_asset(id, Permission.READ).name}

            @tanks.get("/plain")
            @web.login_required
            def fetch_nothing():
                return {}
            """,
    },
)


@pytest.fixture(scope="module")
def open_here(tmp_path_factory):
    """Opens stages with the plugin."""
    site = Site(tmp_path_factory.mktemp("matrix") / "site")
    site.install(TANKS)
    with site.active():
        yield lambda kind, **settings: open_stage(kind, tmp_path_factory.mktemp(kind), **settings)


@pytest.fixture(scope="module")
def sqlite_stage(open_here):
    """The stage on SQLite."""
    with open_here("sqlite") as stage:
        yield stage


@pytest.fixture(scope="module")
def postgresql_stage(open_here):
    """The stage on PostgreSQL."""
    with open_here("postgresql") as stage:
        yield stage
