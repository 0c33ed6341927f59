"""What is expected: people, how they stand to an owner, and what that lets them do.

Written from the access rules of the data model alone; it must not import :mod:`fmhost.auth`, which
is what the expectations are for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

#: Owners of things. The public owns what belongs to no account.
ACME: Final = "acme"
ADVICE: Final = "advice"
OTHER: Final = "other"
PUBLIC: Final = "public"
#: Accounts that have nothing but users.
HOST: Final = "host"
RIVAL: Final = "rival"

#: Which account advises which.
ADVISED_BY: Final = {ACME: ADVICE}

#: Accounts with the role Consultancy, whose consultants may create accounts for new clients.
CONSULTANCIES: Final = frozenset({ADVICE, RIVAL})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who sends requests.

    :param account: None for somebody who is not logged in.
    :param active: whether the person may log in.
    :param scopes: of the API key with which the requests come; None where it is a login.
    :param expired: whether that key is worth nothing any more.
    """

    name: str
    account: str | None = None
    roles: frozenset[str] = frozenset()
    active: bool = True
    scopes: frozenset[str] | None = None
    expired: bool = False

    @property
    def is_logged_in(self) -> bool:
        """Whether the requests are in somebody's name."""
        return self.account is not None and self.active and not self.expired


def _person(name: str, account: str | None = None, *roles: str, active: bool = True) -> Person:
    return Person(name, account, frozenset(roles), active)


ANONYMOUS: Final = _person("anonymous")

PEOPLE: Final[Mapping[str, Person]] = {
    person.name: person
    for person in (
        ANONYMOUS,
        _person("admin", HOST, "admin"),
        _person("admin-reader", HOST, "admin-reader"),
        _person("task-runner", HOST, "task-runner"),
        _person("account-admin", ACME, "account-admin"),
        _person("member", ACME),
        _person("inactive", ACME, active=False),
        _person("consultant", ADVICE, "consultant"),
        _person("clerk", ADVICE),
        _person("adviser's account-admin", ADVICE, "account-admin"),
        _person("other account-admin", OTHER, "account-admin"),
        _person("other member", OTHER),
        _person("other consultant", OTHER, "consultant"),
        _person("rival consultant", RIVAL, "consultant"),
    )
}

#: Those who differ most.
FEW: Final = ("admin", "member", "consultant", "other member")

#: Those whom an operation for everybody has to answer alike.
NOBODY_IN_PARTICULAR: Final = ("anonymous", "inactive", "member")

#: What API keys can be good for.
READ: Final = "read"
WRITE_DATA: Final = "write-data"
TRIGGER: Final = "trigger"
SCOPES: Final = (READ, WRITE_DATA, TRIGGER)

KEY_OF_MEMBER: Final = replace(PEOPLE["member"], name="member with a key", scopes=frozenset(SCOPES))

#: The same people with API keys. What a key is not good for is denied even to admins.
KEYS: Final[Mapping[str, Person]] = {
    key.name: key
    for key in (
        *(
            replace(PEOPLE["admin"], name=f"admin with a key to {scope}", scopes=frozenset({scope}))
            for scope in SCOPES
        ),
        KEY_OF_MEMBER,
        replace(PEOPLE["admin"], name="admin with an old key", scopes=frozenset(), expired=True),
    )
}

#: Whose data a row about users names, by the owner.
TARGETS: Final = {ACME: "member", ADVICE: "clerk", OTHER: "other member"}

#: Ways in which somebody stands to an owner.
MEMBER: Final = "member"
ACCOUNT_ADMIN: Final = "account-admin"
CONSULTANT: Final = "consultant"
ONESELF: Final = "oneself"
ANYBODY: Final = "anybody who is logged in"

_ALL: Final = frozenset({MEMBER, CONSULTANT})
_HEADS: Final = frozenset({ACCOUNT_ADMIN, CONSULTANT})
_NOBODY: Final[frozenset[str]] = frozenset()

#: The tables of the access rules: one of these ways is needed for a permission on a kind of thing.
#: Admins need none, nor do admin-readers for reading.
RULES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("account", "create-children"): _HEADS,
    ("account", "read"): _ALL,
    ("account", "update"): _ALL,
    # Account roles, plans and who advises whom are for admins.
    ("account", "govern"): _NOBODY,
    # Whose clients consultants may create accounts for.
    ("account", "serve"): frozenset({MEMBER}),
    ("account log", "read"): _HEADS,
    ("user", "read"): _ALL,
    ("user", "update"): frozenset({ONESELF, *_HEADS}),
    # Nobody decides on the own account being active.
    ("user", "suspend"): _HEADS,
    ("user log", "read"): frozenset({ONESELF, *_HEADS}),
    ("asset", "create-children"): _ALL,
    ("asset", "read"): _ALL,
    ("asset", "update"): _ALL,
    ("asset", "delete"): _HEADS,
    ("sensor", "create-children"): _ALL,
    ("sensor", "read"): _ALL,
    ("sensor", "update"): _HEADS,
    ("sensor", "delete"): _HEADS,
    # Who may give a role to a user, or take it away.
    ("role account-admin", "assign"): frozenset({CONSULTANT}),
    ("role consultant", "assign"): frozenset({ACCOUNT_ADMIN}),
    ("role admin-reader", "assign"): _NOBODY,
}

#: What the role of a person decides alone, besides the role admin.
BY_ROLE: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("platform", "create-children"): frozenset({"consultant"}),  # of one of CONSULTANCIES
    ("plugins", "list"): frozenset({"admin-reader"}),
    ("task status", "ask"): _NOBODY,
    ("task run", "report"): frozenset({"task-runner"}),
    ("backups", "restore"): _NOBODY,
    ("public", "create-children"): _NOBODY,
}

#: What not even admins may do over HTTP.
NEVER: Final = frozenset({("role admin", "assign"), ("oneself", "assign"), ("oneself", "suspend")})


@dataclass(frozen=True, slots=True)
class Need:
    """A permission on a kind of thing, such as ``Need("asset", "read")``.

    :param of: whose thing; default that of the owner about whom a row is asked.
    :param roles: for permissions that plugins bring: who has them besides admins.
    """

    kind: str
    permission: str
    of: str | None = None
    roles: frozenset[str] | None = None

    @classmethod
    def one_of(cls, *roles: str) -> Self:
        """A need that users with one of these roles meet, and admins."""
        return cls("role", "have", roles=frozenset(roles))

    @property
    def reading(self) -> Need:
        """To read the same thing."""
        return replace(self, permission="read")

    @property
    def is_known(self) -> bool:
        """Whether the rules say something about it."""
        return (self.kind, self.permission) in RULES


def stance(person: Person, owner: str) -> frozenset[str]:
    """How somebody stands to an owner."""
    found = {ANYBODY}
    if person.account == owner:
        found.add(MEMBER)
        found |= {ACCOUNT_ADMIN} & person.roles
    if ADVISED_BY.get(owner) == person.account:
        found |= {CONSULTANT} & person.roles
    if is_target(person, owner):
        found.add(ONESELF)
    return frozenset(found)


def may(person: Person, need: Need, owner: str | None) -> bool:
    """Whether somebody has a permission on what `owner` has.

    :param owner: None where only the role of the person matters.
    """
    owner = need.of or owner
    key = (need.kind, need.permission)
    if not person.is_logged_in or key in NEVER:
        return False
    if "admin" in person.roles:
        return True
    if need.roles is not None:
        return bool(need.roles & person.roles)
    if key in BY_ROLE:
        licensed = need.kind != "platform" or person.account in CONSULTANCIES
        return licensed and bool(BY_ROLE[key] & person.roles)
    if need.permission == "read" and "admin-reader" in person.roles:
        return True
    assert owner is not None, f"A row about {need.kind} needs owners."
    if owner == PUBLIC:
        return need.permission == "read"
    return bool(RULES[key] & stance(person, owner))


def sees(person: Person, owner: str) -> bool:
    """Whether somebody may read the names of what `owner` has."""
    return may(person, Need("asset", "read"), owner)


#: Whose things a list has to show to somebody who asks about those of an owner.
Shows = Callable[[Person, str | None], frozenset[str]]


def seen(*among: str) -> Shows:
    """Those of the owners whose things may be read."""
    return lambda person, _owner: frozenset(owner for owner in among if sees(person, owner))


def own(*among: str) -> Shows:
    """Those of the own account, if it is among them."""
    return lambda person, _owner: frozenset({person.account or ""} & set(among))


def the_owner(_person: Person, owner: str | None) -> frozenset[str]:
    """Those of the owner that was asked about, and no others."""
    return frozenset({owner or ""})


def is_target(person: Person, owner: str | None) -> bool:
    """Whether rows about users of `owner` are about the person; keys are like their users."""
    target = TARGETS.get(owner or "")
    return target is not None and person.name in (target, f"{target} with a key")


def oneself_excluded(person: Person, need: Need, owner: str | None) -> bool:
    """Whether a rule is about others only: nobody changes the own roles or active flag."""
    return need.permission in ("assign", "suspend") and is_target(person, owner)


def member_with(role: str) -> Person:
    """A user of Acme with a role that a plugin brings."""
    return _person(f"member with role {role}", ACME, role)
