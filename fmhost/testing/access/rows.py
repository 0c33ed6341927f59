"""Rows of the matrix: one operation, what it is about, what that takes, and a valid request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fmhost.testing.access.estates import Estate, World
from fmhost.testing.access.rules import (
    ACME,
    ADVICE,
    OTHER,
    PUBLIC,
    READ,
    Need,
    Person,
    Shows,
    may,
    oneself_excluded,
)

#: Owners of whatever has an account, and of assets and sensors, which can be public, too.
ACCOUNTS: Final = (ACME, ADVICE, OTHER)
OWNERS: Final = (*ACCOUNTS, PUBLIC)

#: Makes a part of a request, of the world and of what the row is asked about.
Make = Callable[[World, Estate], Any]

_NAMES: Final = re.compile(r"\b[0-9]{9}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@dataclass(frozen=True, slots=True)
class Row:
    """What is expected of an operation, asked in one way.

    :param operation: method and rule, such as ``GET /api/v3_0/assets/<id>``.
    :param needs: permissions that it takes, all of them; without any, a login is enough.
    :param owners: about whose things it is asked; without any, it is asked once.
    :param path: values of the placeholders in the rule.
    :param query: arguments in the query, `json` the body, `form` a body of another kind.
    :param public: whether not even a login is needed.
    :param allowed: status where it may be.
    :param denied: status where it may not be, and `refused` where only a later need is not met.
    :param unseen: status where the things may not even be read, if that is another one.
    :param unknown: status where there are no such things.
    :param hidden: whether what may not be read is answered like what does not exist, word for
        word.
    :param shows: whose names the answer has to have, and no others.
    :param nobody: statuses without a login, and in the name of somebody who is not active.
    :param scope: what an API key must be good for, besides reading for GET; None where no key is
        good for it. With `login`, no key is good for a GET either.
    :param plain: whether it is a view of Flask and no operation: there a key is no login at all.
    :param people: who asks; default everybody.
    :param refers: the field of the arguments that names a thing of the owner.
    :param way: what this row is about, where an operation has several.
    """

    operation: str
    needs: tuple[Need, ...] = ()
    owners: tuple[str, ...] = ()
    path: Make | None = None
    query: Make | None = None
    json: Make | None = None
    form: Make | None = None
    public: bool = False
    allowed: int = 200
    denied: int = 403
    refused: int | None = None
    unseen: int | None = None
    unknown: int = 404
    hidden: bool = False
    shows: Shows | None = None
    nobody: tuple[int, int] = (401, 401)
    scope: str | None = None
    login: bool = False
    plain: bool = False
    people: tuple[str, ...] = ()
    refers: str = ""
    way: str = ""

    @property
    def name(self) -> str:
        """What to call the row in reports."""
        about = f"with {self.refers}" if self.refers and not self.way else self.way
        return f"{self.operation} {about}".strip()

    def expected(self, person: Person, owner: str | None) -> int:
        """The status of the answer to somebody, about what `owner` has."""
        if self.public:
            return self.allowed
        if not person.is_logged_in:
            return self.nobody[0 if person.account is None else 1]
        if person.scopes is not None and self.plain:
            return self.nobody[0]
        if person.scopes is not None and self._scope not in person.scopes:
            return 403
        unmet = [
            need
            for need in self.needs
            if not may(person, need, owner) or oneself_excluded(person, need, owner)
        ]
        if not unmet:
            return self.allowed
        if self.unseen is not None and not self.reads(person, owner):
            return self.unseen
        if self.refused is not None and unmet[0] != self.needs[0]:
            return self.refused
        return self.denied

    def reads(self, person: Person, owner: str | None) -> bool:
        """Whether somebody may read what the row is about."""
        reading = [need.reading for need in self.needs if need.of is None]
        return all(may(person, need, owner) for need in reading if need.is_known)

    @property
    def _scope(self) -> str | None:
        return READ if self.operation.startswith("GET ") and not self.login else self.scope

    def ask(self, world: World, about: str | Estate | None) -> Ask:
        """A valid request about what an owner has."""
        method, _, rule = self.operation.partition(" ")
        estate = about if isinstance(about, Estate) else world.estate(about)
        path = rule
        for name, value in (self.path(world, estate) if self.path else {}).items():
            path = path.replace(f"<{name}>", str(value))
        return Ask(
            method,
            path,
            self.query(world, estate) if self.query else {},
            self.json(world, estate) if self.json else None,
            self.form(world, estate) if self.form else None,
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """A request."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Any = None

    def options(self) -> dict[str, Any]:
        """How to send it with a client of Werkzeug."""
        options: dict[str, Any] = {"method": self.method, "query_string": dict(self.query)}
        if self.json is not None:
            options["json"] = self.json
        if self.form is not None:
            options["data"] = dict(self.form)
        return options

    @property
    def said(self) -> str:
        """All that the request says; an answer tells nothing by repeating it."""
        return f"{self.path} {self.query} {self.json} {self.form}"

    def without_names(self, text: str) -> str:
        """A text of the answer, with a placeholder for each id and job that the request names."""
        named = set(_NAMES.findall(self.said))
        return _NAMES.sub(lambda found: "#" if found[0] in named else found[0], text)
