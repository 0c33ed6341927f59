"""The only way in which the id of an entity enters: the entity, once the policy has said yes."""

from __future__ import annotations

import re
from uuid import UUID

from flask import request

from fmhost.api.errors import Rejected
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import (
    ADMIN,
    NOT_AUTHORIZED,
    History,
    Permission,
    allowed,
    check_access,
)
from fmhost.auth.visibility import reads_everything
from fmhost.errors import InvalidInput, NotAuthorized, NotFound
from fmhost.model import Account, ApiKey, Asset, Job, Sensor, Source, User
from fmhost.schemas.entity_addresses import NamingAuthority, SensorAddress
from fmhost.schemas.fields import LARGEST_ID
from fmhost.services import lookup

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)


def _path_id(text: str) -> int | None:
    """The id in a path; None for a number that no entity can have.

    :raises Rejected: where it is no number.
    """
    if not _INTEGER.fullmatch(text):
        raise Rejected({"path": {"id": ["Not a valid integer."]}})
    if len(text) > len(str(LARGEST_ID)):
        return None
    number = int(text)
    return number if 0 < number <= LARGEST_ID else None


def load_sensor(id_text: str, permission: Permission) -> Sensor:
    """The sensor that a path names.

    :raises Rejected: where there is none.
    :raises NotAuthorized: where the user lacks the permission.
    """
    sensor = _find_sensor(_path_id(id_text))
    if sensor is None:
        raise Rejected({"path": {"id": [f"No sensor found with ID {id_text}."]}})
    check_access(requesting_user(), sensor, permission)
    return sensor


def load_sensor_of_data(id_text: str, permission: Permission) -> Sensor:
    """The sensor that the path of its data names.

    :raises NotFound: where there is none.
    :raises NotAuthorized: where the user lacks the permission.
    """
    sensor = _find_sensor(_path_id(id_text))
    if sensor is None:
        raise NotFound(f"Sensor {id_text} not found")
    check_access(requesting_user(), sensor, permission)
    return sensor


def load_sensor_to_fill(id_text: str) -> tuple[Sensor, Source | None]:
    """The same for who adds data, and the source of what the user enters, if there is one."""
    sensor_id, user = _path_id(id_text), requesting_user()
    found = sensor_id and lookup.find_sensor_and_source(current_session(), sensor_id, user)
    if not found:
        raise NotFound(f"Sensor {id_text} not found")
    check_access(user, found[0], Permission.CREATE_CHILDREN)
    return found


def load_referenced_sensor(reference: int | SensorAddress, permission: Permission) -> Sensor:
    """The sensor that the field ``sensor`` of a message names.

    :raises Rejected: where there is none, or its address is not one of this host.
    :raises NotAuthorized: where the user lacks the permission.
    """
    if isinstance(reference, SensorAddress):
        try:
            sensor_id = naming_authority().sensor_id(reference)
        except InvalidInput as error:
            raise Rejected({"json": {"sensor": [str(error)]}}) from error
    else:
        sensor_id = reference
    sensor = _find_sensor(sensor_id if sensor_id <= LARGEST_ID else None)
    if sensor is None:
        raise Rejected({"json": {"sensor": [f"No sensor found with ID {sensor_id}."]}})
    check_access(requesting_user(), sensor, permission)
    return sensor


def _find_sensor(sensor_id: int | None) -> Sensor | None:
    return None if sensor_id is None else lookup.find_sensor(current_session(), sensor_id)


def load_asset(id_text: str, permission: Permission) -> Asset:
    """The asset that a path names.

    :raises NotFound: where there is none.
    :raises NotAuthorized: where the user lacks the permission.
    """
    asset_id = _path_id(id_text)
    asset = None if asset_id is None else lookup.find_asset(current_session(), asset_id)
    if asset is None:
        raise NotFound(f"No asset found with ID {id_text}.")
    check_access(requesting_user(), asset, permission)
    return asset


def load_referenced_asset(asset_id: int, permission: Permission) -> Asset:
    """The asset that the field ``generic_asset_id`` of a message names.

    :raises Rejected: where there is none.
    :raises NotAuthorized: where the user lacks the permission.
    """
    asset = lookup.find_asset(current_session(), asset_id)
    if asset is None:
        raise Rejected({"json": {"generic_asset_id": [f"No asset found with ID {asset_id}."]}})
    check_access(requesting_user(), asset, permission)
    return asset


def load_parent(asset_id: int) -> Asset:
    """The asset that another one is to be a part of.

    :raises NotFound: where there is none.
    :raises NotAuthorized: where the user may not add parts to it.
    """
    asset = lookup.find_asset(current_session(), asset_id)
    if asset is None:
        raise NotFound(f"Parent asset with id {asset_id} not found.")
    check_access(requesting_user(), asset, Permission.CREATE_CHILDREN)
    return asset


def check_may_own(account_id: int | None) -> None:
    """See that the user may create assets that are no parts of others, for an account.

    Accounts that the user may not read are reported like those that do not exist.

    :param account_id: None for public assets, which only admins may create.
    :raises Rejected: where there is no such account, or it may not be read.
    :raises NotAuthorized: where the user may not create assets for it.
    """
    user = requesting_user()
    if account_id is None:
        if not user.has_role(ADMIN):
            raise NotAuthorized(NOT_AUTHORIZED, hint="Name an account_id.")
        return
    account = lookup.find_account(current_session(), account_id)
    if account is None and reads_everything(user):
        raise Rejected({"json": {"account_id": [f"Account with Id {account_id} doesn't exist."]}})
    if account is None or not allowed(user, account, Permission.READ):
        text = "User is not allowed to create assets for this account."
        raise Rejected({"json": {"account_id": [text]}})
    check_access(user, account, Permission.CREATE_CHILDREN)


def load_account(account_id: int, permission: Permission) -> Account:
    """The account that a parameter names.

    :raises NotFound: where there is none.
    :raises NotAuthorized: where the user lacks the permission.
    """
    account = lookup.find_account(current_session(), account_id)
    if account is None:
        raise NotFound(f"Account {account_id} not found")
    check_access(requesting_user(), account, permission)
    return account


def load_account_of_path(id_text: str, permission: Permission) -> Account:
    """The account that a path names; raises as :func:`load_account` does."""
    account = _account_of_path(id_text)
    check_access(requesting_user(), account, permission)
    return account


def load_employer(account_id: int) -> Account:
    """The account that the field ``account_id`` of a message names, to which a user is added.

    :raises Rejected: where there is none, and the user may know that.
    :raises NotAuthorized: where the user may not add users to it.
    """
    account = lookup.find_account(current_session(), account_id)
    if account is None and reads_everything(requesting_user()):
        raise Rejected({"json": {"account_id": [f"Account with Id {account_id} doesn't exist."]}})
    check_access(requesting_user(), account, Permission.CREATE_CHILDREN)
    assert account is not None  # nobody has a permission on nothing
    return account


def load_user(id_text: str, permission: Permission) -> User:
    """The user that a path names.

    :raises NotFound: where there is none.
    :raises NotAuthorized: where the requesting user lacks the permission.
    """
    user = _user_of_path(id_text)
    check_access(requesting_user(), user, permission)
    return user


def load_account_with_history(id_text: str) -> Account:
    """The account that a path names, for its audit log; raises as :func:`load_account` does."""
    account = _account_of_path(id_text)
    check_access(requesting_user(), History(account), Permission.READ)
    return account


def load_user_with_history(id_text: str) -> User:
    """The user that a path names, for the audit log; raises as :func:`load_user` does."""
    user = _user_of_path(id_text)
    check_access(requesting_user(), History(user), Permission.READ)
    return user


def load_managed_account(account_id: int) -> Account:
    """The account that a parameter names, for what its users have, such as API keys.

    That is for those who may read the audit log, which tells of it; raises as :func:`load_account`
    does.
    """
    account = load_account(account_id, Permission.READ)
    check_access(requesting_user(), History(account), Permission.READ)
    return account


def load_api_key(id_text: str) -> ApiKey:
    """The API key that a path names, where the requesting user may revoke it.

    :raises NotFound: where there is none, or it is of a user whom one may not change.
    """
    key_id = _path_id(id_text)
    found = None if key_id is None else current_session().get(ApiKey, key_id)
    if found is None or not allowed(requesting_user(), found.user, Permission.UPDATE):
        raise NotFound(f"No API key found with ID {id_text}.")
    return found


def _account_of_path(id_text: str) -> Account:
    account_id = _path_id(id_text)
    found = None if account_id is None else lookup.find_account(current_session(), account_id)
    if found is None:
        raise NotFound(f"Account {id_text} not found")
    return found


def _user_of_path(id_text: str) -> User:
    user_id = _path_id(id_text)
    found = None if user_id is None else lookup.find_user(current_session(), user_id)
    if found is None:
        raise NotFound(f"User {id_text} not found")
    return found


def naming_authority() -> NamingAuthority:
    """Who gives out entity addresses at the host of the current request."""
    installation = current_installation()
    return NamingAuthority.of(
        request.host,
        installation.settings["FLEXMEASURES_HOSTS_AND_AUTH_START"],
        installation.now(),
    )


def load_job(text: str, kind: str, sensor: Sensor) -> Job:
    """The job of that kind about a sensor, for which the policy has been asked.

    :raises Rejected: for any other; those do not exist here.
    """
    try:
        job = current_session().get(Job, str(UUID(text)))
    except ValueError:
        job = None
    if job is None or (job.kind, job.sensor_id) != (kind, sensor.id):
        raise Rejected({"json": f"Job {text} not found."})
    return job
