"""The routes of a plugin, asked by everybody about everybody's things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from fmhost.testing.access.estates import World
from fmhost.testing.access.routes import routes_of
from fmhost.testing.access.rows import Row
from fmhost.testing.access.rules import PEOPLE, member_with
from fmhost.testing.access.stage import Stage, open_stage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from fmhost.services.installation import Installation


#: How many findings a failing test shows.
_SHOWN: Final = 20


class AccessConformance:
    """Tests of who may do what over HTTP; a subclass says what the routes of a plugin take.

    :cvar plugin: the name of the plugin, which has to be installed.
    :cvar rows: what is expected of each route, in every way in which it can be asked.
    :cvar roles: roles that the plugin knows and fmhost does not; somebody has each of them.
    :cvar settings: of the installation.
    """

    plugin: ClassVar[str] = ""
    rows: ClassVar[Sequence[Row]] = ()
    roles: ClassVar[Sequence[str]] = ()
    settings: ClassVar[Mapping[str, Any]] = {}

    def prepare(self, installation: Installation, session: Session, world: World) -> None:
        """Store what the plugin keeps about the things of every owner.

        Put the mark of the estate into every text: the suite looks for it in the answers to those
        who may not know it.
        """

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run the tests of rows once for each."""
        if "row" in metafunc.fixturenames:
            everything = metafunc.function.__name__ != "test_what_does_not_exist"
            rows = [row for row in self.rows if everything or row.owners]
            metafunc.parametrize("row", rows, ids=[row.name for row in rows])

    @pytest.fixture(scope="class")
    @classmethod
    def access_stage(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
        """Where the rows are asked: an application on SQLite with people and things."""
        people = {**PEOPLE, **{person.name: person for person in map(member_with, cls.roles)}}
        folder = tmp_path_factory.mktemp("access")
        with open_stage(
            "sqlite", folder, people=people, prepare=cls().prepare, **cls.settings
        ) as stage:
            yield stage

    def test_every_route_has_a_row(self, access_stage: Stage) -> None:
        """A route that nobody has thought of fails, and so does a row without a route."""
        routes = routes_of(access_stage.app, self.plugin)
        asked = {row.operation for row in self.rows}
        assert routes, f"There is no plugin {self.plugin!r} with routes."
        unasked = [f"{route} has no row." for route in sorted(routes - asked)]
        unknown = [f"{route} has a row, and is no route." for route in sorted(asked - routes)]
        _none("Rows and routes differ", [*unasked, *unknown])

    def test_who_may(self, access_stage: Stage, row: Row) -> None:
        """Everybody gets the answer that the row says, and none tells of what others have."""
        _none("Answers are not as expected", access_stage.deviations(row))

    def test_what_does_not_exist(self, access_stage: Stage, row: Row) -> None:
        """So it is where a request names what does not exist."""
        _none("Answers are not as expected", access_stage.differences(row))


def _none(what: str, found: Iterable[str]) -> None:
    """See that nothing was found; the message has to say all, since pytest does not look here."""
    lines = list(found)
    more = [f"... and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    assert not lines, "\n  ".join([f"{what}:", *lines[:_SHOWN], *more])
