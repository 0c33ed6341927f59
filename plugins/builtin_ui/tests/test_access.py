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
