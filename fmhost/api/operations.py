"""Operations of the API: a method and a path, with all that holds before and after its view runs.

A view gets what its schema loaded, and returns what :func:`answer` takes. Around it:
authentication, parsing, one transaction, and the conventions of answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask_security import auth_required
from marshmallow import Schema

from fmhost.api import parsing
from fmhost.api.unit_of_work import current_installation, unit_of_work

#: What a view returns: a body; or a body with an HTTP status and headers.
Answer = Any
View = Callable[..., Answer]

#: Largest body of a request, where the operation has no other limit [bytes].
LARGEST_BODY = 4 * 1024**2

_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS", "DELETE")


@dataclass(frozen=True, slots=True)
class Operation:
    """What is known about one operation without running it.

    :param path: rule of the URL.
    :param public: whether it answers without a login.
    :param writes: whether it may write to the database.
    :param schema: of its arguments, and `place` where they are.
    """

    method: str
    path: str
    endpoint: str
    public: bool
    writes: bool
    schema: Schema | None
    place: str
    summary: str


class Resource(Blueprint):
    """A blueprint whose views are operations."""

    def __init__(self, name: str, import_name: str, *, url_prefix: str) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.operations: list[Operation] = []

    def operation(
        self,
        method: str,
        path: str,
        *,
        schema: Schema | None = None,
        place: str | None = None,
        public: bool = False,
        writes: bool | None = None,
        limit: str | None = None,
    ) -> Callable[[View], View]:
        """Make the decorated function an operation.

        :param schema: loads the arguments; the view gets the result as `given`.
        :param place: where the arguments are; default the body, or the query where the method has
            no body.
        :param public: answer without a login.
        :param writes: whether the view writes; default by the method.
        :param limit: name of the setting with the largest size of the body [bytes]; else
            :data:`LARGEST_BODY` holds.
        """
        reads_query = method in _WITHOUT_BODY
        place = place or ("query" if reads_query else "json")
        writes = not reads_query if writes is None else writes

        def decorate(view: View) -> View:
            run = _in_transaction(_with_arguments(view, schema, place))
            guarded = run if public else auth_required("token", "session")(run)
            guarded.__dict__.update(writes=writes, place=place, limit=limit)
            self.add_url_rule(path, view.__name__, guarded, methods=[method])
            self.operations.append(
                Operation(
                    method=method,
                    path=f"{self.url_prefix}{path}",
                    endpoint=f"{self.name}.{view.__name__}",
                    public=public,
                    writes=writes,
                    schema=schema,
                    place=place,
                    summary=(view.__doc__ or "").strip().partition("\n")[0],
                )
            )
            return view

        return decorate


def prepare_operations(app: Flask) -> None:
    """Set what holds for an operation before anybody looks at the request, for a token say."""

    @app.before_request
    def prepare() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        place: str | None = getattr(view, "place", None)
        if place is None:
            return
        g.input_place = place
        limit: str | None = getattr(view, "limit", None)
        largest = LARGEST_BODY if limit is None else current_installation().settings[limit]
        request.max_content_length = None if largest is None else int(largest)


def _with_arguments(view: View, schema: Schema | None, place: str) -> View:
    if schema is None:
        return view

    @wraps(view)
    def run(**path: Any) -> Answer:
        return view(**path, given=parsing.arguments(schema, place))

    return run


def _in_transaction(view: View) -> View:
    @wraps(view)
    def run(**path: Any) -> Response:
        response = answer(view(**path))
        if response.status_code < 400:
            unit_of_work().commit()
        return response

    return run


def answer(result: Answer) -> Response:
    """The response that a view's result stands for.

    :param result: a response; a body; or a body, an HTTP status and optionally headers. A JSON
        object that has no key ``status`` of its own gets the HTTP status under that key.
    """
    if isinstance(result, Response):
        return result
    body, status, headers = result, 200, {}
    if isinstance(result, tuple):
        body, status, headers = (*result, {})[:3]
    if isinstance(body, Mapping) and "status" not in body:
        body = {**body, "status": status}
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers)
    return response
