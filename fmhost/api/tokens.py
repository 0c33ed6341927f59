"""``/api/requestAuthToken``: trade e-mail address and password for an access token."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import request

from fmhost.api.login_limits import limit_logins
from fmhost.api.operations import Answer, Resource
from fmhost.api.parsing import read_json
from fmhost.api.unit_of_work import current_installation, unit_of_work
from fmhost.auth.login import authenticate, token_for, user_of_session
from fmhost.schemas.answers import TokenErrorsSchema, TokenSchema
from fmhost.schemas.credentials import CredentialsSchema
from fmhost.services.presence import record_login

tokens = Resource("tokens", __name__, url_prefix="/api")

#: The same whether the address or the password is wrong, or the user is inactive.
_REFUSED = "The e-mail address and the password do not belong to an active user."


@tokens.operation(
    "POST",
    "/requestAuthToken",
    schema=CredentialsSchema(),
    parse=False,  # its mistakes are answered in a shape of their own
    public=True,
    writes=False,
    answers={200: TokenSchema, 400: TokenErrorsSchema, 401: TokenErrorsSchema},
    names={"users": "/user_id"},
)
def request_token() -> Answer:
    """Obtain an access token by e-mail address and password.

    A browser session of that user needs no password; a token or an API key does.
    """
    if not request.is_json:
        return _errors("Content-type of request must be application/json"), 400
    body = read_json(request)
    given: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    email = given.get("email")
    if not isinstance(email, str) or not email:
        return _errors("Please provide the 'email' parameter."), 400
    user = user_of_session()
    if user is None or user.email.lower() != email.strip().lower():
        password = given.get("password")
        if not isinstance(password, str) or not password:
            return _errors("Please provide the 'password' parameter."), 400
        limit_logins(email)
        user = authenticate(email, password)
    if user is None:
        return _errors(_REFUSED), 401
    unit_of_work().after_commit(partial(record_login, current_installation(), user.id))
    return {"auth_token": token_for(user), "user_id": user.id}


def _errors(text: str) -> dict[str, list[str]]:
    return {"errors": [text]}
