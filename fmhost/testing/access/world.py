"""Make the world: accounts and people of every role, and what several owners have."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from fmhost.auth.passwords import hash_password
from fmhost.jobs.execute import execute
from fmhost.model import Account, AccountRole, ApiKey, AssetType, Automation, Role, Sensor, User
from fmhost.model.tasks import record_task_run
from fmhost.services import forecasts, schedules
from fmhost.services.installation import Installation
from fmhost.testing.access.estates import (
    ALL_ACCOUNTS,
    ESTATES,
    PASSWORD,
    START,
    TASK,
    Estate,
    Numbers,
    World,
    mark_of,
)
from fmhost.testing.access.rules import (
    ADVISED_BY,
    CONSULTANCIES,
    HOST,
    KEYS,
    PEOPLE,
    SCOPES,
    TARGETS,
    Person,
)
from fmhost.testing.access.settling import settle, show_to_the_public
from fmhost.testing.access.steady import offer_steady

#: Stores what else there is to be about, such as rows in the tables of a plugin.
Prepare = Callable[[Installation, Session, World], None]


def create_world(
    installation: Installation, people: Mapping[str, Person], prepare: Prepare | None = None
) -> World:
    """Make everybody and everything, and have the schedules computed."""
    numbers = Numbers()
    offer_steady(installation.host)
    with installation.database.transaction() as session:
        world = _create(installation, session, people, numbers)
    for estate in world.estates.values():
        with installation.database.transaction() as session:
            estate.job_id = _schedule(installation, session, estate)
            estate.waiting_job_id = _forecast(installation, session, estate)
            estate.automation_id = _automation(session, estate, numbers(estate.owner))
        execute(installation, estate.job_id, "worker")
        # What stands in the settings of a public asset can be read there by everybody.
        estate.ids |= numbers.given[estate.owner] - {world.shown_id}
    if prepare is not None:
        with installation.database.transaction() as session:
            prepare(installation, session, world)
    return world


def _create(
    installation: Installation,
    session: Session,
    people: Mapping[str, Person],
    numbers: Numbers,
) -> World:
    accounts = _accounts(session, numbers)
    roles: dict[str, Role] = {name: Role(name=name) for name in ("admin", "admin-reader")}
    hashed = hash_password(installation.settings, PASSWORD)
    users = dict(_users(people, accounts, roles, hashed, numbers, installation.now()))
    kind = AssetType(name="battery")
    session.add_all([*users.values(), *roles.values(), kind])
    session.flush()
    estates = {}
    for owner in ESTATES:
        account, target = accounts.get(owner), users.get(TARGETS.get(owner, ""))
        estate = Estate(
            owner,
            account_id=None if account is None else account.id,
            user_id=None if target is None else target.id,
        )
        settle(session, estate, kind, numbers)
        if target is not None:
            estate.key_id = numbers(owner)
            session.add(_key(target, f"{estate.mark}-key", estate.key_id))
        estates[owner] = estate
    record_task_run(session, TASK, status=True, at=START)
    world = World(
        estates=estates,
        users=users,
        roles={name: role.id for name, role in roles.items()},
        account_ids={name: account.id for name, account in accounts.items()},
        type_id=kind.id,
        keys=dict(_keys(session, users, numbers)),
    )
    show_to_the_public(session, world, numbers)
    return world


def _automation(session: Session, estate: Estate, number: int) -> int:
    """A forecast of the sensor that recurs; its id."""
    session.add(
        Automation(
            id=number,
            name=f"{estate.mark} each day",
            kind="forecast",
            asset_id=estate.asset_id,
            sensor_id=estate.sensor_id,
            parameters={},
            cron="0 6 * * *",
            timezone="UTC",
            starts_at=START,
            active=True,
            by_operator=True,
            created_at=START,
            next_at=START,
        )
    )
    session.flush()
    return number


def _accounts(session: Session, numbers: Numbers) -> dict[str, Account]:
    made = {
        name: Account(id=numbers(name), name=f"account {mark_of(name)}") for name in ALL_ACCOUNTS
    }
    may_advise = AccountRole(name="Consultancy")
    for name, account in made.items():
        if name in CONSULTANCIES:
            account.account_roles = [may_advise]
        if name in ADVISED_BY:
            account.consultancy_account_id = made[ADVISED_BY[name]].id
        account.attributes = {"note": mark_of(name)}
        session.add(account)
        session.flush()
    return made


def _users(
    people: Mapping[str, Person],
    accounts: Mapping[str, Account],
    roles: dict[str, Role],
    hashed: str,
    numbers: Numbers,
    now: datetime,
) -> Iterator[tuple[str, User]]:
    for number, person in enumerate(people.values()):
        if person.account is None:
            continue
        mark = mark_of(person.account)
        user = User(
            id=numbers(person.account),
            email=f"user{number}@{mark}.example.org",
            username=f"{person.name} {mark}",
            password=hashed,
            account_id=accounts[person.account].id,
            active=person.active,
            last_seen_at=now,  # so that not every request has to be noted
            fs_uniquifier=f"uniquifier of {person.name}",
        )
        user.roles = [roles.setdefault(name, Role(name=name)) for name in sorted(person.roles)]
        yield person.name, user


def _keys(
    session: Session, users: Mapping[str, User], numbers: Numbers
) -> Iterator[tuple[str, str]]:
    for person in KEYS.values():
        user = next(
            user
            for name, user in users.items()
            if (PEOPLE[name].account, PEOPLE[name].roles) == (person.account, person.roles)
            and user.active
        )
        secret = f"fmk_{person.name.replace(' ', '_')}_secret"
        key = _key(user, f"key of {person.name}", numbers(person.account or HOST), secret)
        key.scopes = sorted(person.scopes or SCOPES)
        key.expires_at = START if person.expired else None
        session.add(key)
        yield person.name, secret


def _key(user: User, name: str, number: int, secret: str | None = None) -> ApiKey:
    secret = secret or f"fmk_{number}"
    return ApiKey(
        id=number,
        user_id=user.id,
        name=name,
        prefix=secret[:12],
        key_hash=hashlib.sha256(secret.encode()).hexdigest(),
        scopes=list(SCOPES),
        created_at=START,
    )


def _schedule(installation: Installation, session: Session, estate: Estate) -> str:
    return schedules.trigger(
        installation,
        session,
        target=session.get_one(Sensor, estate.sensor_id),
        start=START,
        duration=timedelta(hours=1),
        flex_model={"note": estate.mark},
        flex_context={},
        force_new=True,
    ).id


def _forecast(installation: Installation, session: Session, estate: Estate) -> str:
    sensor = session.get_one(Sensor, estate.sensor_id)
    return forecasts.trigger(installation, session, sensor=sensor).id
