"""Operations of the API: a method and a path, with all that holds before and after its view runs.

A view gets what its schema loaded, and returns what :func:`answer` takes. Around it:
authentication, parsing, one transaction, and the conventions of answers. What an operation says
about itself stands in the API's document, see :mod:`fmhost.api.openapi`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask_security import auth_required
from marshmallow import Schema

from fmhost.api import parsing
from fmhost.api.repeats import repeatable
from fmhost.api.unit_of_work import current_installation, unit_of_work
from fmhost.auth.api_keys import Scope, require_scope

#: What a view returns: a body; or a body with an HTTP status and headers.
Answer = Any
View = Callable[..., Answer]

#: What describes a body: a marshmallow schema; or a JSON Schema, for what is no object of ours; or
#: several of these, any of which may be.
Body = Schema | type[Schema] | Mapping[str, Any] | tuple["Body", ...]

#: Largest body of a request, where the operation has no other limit [bytes].
LARGEST_BODY = 4 * 1024**2

#: Scope of operations that say none: to read, for those that do nothing else.
BY_METHOD = "by-method"

_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS", "DELETE")


@dataclass(frozen=True, slots=True)
class Operation:
    """What is known about one operation without running it.

    :param public: whether it answers without a login.
    :param writes: whether it may write to the database.
    :param schema: of its arguments, and `place` where they are.
    :param answers: the body of each answer that is no error, by HTTP status; None for none.
    :param errors: keys of domain errors that it can answer with, by HTTP status, besides those
        that every operation can.
    :param limit: name of the setting with the largest size of a body.
    :param media: type of a body.
    :param scope: which scope an API key needs; None where no key is good for it.
    :param names: where its answers name something, by the collection: ``{"assets": "/id"}``.
    :param leads_to: endpoints that tell more about what its path names, after it.
    :param view: does it, within the request and its transaction; gets what the schema loaded as
        `given`, where there is a schema and it `parses`.
    :param summary: one line; `description` is what more there is to say.
    """

    method: str
    endpoint: str
    public: bool
    writes: bool
    schema: Schema | None
    place: str
    answers: Mapping[int, Body | None]
    errors: Mapping[int, Sequence[str]]
    limit: str | None
    media: str
    scope: Scope | None
    names: Mapping[str, str]
    leads_to: Sequence[str]
    view: View
    parses: bool
    summary: str
    description: str = ""

    @property
    def has_body(self) -> bool:
        """Whether its arguments come in the body of the request."""
        in_query = self.place == "query" or self.method in _WITHOUT_BODY
        return self.schema is not None and not in_query


class Resource(Blueprint):
    """A blueprint whose views are operations.

    A plugin offers one as it offers any blueprint, in :class:`~fmhost.plugin.Pages`.
    """

    def __init__(self, name: str, import_name: str, *, url_prefix: str, **options: Any) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix, **options)

    def operation(
        self,
        method: str,
        path: str,
        *,
        schema: Schema | None = None,
        place: str | None = None,
        parse: bool = True,
        answer: Body | None = None,
        answers: Mapping[int, Body | None] | None = None,
        errors: Mapping[int, Sequence[str]] | None = None,
        public: bool = False,
        writes: bool | None = None,
        limit: str | None = None,
        media: str = "application/json",
        scope: str | None = BY_METHOD,
        names: Mapping[str, str] | None = None,
        leads_to: Sequence[str] = (),
        repeat: bool = False,
        either_slash: bool = False,
    ) -> Callable[[View], View]:
        """Make the decorated function an operation.

        The first line of its docstring is the summary of the operation.

        :param schema: loads the arguments; the view gets the result as `given`.
        :param place: where the arguments are; default the body, or the query where the method has
            no body.
        :param parse: False where the view reads the arguments itself, and gets no `given`.
        :param answer: what the body of the answer is; short for ``answers={200: ...}``.
        :param answers: the same by HTTP status; None for an answer without a body.
        :param errors: keys of domain errors by HTTP status, beyond those of every operation.
        :param public: answer without a login.
        :param writes: whether the view writes; default by the method.
        :param limit: name of the setting with the largest size of the body [bytes]; else
            :data:`LARGEST_BODY` holds.
        :param media: type of the body; other than JSON only where `parse` is False.
        :param scope: what an API key must be good for: ``read``, ``write-data`` or ``trigger``;
            None where no key is good for it, but a login alone. By default, keys that may read are
            good for ``GET``.
        :param names: what its answers that are no errors name: JSON pointers to ids, by the part
            of paths below which such ids stand, ``{"assets": "/id"}``. In the API's document they
            link to all that can be done with it.
        :param leads_to: endpoints of operations on what the path of this one names, such as one
            that shows what this one stored; the document links to them.
        :param repeat: whether the operation, which does nothing but write beliefs, is run again
            where the database had it give way to another one.
        :param either_slash: whether the path may also end with a slash.
        """
        reads_query = method in _WITHOUT_BODY
        place = place or ("query" if reads_query else "json")
        writes = not reads_query if writes is None else writes
        needed = _scope(scope, method)

        def decorate(view: View) -> View:
            summary, _, description = inspect.cleandoc(view.__doc__ or "").partition("\n\n")
            operation = Operation(
                method=method,
                endpoint=f"{self.name}.{view.__name__}",
                public=public,
                writes=writes,
                schema=schema,
                place=place,
                answers=answers or ({} if answer is None else {200: answer}),
                errors=errors or {},
                limit=limit,
                media=media,
                scope=None if public else needed,
                names=names or {},
                leads_to=leads_to,
                view=view,
                parses=parse,
                summary=" ".join(summary.split()),
                description=description,
            )
            run = _in_transaction(_with_arguments(view, schema, place) if parse else view)
            if not public:
                run = auth_required("token", "session")(_within_scope(run, needed))
            guarded = repeatable(run) if repeat else run
            guarded.__dict__.update(operation=operation, writes=writes)
            slashes = {"strict_slashes": False} if either_slash else {}
            self.add_url_rule(path, view.__name__, guarded, methods=[method], **slashes)
            return view

        return decorate


def operation_of(app: Flask, endpoint: str | None) -> Operation | None:
    """The operation behind an endpoint; None where that is something else, a page say."""
    view = app.view_functions.get(endpoint or "")
    found: Operation | None = getattr(view, "operation", None)
    if found is None or endpoint is None or found.endpoint == endpoint:
        return found
    return replace(found, endpoint=endpoint)  # its blueprint has got another name


def operations(app: Flask) -> Iterator[tuple[str, Operation]]:
    """Every operation that the application serves, those of plugins included, by rule of the URL.

    Ordered by URL and method.
    """
    found = (
        (rule.rule, operation_of(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        if not rule.build_only
    )
    served = [(rule, operation) for rule, operation in found if operation is not None]
    yield from sorted(served, key=lambda item: (item[0], item[1].method))


def prepare_operations(app: Flask) -> None:
    """Set what holds for a request before anybody looks at it, for a token say.

    A view that is no operation, a page, may have an attribute ``limit`` as operations do.
    """

    @app.before_request
    def prepare() -> None:
        operation = operation_of(current_app, request.endpoint)
        if operation is None:
            view = current_app.view_functions.get(request.endpoint or "")
            limit = getattr(view, "limit", None)
        else:
            g.input_place = operation.place
            limit = operation.limit
        largest = LARGEST_BODY if limit is None else current_installation().settings[limit]
        request.max_content_length = None if largest is None else int(largest)


def _scope(given: str | None, method: str) -> Scope | None:
    if given == BY_METHOD:
        return Scope.READ if method in ("GET", "HEAD", "OPTIONS") else None
    return None if given is None else Scope(given)


def _within_scope(view: View, scope: Scope | None) -> View:
    @wraps(view)
    def run(**path: Any) -> Response:
        require_scope(scope)
        response: Response = view(**path)
        return response

    return run


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

    :param result: a response; a body; or a body (None for none), an HTTP status and optionally
        headers. A JSON object that has no key ``status`` of its own gets the HTTP status under
        that key.
    """
    if isinstance(result, Response):
        return result
    body, status, headers = result, 200, {}
    if isinstance(result, tuple):
        body, status, headers = (*result, {})[:3]
    if body is None:
        # Clients read every answer as JSON, also where there is none.
        return Response(status=status, headers=headers, mimetype="application/json")
    if isinstance(body, Mapping) and "status" not in body:
        body = {**body, "status": status}
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers)
    return response
