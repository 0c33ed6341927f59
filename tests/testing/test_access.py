"""The suite for access finds routes without rows, wrong answers, and what answers tell."""

from __future__ import annotations

import re

pytest_plugins = ["pytester"]

#: A plugin with one fault a route, and two routes without any.
ROOMS = """
from flask import Blueprint
from sqlalchemy import select

from fmhost.plugin import Asset, Resource, loaders, web

__version__ = "1"

rooms = Resource("rooms", __name__, url_prefix="/api/v3_0/rooms")
pages = Blueprint("pages", __name__)


@rooms.operation("GET", "", answer={"type": "array"})
def list_rooms():
    return [asset.name for asset in web.readable_assets()]


@rooms.operation("GET", "/<id>", answer={"type": "object"})
def fetch_room(id):
    return {"name": loaders.load_asset(id, "read").name}


@rooms.operation("GET", "/all", answer={"type": "array"})
def list_all_rooms():
    return [asset.name for asset in web.session().scalars(select(Asset))]


@rooms.operation("GET", "/open/<int:id>", answer={"type": "object"})
def fetch_any_room(id):
    return {"floor": web.session().get(Asset, id).id % 7}


@rooms.operation("GET", "/closed/<id>", answer={"type": "object"})
def fetch_no_room(id):
    return {"name": loaders.load_asset(id, "delete").name}


@pages.get("/rooms")
def show_rooms():
    return {}
"""

TESTS = """
from fmhost.testing import OWNERS, AccessConformance, Need, Row

READ = (Need("asset", "read"),)


def by_id(path, **more):
    return Row(
        f"GET /api/v3_0/rooms{path}",
        needs=READ,
        owners=OWNERS,
        path=lambda world, estate: {"id": estate.asset_id, "int:id": estate.asset_id},
        **more,
    )


class TestAccess(AccessConformance):
    plugin = "acme_rooms"
    settings = {"FLEXMEASURES_PLUGINS": "acme_rooms"}
    rows = (
        Row("GET /api/v3_0/rooms"),
        by_id("/<id>"),
        by_id("/<id>", hidden=True, way="hidden"),
        Row("GET /api/v3_0/rooms/all"),
        by_id("/open/<int:id>"),
        by_id("/closed/<id>"),
        Row("GET /api/v3_0/rooms/none"),
    )
"""


def test_each_fault_is_found(pytester):
    pytester.makepyfile(acme_rooms=ROOMS, test_access=TESTS)
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\npythonpath = ['.']")
    result = pytester.runpytest_subprocess("-q", "-rf", "-p", "no:cacheprovider")
    said = result.stdout.str()
    words = " ".join(re.sub(r"^E ", "", said, flags=re.M).split())
    failed = set(re.findall(r"^FAILED test_access.py::TestAccess::(.+?)(?: - .*)?$", said, re.M))
    assert failed == {
        "test_every_route_has_a_row",
        "test_who_may[GET /api/v3_0/rooms/all]",
        "test_who_may[GET /api/v3_0/rooms/open/<int:id>]",
        "test_who_may[GET /api/v3_0/rooms/closed/<id>]",
        "test_who_may[GET /api/v3_0/rooms/none]",
        "test_what_does_not_exist[GET /api/v3_0/rooms/<id> hidden]",
        "test_what_does_not_exist[GET /api/v3_0/rooms/open/<int:id>]",
    }
    for part in (
        "GET /rooms has no row.",
        "GET /api/v3_0/rooms/none has a row, and is no route.",
        "tells of other: zqxother",
        "other member about acme: 200 instead of 403",
        "member about acme: 403 instead of 200",
        "other member can tell what acme has from nothing: 403",
    ):
        assert part in words
    assert result.parseoutcomes()["passed"] == 5
