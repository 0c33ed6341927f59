"""Read the arguments of a request, by marshmallow schemas through webargs.

Errors are reported below the place from which the arguments came. Unknown fields of a body are
refused, unknown parameters of a query are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request, current_app, g, request
from marshmallow import RAISE, Schema, ValidationError
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from fmhost.api.errors import DomainRejection, Rejected
from fmhost.domain.json_values import require_storable
from fmhost.errors import InvalidInput

#: Sensor data are asked for and posted with the query and the body taken together.
COMBINED = "combined_sensor_data_description"

_NOT_JSON = "Content-type of request must be application/json"


class Parser(FlaskParser):  # type: ignore[misc]  # webargs is not followed by the type checker
    """Our places, strictness and errors."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, COMBINED: RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as JSON; nothing where there is no body."""
        return read_json(req)

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, **options: Any
    ) -> NoReturn:
        """Raise the error as one of ours."""
        raise Rejected(dict(error.messages_dict)) from error


parser = Parser()


@parser.location_loader(COMBINED)  # type: ignore[untyped-decorator]
def _load_combined(req: Request, schema: Schema) -> Any:
    body = read_json(req)
    if body is not missing and not isinstance(body, Mapping):
        return body  # the schema says what is wrong with it
    return {**_query(req), **({} if body is missing else body)}


def _query(req: Request) -> dict[str, str]:
    _require_storable(req.args, COMBINED)
    return dict(req.args.items())


def read_json(req: Request) -> Any:
    """The body of the request as JSON, or `missing` where it has none.

    :raises DomainRejection: where there is a body and it is no JSON.
    :raises Rejected: where it is JSON that nobody can mean.
    """
    if not req.is_json:
        if req.get_data(cache=True):
            raise DomainRejection("INVALID_REQUEST", _NOT_JSON)
        return missing
    if not req.get_data(cache=True).strip():
        return missing
    try:
        body = req.get_json()  # parsed once: the search for a token has looked at it already
    except BadRequest as error:
        raise DomainRejection("INVALID_REQUEST", _why_not_json(req)) from error
    _require_storable(body, str(g.get("input_place", "json")))
    return body


def _why_not_json(req: Request) -> str:
    reason = ""
    try:
        current_app.json.loads(req.get_data(cache=True))
    except ValueError as error:
        reason = f": {error}"
    return f"The body of the request is not valid JSON{reason}."


def _require_storable(given: Any, place: str) -> None:
    """Refuse numbers and texts that no database stores, and nesting that nobody means.

    :raises Rejected: naming the field.
    """
    fields = given.items() if isinstance(given, Mapping) else [("_schema", given)]
    for name, value in fields:
        try:
            require_storable(name, "_schema")
            require_storable(value, name)
        except InvalidInput as error:
            raise Rejected({place: {error.field: [error.message]}}) from error


def arguments(schema: Schema, place: str) -> dict[str, Any]:
    """The arguments of the current request, as `schema` loads them.

    :param place: ``json``, ``query`` or :data:`COMBINED`.
    :raises Rejected: where they do not validate.
    """
    if place == "query":
        _require_storable(request.args, place)
    parsed: dict[str, Any] = parser.parse(schema, request, location=place)
    return parsed
