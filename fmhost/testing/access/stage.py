"""An application with the world in it, to which anybody can send requests that leave no trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fmhost.testing.access.estates import World, mark_of
from fmhost.testing.access.leaks import leaks, omissions, page_of, text_of
from fmhost.testing.access.rehearsal import Rehearsal
from fmhost.testing.access.rows import Ask, Row
from fmhost.testing.access.rules import (
    FEW,
    KEY_OF_MEMBER,
    KEYS,
    NOBODY_IN_PARTICULAR,
    PEOPLE,
    Person,
    sees,
)
from fmhost.testing.access.waiting import WaitingQueue
from fmhost.testing.access.world import Prepare, create_world
from fmhost.testing.clock import Clock
from fmhost.testing.contract import ContractClient
from fmhost.testing.databases import Kind, fresh_database
from fmhost.testing.web import Headers, settings_for_tests

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from fmhost.services.installation import Installation


@dataclass(frozen=True)
class Stage:
    """Where rows are asked.

    :param people: who asks, with a login.
    :param headers: with which each person sends requests, by name.
    """

    app: Flask
    installation: Installation
    database: Rehearsal
    world: World
    people: Mapping[str, Person]
    headers: Mapping[str, Headers]

    def answer(self, person: Person, ask: Ask) -> TestResponse:
        """The answer to a request that leaves no trace."""
        with self.database.case():
            headers = dict(self.headers.get(person.name, {}))
            answer = self.app.test_client().open(ask.path, headers=headers, **ask.options())
            answer.get_data()
            answer.close()
        return answer

    def deviations(self, row: Row, people: Iterable[str] | None = None) -> Iterator[str]:
        """Where the answers are not as expected, or tell what they must not.

        :param people: who asks; default all those of the row.
        """
        for owner in row.owners or (None,):
            for person in self._asking(row, owner) if people is None else self._named(people):
                ask = row.ask(self.world, owner)
                answer = self.answer(person, ask)
                cell = f"{person.name} about {owner}" if owner else person.name
                expected = row.expected(person, owner)
                if answer.status_code != expected:
                    yield f"{cell}: {answer.status_code} instead of {expected}: {_start(answer)}"
                elif expected < 300:
                    for each in omissions(self.world, person, row, owner, ask, answer):
                        yield f"{cell}: {each}"
                for leak in leaks(self.world, person, ask, answer):
                    yield f"{cell}: {leak}"

    def differences(self, row: Row) -> Iterator[str]:
        """Where answers about what does not exist are not as expected.

        Where the row says so, they must be the same as those about what may not be read.
        """
        few = self._named(row.people or FEW)
        for person in self._logged_in(row) if row.hidden else few:
            ask = row.ask(self.world, self.world.nothing)
            unknown = self.answer(person, ask)
            statuses: set[int | None] = {row.unknown}
            if "admin" not in person.roles:
                statuses |= {row.denied, row.refused, row.unseen}
            if unknown.status_code not in statuses:
                yield f"{person.name} about nothing: {unknown.status_code}: {_start(unknown)}"
            if not row.hidden:
                continue
            for owner in row.owners:
                if row.reads(person, owner):
                    continue
                about = row.ask(self.world, owner)
                answer = self.answer(person, about)
                seen = about.without_names(_words(answer))
                known = ask.without_names(_words(unknown))
                if (answer.status_code, seen) != (unknown.status_code, known):
                    yield (
                        f"{person.name} can tell what {owner} has from nothing: "
                        f"{answer.status_code} {seen} / {unknown.status_code} {known}"
                    )

    def finds(self, row: Row) -> Iterator[str]:
        """Where searching a list counts what the searcher may not read.

        :param row: about a list by page.
        """
        ask = row.ask(self.world, row.owners[0] if row.owners else None)
        for person in self._logged_in(row):
            before = page_of(self.answer(person, ask))
            if before is None:
                continue
            for owner in self.world.account_ids:
                if sees(person, owner):
                    continue
                search = replace(ask, query={**ask.query, "filter": mark_of(owner)})
                page = page_of(self.answer(person, search))
                counts = page and (page["num-records"], page["filtered-records"])
                if counts != (before["num-records"], 0):
                    yield f"{person.name}, searching for {owner}: {page}"

    def _asking(self, row: Row, owner: str | None) -> list[Person]:
        """Who asks a row about an owner: everybody whose answers do not follow from others."""
        if row.people or row.public:
            return self._named(row.people or NOBODY_IN_PARTICULAR)
        people = list(self.people.values())
        if owner in row.owners[1:-1]:
            # Who they are is asked before what it is about.
            people = [each for each in people if each.is_logged_in]
        # Whatever a key is good for, the rest is decided as for its user.
        keys = [KEY_OF_MEMBER] if owner in row.owners[1:] else KEYS.values()
        return [*people, *keys]

    def _named(self, names: Iterable[str]) -> list[Person]:
        return [self.people[name] for name in names]

    def _logged_in(self, row: Row) -> list[Person]:
        people = self._named(row.people or self.people)
        return [each for each in people if each.is_logged_in]


def _start(answer: TestResponse) -> str:
    return _words(answer)[:300]


def _words(answer: TestResponse) -> str:
    return " ".join(text_of(answer).split())


@contextmanager
def open_stage(
    kind: Kind,
    folder: Path,
    *,
    people: Mapping[str, Person] = PEOPLE,
    prepare: Prepare | None = None,
    **settings: Any,
) -> Iterator[Stage]:
    """A fresh stage on a database of its own; jobs that are asked for wait for ever.

    :param folder: the instance folder.
    :param prepare: stores what else there is, after everything else.
    :param settings: of the installation.
    """
    from fmhost.app import create  # the plugins of the application are those of a moment
    from fmhost.auth.login import token_for
    from fmhost.host.host import Composition, Host
    from fmhost.jobs.dispatch import use_queue
    from fmhost.services import plugin_tables
    from fmhost.services.installation import Installation

    with fresh_database(kind) as database:
        uri = database.url.render_as_string(hide_password=False)
        chosen = settings_for_tests(folder, SQLALCHEMY_DATABASE_URI=uri, **settings)
        host = Host(Composition.from_settings(chosen))
        real = Installation.open(chosen, host, clock=Clock())
        try:
            plugin_tables.upgrade(host, database)
            world = create_world(real, people, prepare)
            rehearsal = Rehearsal(real.database)
            played = replace(real, database=rehearsal)
            use_queue(played, WaitingQueue(played))
            app = create(installation=played)
            app.test_client_class = ContractClient
            with app.app_context(), rehearsal.case():
                headers = {
                    name: {"Authorization": token_for(user)} for name, user in world.users.items()
                }
            headers |= {name: {"Authorization": key} for name, key in world.keys.items()}
            yield Stage(app, played, rehearsal, world, people, headers)
        finally:
            real.close()
