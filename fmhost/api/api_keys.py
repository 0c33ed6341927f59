"""``/api/v3_0/api-keys``: long-lived keys for programs."""

from __future__ import annotations

from typing import Any

from fmhost.api.loaders import load_api_key, load_managed_account
from fmhost.api.operations import Resource
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.schemas.api_keys import (
    ApiKeyCreationSchema,
    ApiKeySchema,
    ApiKeysQuery,
    NewApiKeySchema,
)
from fmhost.services import api_keys as key_service

api_keys = Resource("api_keys", __name__, url_prefix="/api/v3_0/api-keys")


@api_keys.operation("GET", "", schema=ApiKeysQuery(), answer=ApiKeySchema(many=True), scope=None)
def list_api_keys(given: dict[str, Any]) -> Any:
    """List the own API keys, or those of all users of an account.

    The keys themselves are not shown: nobody has them but those for whom they were made.
    """
    if "account" in given:
        account = load_managed_account(given["account"])
        found = key_service.list_keys(current_session(), account=account)
    else:
        found = key_service.list_keys(current_session(), user=requesting_user())
    return ApiKeySchema(many=True).dump(found)


@api_keys.operation(
    "POST",
    "",
    schema=ApiKeyCreationSchema(),
    answers={201: NewApiKeySchema},
    names={"api-keys": "/id"},
)
def create_api_key(given: dict[str, Any]) -> Any:
    """Make an API key, with which a program acts in the own name, within some scopes.

    The key is in this answer and nowhere else. Without `expires_at` it is good until it is revoked.
    """
    user = requesting_user()
    stored, key = key_service.create_key(
        current_installation(), current_session(), user, actor=user, **given
    )
    return {**ApiKeySchema().dump(stored), "key": key}, 201


@api_keys.operation("DELETE", "/<id>", writes=True, answers={204: None})
def revoke_api_key(id: str) -> Any:
    """Revoke an API key: an own one, or one of a user whom one may change."""
    key_service.revoke_key(
        current_installation(), current_session(), load_api_key(id), actor=requesting_user()
    )
    return None, 204
