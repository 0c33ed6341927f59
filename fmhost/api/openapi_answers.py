"""The responses of an operation in the API's document: what it answers, and every error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema

from fmhost.api.openapi_schemas import Converter, JsonObject
from fmhost.api.operations import Body, Operation
from fmhost.schemas.answers import (
    HttpErrorSchema,
    InvalidSchema,
    RejectionSchema,
    UnauthorizedSchema,
)

#: The errors that operations share: why they come, and the shapes of their bodies.
SHARED: Mapping[int, tuple[str, tuple[type[Schema], ...]]] = {
    400: ("The request is malformed.", (RejectionSchema, HttpErrorSchema)),
    401: ("Nobody is logged in.", (UnauthorizedSchema,)),
    403: ("The user lacks the permission.", (RejectionSchema,)),
    404: ("Something that the request names does not exist.", (HttpErrorSchema,)),
    405: ("The path does not have this method.", (RejectionSchema,)),
    409: ("The write contradicts what is stored.", (RejectionSchema,)),
    410: ("What the request uses has been sunset.", (HttpErrorSchema,)),
    413: ("The body of the request is too large.", (RejectionSchema,)),
    422: ("The request does not validate.", (InvalidSchema,)),
    429: ("There are too many requests: more than a rate limit allows.", (RejectionSchema,)),
    500: ("The server failed.", (HttpErrorSchema, RejectionSchema)),
    503: ("The database or the queue cannot be reached.", (RejectionSchema,)),
}

#: The keys of shared errors whose body has one.
_KEYS: Mapping[int, tuple[str, ...]] = {
    400: ("INVALID_REQUEST",),
    403: ("INVALID_SENDER",),
    405: ("INVALID_METHOD",),
    409: ("CONFLICT",),
    413: ("PAYLOAD_TOO_LARGE",),
    429: ("TOO_MANY_REQUESTS",),
    503: ("DATABASE_NOT_READY", "QUEUE_NOT_READY"),
}


def component_name(status: int) -> str:
    """The name under which a shared error stands among the components."""
    return HTTPStatus(status).phrase.replace(" ", "").replace("-", "")


def shared_responses(converter: Converter) -> Mapping[str, JsonObject]:
    """The components for the errors that operations share."""
    return {
        component_name(status): _response(reason, _shapes(converter, status))
        for status, (reason, _) in SHARED.items()
    }


def responses(
    operation: Operation,
    converter: Converter,
    *,
    variables: bool,
    limited: bool,
    may_be_gone: bool,
) -> JsonObject:
    """Every response of an operation by HTTP status.

    :param variables: whether its path has variables.
    :param limited: whether a rate limit holds for it.
    :param may_be_gone: whether it is deprecated, so that some day it answers 410.
    """
    found: JsonObject = {}
    shared = set(_shared_errors(operation, variables))
    if limited:
        shared.add(429)
    if may_be_gone or _has_deprecated_fields(operation):
        shared.add(410)
    answers = operation.answers or {200: {}}
    for status in sorted({*answers, *operation.errors, *shared}):
        keys = tuple(operation.errors.get(status, ()))
        if status in shared and status not in answers and not keys:
            reference = f"#/components/responses/{component_name(status)}"
            found[str(status)] = {"$ref": reference}
            continue
        shapes = [_body(answers[status], status, converter)] if status in answers else []
        if status in shared:
            shapes += _shapes(converter, status, keys)
        elif keys:
            shapes.append(_rejection(converter, keys))
        reason = SHARED[status][0] if status in shared else HTTPStatus(status).phrase
        found[str(status)] = _response(reason, [shape for shape in shapes if shape is not None])
    return found


def _has_deprecated_fields(operation: Operation) -> bool:
    return 410 in operation.errors or bool(getattr(operation.schema, "also_accepts", None))


def _shared_errors(operation: Operation, variables: bool) -> Iterator[int]:
    yield from (400, 500, 503)
    takes_input = operation.schema is not None or variables
    if not operation.public:
        yield from (401, 403)
    if variables or (takes_input and not operation.public):
        yield 404
    if takes_input:
        yield 422
    if operation.has_body or operation.place != "query":
        yield 413
    if operation.writes:
        yield 409


def _shapes(converter: Converter, status: int, more: tuple[str, ...] = ()) -> list[JsonObject]:
    keys = (*_KEYS.get(status, ()), *more)
    return [
        _rejection(converter, keys if status < 500 or status == 503 else ())
        if kind is RejectionSchema
        else converter.describe(kind)
        for kind in SHARED[status][1]
    ]


def _rejection(converter: Converter, keys: tuple[str, ...]) -> JsonObject:
    """A rejection with one of these keys; with any where there are none."""
    shape = converter.describe(RejectionSchema)
    if not keys:
        return shape
    return {"allOf": [shape, {"properties": {"status": {"enum": sorted(set(keys))}}}]}


def _body(body: Body | None, status: int, converter: Converter) -> JsonObject | None:
    """A body as it leaves: objects without a status of their own get the HTTP status."""
    if body is None:
        return None
    if isinstance(body, tuple):
        return {"anyOf": [_body(each, status, converter) for each in body]}
    shape = converter.describe(body)
    if isinstance(body, Mapping):
        return shape
    instance = body() if isinstance(body, type) else body
    names = {field.data_key or name for name, field in instance.fields.items()}
    if instance.many or "status" in names:
        return shape
    own: dict[str, Any] = {"properties": {"status": {"const": status}}, "required": ["status"]}
    return {"allOf": [shape, own]}


def _response(reason: str, shapes: list[JsonObject]) -> JsonObject:
    response: JsonObject = {"description": reason}
    if shapes:
        schema = shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
        response["content"] = {"application/json": {"schema": schema}}
    return response
