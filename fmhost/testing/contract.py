"""A client that checks every answer of an operation against the API's document.

What the document does not mention is a deviation, too: a status, a key of an error, a field. The
document leaves it to the server to add fields later; here they are closed.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from fmhost.api.deprecation import deprecation_of
from fmhost.api.openapi import describe, path_of
from fmhost.api.openapi_answers import component_name
from fmhost.api.operations import Operation, operation_of, operations

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

JsonObject = dict[str, Any]


class Contract:
    """The document of an application, as a judge of its answers."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        document = _document(app)
        self._paths: JsonObject = document["paths"]
        components = document["components"]
        self._responses: JsonObject = components["responses"]
        schemas = components["schemas"]
        self._components = {
            "schemas": {name: closed(schema) for name, schema in schemas.items()},
            # The same, to be completed by what stands beside the reference.
            "open": {name: opened(schema) for name, schema in schemas.items()},
        }

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """See that an answer is as documented; what is no operation is passed over.

        :raises AssertionError: saying where it deviates.
        """
        documented = self._documented(method, path, answer)
        if documented is None:
            return
        deviations = list(self._deviations(documented, answer))
        if deviations:
            lines = "\n".join(deviations[:5])
            raise AssertionError(
                f"{method} {path} -> {answer.status_code} deviates from the document:\n{lines}\n"
                f"{answer.text[:1000]}"
            )

    def _documented(self, method: str, path: str, answer: TestResponse) -> JsonObject | None:
        """What the document says of the answer."""
        try:
            rule, _ = self._app.url_map.bind("localhost").match(path, method, return_rule=True)
        except (NotFound, MethodNotAllowed) as error:
            below_api = path.startswith("/api/") and error.code == answer.status_code
            found = self._responses[component_name(error.code)] if below_api else None
            return found if method != "HEAD" else None
        except HTTPException:  # a redirect
            return None
        operation = operation_of(self._app, rule.endpoint)
        if operation is None or method != operation.method:
            return None
        return self._response(rule.rule, operation, answer.status_code)

    def _response(self, rule: str, operation: Operation, status: int) -> JsonObject:
        responses = self._paths[path_of(rule)][operation.method.lower()]["responses"]
        response: JsonObject | None = responses.get(str(status))
        if response is None:
            known = ", ".join(responses)
            raise AssertionError(
                f"{operation.endpoint} answered {status}, and the document knows {known}."
            )
        if "$ref" in response:
            response = self._responses[response["$ref"].rpartition("/")[2]]
        return response

    def _deviations(self, documented: JsonObject, answer: TestResponse) -> list[str]:
        content = documented.get("content")
        if content is None:
            return [] if not answer.data else ["$: a body, where none is documented"]
        if answer.mimetype not in content:
            return [f"$: its type is {answer.mimetype}, not {', '.join(content)}"]
        from jsonschema import Draft202012Validator  # only tests of an API need the validator

        schema = {**closed(content[answer.mimetype]["schema"]), "components": self._components}
        errors = Draft202012Validator(schema).iter_errors(answer.get_json())
        return [f"{error.json_path}: {error.message}" for error in errors]


#: How many documents are remembered: tests with the same plugins follow each other.
_KEPT = 4

#: Documents by what they are made of.
_documents: OrderedDict[tuple[object, ...], JsonObject] = OrderedDict()


def _document(app: Flask) -> JsonObject:
    """The document of an application; the same one for applications with the same operations."""
    parts = tuple(
        (rule, each.method, each.endpoint, each.view, repr(deprecation_of(app, each.endpoint)))
        for rule, each in operations(app)
    )
    key = (*parts, app.config["SECURITY_TOKEN_AUTHENTICATION_HEADER"])
    if key not in _documents:
        _documents[key] = describe(app)
        if len(_documents) > _KEPT:
            _documents.popitem(last=False)
    return _documents[key]


def closed(schema: Any) -> Any:
    """The schema with objects that have no other properties than it knows.

    An object may be described by several schemas together; what any of them knows is known.
    """
    if not isinstance(schema, dict):
        return schema
    narrowed = opened(schema)
    described = "properties" in narrowed or "allOf" in narrowed
    if described and "additionalProperties" not in narrowed:
        narrowed["unevaluatedProperties"] = False
    return narrowed


def opened(schema: Any) -> Any:
    """The schema with every object in it closed, but the outermost."""
    if not isinstance(schema, dict):
        return schema
    found = dict(schema)
    for name in ("properties", "patternProperties"):
        if name in schema:
            found[name] = {key: closed(each) for key, each in schema[name].items()}
    for name in ("items", "additionalProperties"):
        if name in schema:
            found[name] = closed(schema[name])
    for name in ("anyOf", "oneOf"):
        if name in schema:
            found[name] = [closed(each) for each in schema[name]]
    if "allOf" in schema:
        found["allOf"] = [_part(each) for each in schema["allOf"]]
    return found


def _part(schema: Any) -> Any:
    """One of the schemas that describe an object together."""
    found = opened(schema)
    if "$ref" in found:
        found["$ref"] = found["$ref"].replace("/schemas/", "/open/")
    return found


class ContractClient(FlaskClient):
    """A test client whose requests fail where the answer deviates from the API's document."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        """Send a request; see :meth:`werkzeug.test.Client.open`.

        :raises AssertionError: where the answer is not as documented.
        """
        answer = super().open(*arguments, **options)
        known = self.application.extensions["fmhost"]
        if "contract" not in known:
            known["contract"] = Contract(self.application)
        contract: Contract = known["contract"]
        contract.check(answer.request.method, answer.request.path, answer)
        return answer
