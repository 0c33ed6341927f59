"""The bodies of answers that say no, in one place.

================  =======================================================================
validation        ``{"result": "Rejected", "status": "UNPROCESSABLE_ENTITY", "message":
                  {"<place>": {"<field>": ["<text>"]}}}``; the place is ``json``, ``query``,
                  ``path`` or what the operation names
domain errors     ``{"result": "Rejected", "status": "<KEY>", "message": "<text>"}``
not authenticated ``{"status": "UNAUTHORIZED", "message": "<text>"}``
other             ``{"message": "<text>", "status": <code>}``
================  =======================================================================

Below ``/api`` every answer is JSON; elsewhere errors are pages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, request
from flask.sansio.app import App
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
)
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    SecurityError,
    default_exceptions,
)

from fmhost.errors import (
    Conflict,
    DatabaseNotReady,
    FmhostError,
    InvalidInput,
    NotAuthenticated,
    NotAuthorized,
    NotFound,
    QueueNotReady,
)

logger = logging.getLogger("fmhost.requests")

#: Keys of domain errors that are not simply their code in capitals.
_KEYS = {
    "not-authorized": "INVALID_SENDER",
    "replacement-not-allowed": "INVALID_REPLACEMENT",
}

#: SQLAlchemy's code for statements after the connection of a transaction was lost.
_CONNECTION_LOST = "8s2b"

#: Under which key an application has what makes pages of errors, where a plugin does.
_PAGES = "fmhost_error_pages"

#: A message quotes what a client sent, which may be megabytes.
_LONGEST_TEXT = 600


class Rejected(Exception):
    """A request that does not validate.

    :param messages: texts by place and field, ``{"path": {"id": ["Not a valid integer."]}}``.
    """

    def __init__(self, messages: Mapping[str, Any]) -> None:
        super().__init__(str(messages))
        self.messages = messages


class DomainRejection(Exception):
    """A request that is understood and cannot be met, with a key from the API's list.

    :param key: such as ``UNKNOWN_SCHEDULE``.
    """

    def __init__(self, key: str, message: str, http_status: int = 400) -> None:
        super().__init__(message)
        self.key = key
        self.message = message
        self.http_status = http_status


def handle_errors(app: Flask) -> None:
    """Answer errors of requests to `app` as described above."""
    app.register_error_handler(Rejected, _answer_rejected)
    app.register_error_handler(DomainRejection, _answer_domain_rejection)
    app.register_error_handler(FmhostError, _answer_known)
    app.register_error_handler(IntegrityError, _answer_conflict)
    app.register_error_handler(DataError, _answer_unfit)
    app.register_error_handler(OperationalError, _answer_unreachable)
    app.register_error_handler(InterfaceError, _answer_unreachable)
    app.register_error_handler(PendingRollbackError, _answer_pending)
    app.register_error_handler(HTTPException, _answer_http)


def is_api_request() -> bool:
    """Whether the answer is for a program rather than a person."""
    return request.path == "/api" or request.path.startswith("/api/")


def rejection(http_status: int, key: str, message: Any) -> Response:
    """The answer to a request that is rejected."""
    body = {"result": "Rejected", "status": key, "message": _shortened(message)}
    if key == "INVALID_REPLACEMENT":
        body["results"] = "Rejected"  # clients look under this name here
    return _answer(body, http_status)


def _answer(body: Mapping[str, Any], http_status: int) -> Response:
    response = jsonify(body)
    response.status_code = http_status
    return response


def _shortened(message: Any) -> Any:
    if isinstance(message, Mapping):
        return {str(key): _shortened(value) for key, value in message.items()}
    if isinstance(message, list | tuple):
        return [_shortened(value) for value in message]
    text = str(message)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} [...]"


def show_errors_with(app: App, show: Callable[[int, str], ResponseReturnValue]) -> None:
    """Have people who ask for what is not there, or fails, see a page.

    :param show: makes the page of a status and a text. Programs are answered as ever.
    """
    app.extensions[_PAGES] = show


def _wants_page() -> bool:
    """Whether something makes pages of errors, and the answer is not to be JSON."""
    kinds = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return kinds == "text/html" and _PAGES in current_app.extensions


def _page(http_status: int, message: str) -> ResponseReturnValue:
    if _wants_page():
        page: ResponseReturnValue = current_app.extensions[_PAGES](http_status, message)
        return page
    kind = default_exceptions.get(http_status, InternalServerError)
    return kind(description=message).get_response()


def _answer_rejected(error: Rejected) -> ResponseReturnValue:
    return rejection(422, "UNPROCESSABLE_ENTITY", error.messages)


def _answer_domain_rejection(error: DomainRejection) -> ResponseReturnValue:
    if not is_api_request():
        return _page(error.http_status, error.message)
    return rejection(error.http_status, error.key, error.message)


def _answer_known(error: FmhostError) -> ResponseReturnValue:
    if error.http_status >= 500:
        logger.error("%s: %s", type(error).__name__, error)
    if not is_api_request():
        return _page(error.http_status, told(error))
    if isinstance(error, NotAuthenticated):
        return _answer({"status": "UNAUTHORIZED", "message": error.message}, 401)
    if isinstance(error, NotAuthorized):
        return rejection(403, "INVALID_SENDER", error.message)
    if isinstance(error, NotFound):
        return _answer({"message": _shortened(error.message), "status": 404}, 404)
    if isinstance(error, InvalidInput):
        return rejection(422, "UNPROCESSABLE_ENTITY", _placed(error))
    key = _KEYS.get(error.code, error.code.upper().replace("-", "_"))
    return rejection(error.http_status, key, told(error))


def told(error: FmhostError) -> str:
    """What whoever asks is told of an error: of database and Redis, not where they are."""
    if isinstance(error, QueueNotReady):
        return str(QueueNotReady("The job queue cannot be reached.", hint=error.hint))
    if isinstance(error, DatabaseNotReady):
        database = current_app.extensions["fmhost"]["installation"].database
        if str(database) in error.message:
            return str(DatabaseNotReady("The database is not ready.", hint=error.hint))
    return str(error)


def _placed(error: InvalidInput) -> dict[str, Any]:
    """The error's text below its place and field; a dot in the field's name goes one level down."""
    nested: Any = [str(error)]
    for part in reversed((error.field or "_schema").split(".")):
        nested = {part: nested}
    return {g.get("input_place", "json"): nested}


def _answer_conflict(error: IntegrityError) -> ResponseReturnValue:
    logger.warning("A write contradicts what is stored: %s", error.orig)
    return _answer_known(
        Conflict("The write contradicts what is stored.", hint="Read again, then repeat it.")
    )


def _answer_unfit(error: DataError) -> ResponseReturnValue:
    logger.warning("The database refuses a value: %s", error.orig)
    return _answer_known(InvalidInput("A value does not fit into the database."))


def _answer_unreachable(error: OperationalError | InterfaceError) -> ResponseReturnValue:
    logger.error("The database failed: %s", error.orig)
    return _answer_known(
        DatabaseNotReady("The database cannot be reached.", hint="Try again in a minute.")
    )


def _answer_pending(error: PendingRollbackError) -> ResponseReturnValue:
    if error.code != _CONNECTION_LOST:
        raise error  # a mistake of whoever went on after an error
    logger.error("The database was asked again after its connection was lost.")
    return _answer_known(
        DatabaseNotReady("The database cannot be reached.", hint="Try again in a minute.")
    )


def _answer_http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error
    if not is_api_request():
        if isinstance(error, SecurityError) or not _wants_page():
            return error  # no page belongs to a host of another name
        return _page(error.code or 500, error.description or "")
    status = error.code or 500
    if status == 405:
        response = rejection(
            405, "INVALID_METHOD", f"Request method {request.method} not supported."
        )
    elif status == 413:
        response = rejection(413, "PAYLOAD_TOO_LARGE", "The body of the request is too large.")
    elif status >= 500:
        request_id = g.get("request_id", "-")
        message = f"Something went wrong in the server; it is logged under {request_id}."
        response = _answer({"message": message, "status": status}, status)
    else:
        response = _answer({"message": _shortened(error.description), "status": status}, status)
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response
