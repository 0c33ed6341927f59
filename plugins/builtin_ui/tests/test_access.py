"""Every page, asked for by everybody, about everybody's things."""

from __future__ import annotations

from functools import partial

from fmhost.testing import OWNERS, AccessConformance, Need, Person, Row, seen


def _assets_and_oneself(person: Person, owner: str | None) -> frozenset[str]:
    """Whose assets may be read, and the account of whoever is logged in."""
    return seen(*OWNERS)(person, owner) | {person.account or ""}


#: Whoever is not logged in is led to the login.
_page = partial(Row, plain=True, nobody=(302, 302))


class TestAccess(AccessConformance):
    plugin = "ui"
    rows = (
        Row("GET /favicon.ico", public=True),
        _page("GET /", shows=_assets_and_oneself),
        _page("GET /dashboard", shows=_assets_and_oneself),
        _page(
            "GET /dashboard",
            query=lambda *_: {"group_by_accounts": 1},
            shows=_assets_and_oneself,
            way="by account",
        ),
        _page("GET /dashboard/places", shows=lambda *_: frozenset()),
        _page(
            "GET /dashboard/places/<id>",
            needs=(Need("asset", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.asset_id},
        ),
        Row(
            "GET /ui/brand/<primary>/<secondary>.css",
            public=True,
            path=lambda *_: {"primary": "123456", "secondary": "abc"},
        ),
        _page(
            "GET /assets/<id>",
            needs=(Need("asset", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.asset_id},
        ),
        _page(
            "GET /sensors/<id>",
            needs=(Need("sensor", "read"),),
            owners=OWNERS,
            path=lambda _, estate: {"id": estate.sensor_id},
        ),
    )
