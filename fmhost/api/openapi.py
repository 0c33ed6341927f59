"""One OpenAPI document for the API of the kernel and of all plugins.

It is made of what the operations say about themselves, and of the schemas that load their
arguments and describe their answers; no part of it is written twice.
"""

from __future__ import annotations

import copy
import json
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

from fmhost import __version__
from fmhost.api.blueprints import GuardedFlask
from fmhost.api.deprecation import Deprecation, deprecation_of
from fmhost.api.limits import is_limited
from fmhost.api.openapi_answers import responses, shared_responses
from fmhost.api.openapi_drivers import describe_drivers, flexibility
from fmhost.api.openapi_links import add_links
from fmhost.api.openapi_schemas import Converter, JsonObject, new_document
from fmhost.api.operations import Operation, operations
from fmhost.host.host import Host
from fmhost.schemas.answers import MESSAGES
from fmhost.schemas.fields import LARGEST_ID

logger = logging.getLogger("fmhost.host")

_VARIABLE = re.compile(r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")

_ID: JsonObject = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
_UUID: JsonObject = {"type": "string", "format": "uuid"}

#: What a variable of a URL stands for, by its converter.
_CONVERTED: Mapping[str, JsonObject] = {
    "int": {"type": "integer", "minimum": 0},
    "float": {"type": "number", "minimum": 0},
    "uuid": _UUID,
}

_DESCRIPTION = """\
All moments are written in ISO 8601 with their offset from UTC, all durations in ISO 8601.
An object that has no key `status` of its own gets the HTTP status under that key.
Requests that change something in the name of a browser session need its CSRF token; those with an
access token do not.
"""


def build_document(app: Flask, host: Host) -> JsonObject:
    """The whole document: operations, flex-models and flex-contexts, and what plugins add.

    Imports every scheduler and forecaster.
    """
    document = describe(app, host)
    extensions = host.hooks.call_each("fmhost_openapi_extend", spec=copy.deepcopy(document))
    for record, extension in extensions:
        if _is_json_object(extension):
            document = _merged(document, extension)
        else:
            logger.error("%s: its fmhost_openapi_extend gave no JSON object.", record)
    return document


def describe(app: Flask, host: Host | None = None) -> JsonObject:
    """The document as the operations make it.

    :param host: has the schedulers and forecasters to describe; None for none.
    """
    spec, converter = new_document(
        "fmhost",
        __version__,
        info={"description": _DESCRIPTION, "license": {"name": "Apache-2.0"}},
        servers=[{"url": "/"}],
        security=[{"token": []}, {"session": []}],
    )
    for name, scheme in _security_schemes(app).items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("Messages", dict(MESSAGES))
    with converter.using(answering=True, owner=None):
        for name, response in shared_responses(converter).items():
            spec.components.response(name, response)
    for path, methods in _paths(app, converter).items():
        spec.path(path=path, operations=methods)
    drivers = {} if host is None else describe_drivers(host, converter)
    for name, schema in flexibility(drivers.get("x-schedulers", {})).items():
        spec.components.schema(name, schema)
    document = {**spec.to_dict(), **drivers}
    # Without what only Python tells apart, and without shared parts.
    plain: JsonObject = json.loads(json.dumps(document, default=str))
    return plain


def _security_schemes(app: Flask) -> dict[str, JsonObject]:
    return {
        "token": {
            "type": "apiKey",
            "in": "header",
            "name": app.config["SECURITY_TOKEN_AUTHENTICATION_HEADER"],
            "description": "An access token, from POST /api/requestAuthToken.",
        },
        "key": {
            "type": "apiKey",
            "in": "header",
            "name": app.config["SECURITY_TOKEN_AUTHENTICATION_HEADER"],
            "description": "An API key, from POST /api/v3_0/api-keys. Operations name the scope "
            "that it needs; for others it takes an access token or a session.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": app.config["SESSION_COOKIE_NAME"],
            "description": "The session of a browser that is logged in.",
        },
    }


def path_of(rule: str) -> str:
    """The path of a URL rule as the document has it: ``/sensors/{id}``."""
    return _VARIABLE.sub(r"{\g<name>}", rule)


def _paths(app: Flask, converter: Converter) -> dict[str, JsonObject]:
    paths: dict[str, JsonObject] = {}
    known: dict[tuple[str, str], JsonObject] = {}
    served = list(operations(app))
    for rule, operation in served:
        owner = app.owner_of(rule) if isinstance(app, GuardedFlask) else None
        name = None if owner is None else owner.name
        try:
            announced = deprecation_of(app, operation.endpoint)
            described = _operation(rule, operation, name, announced, converter)
        except Exception:  # whatever a plugin's schema does
            if owner is None:
                raise
            logger.exception("%s: %s cannot be described.", owner, operation.endpoint)
            continue
        paths.setdefault(path_of(rule), {})[operation.method.lower()] = described
        known[rule, operation.method] = described
    add_links(known, served)
    return paths


def _operation(
    rule: str,
    operation: Operation,
    owner: str | None,
    deprecation: Deprecation | None,
    converter: Converter,
) -> JsonObject:
    described: JsonObject = {
        "operationId": operation.endpoint,
        "summary": operation.summary,
        "tags": [operation.endpoint.rpartition(".")[0].replace("_", " ")],
    }
    if operation.description:
        described["description"] = operation.description
    if owner is not None:
        described["x-plugin"] = owner
    if operation.public:
        described["security"] = []
    elif operation.scope is not None:
        described["security"] = [{"token": []}, {"session": []}, {"key": [str(operation.scope)]}]
    if deprecation is not None:
        described["deprecated"] = True
    variables = list(_variables(rule))
    with converter.using(answering=False, owner=owner):
        parameters = [*variables, *_query(operation, converter)]
        if parameters:
            described["parameters"] = parameters
        if operation.has_body:
            described["requestBody"] = _body(operation, converter)
    with converter.using(answering=True, owner=owner):
        described["responses"] = responses(
            operation,
            converter,
            variables=bool(variables),
            limited=is_limited(rule),
            may_be_gone=deprecation is not None and deprecation.may_be_gone,
        )
    return described


def _variables(rule: str) -> Iterator[JsonObject]:
    for variable in _VARIABLE.finditer(rule):
        name = variable["name"]
        schema = _CONVERTED.get(variable["converter"] or "") or _named(name)
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _named(name: str) -> JsonObject:
    """What a variable without a converter stands for."""
    if name == "id" or name.endswith("_id"):
        return _ID
    return _UUID if name == "uuid" else {"type": "string"}


def _query(operation: Operation, converter: Converter) -> list[JsonObject]:
    if operation.schema is None or operation.has_body:
        return []
    found: list[JsonObject] = converter.schema2parameters(operation.schema, location="query")
    return found


def _body(operation: Operation, converter: Converter) -> JsonObject:
    schema = operation.schema
    assert schema is not None
    required = not schema.partial and any(field.required for field in schema.fields.values())
    content = {operation.media: {"schema": converter.describe(schema)}}
    return {"required": required, "content": content}


def _is_json_object(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> JsonObject:
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(before, value)
        else:
            merged[key] = value
    return merged
