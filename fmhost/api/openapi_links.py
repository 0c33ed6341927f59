"""Links from an answer to what can be done next, as the API's document has them.

They follow from what operations say: which collections the ids in their answers belong to
(``names``), and where the outcome is to be seen (``leads_to``). What has such an id in its path,
its query or, as something that it needs, in its body, is linked to: operations of plugins, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from fmhost.api.openapi_schemas import JsonObject
from fmhost.api.operations import Operation
from fmhost.schemas.fields import EntityId

_VARIABLE = re.compile(r"(?P<before>[^/]*)/<(?:\w+(?:\([^)]*\))?:)?(?P<name>\w+)>")


def add_links(
    described: Mapping[tuple[str, str], JsonObject], served: Sequence[tuple[str, Operation]]
) -> None:
    """Write the links into the responses of operations that have them.

    :param described: what the document says of an operation, by its rule and method.
    :param served: rules and operations, all that can be linked to.
    """
    targets = [(rule, each) for rule, each in served if (rule, each.method) in described]
    for rule, operation in targets:
        links = {name: link for name, link in _links(rule, operation, targets) if len(link) > 1}
        for status in operation.answers if links else ():
            if 200 <= status < 300:
                responses = described[rule, operation.method]["responses"]
                responses[str(status)]["links"] = links


def _links(
    rule: str, operation: Operation, targets: Sequence[tuple[str, Operation]]
) -> Iterator[tuple[str, JsonObject]]:
    for collection, pointer in operation.names.items():
        value = f"$response.body#{pointer}"
        for target_rule, target in targets:
            yield target.endpoint, _naming(rule, collection, value, target_rule, target)
    for target_rule, target in targets:
        if target.endpoint in operation.leads_to:
            yield target.endpoint, _about_the_same(rule, operation, target_rule, target)


def _naming(
    rule: str, collection: str, value: str, target_rule: str, target: Operation
) -> JsonObject:
    """A link to an operation on what an answer names; nothing but a name where it is none."""
    link: JsonObject = {"operationId": target.endpoint}
    variables = _variables(target_rule)
    if collection in variables.values():
        known = _variables(rule)
        found = {
            name: value if before == collection else f"$request.path.{name}"
            for name, before in variables.items()
            if before == collection or known.get(name) == before
        }
        return link | {"parameters": found} if len(found) == len(variables) else link
    if variables or target.schema is None:
        return link
    if not target.has_body and any(field.required for field in target.schema.fields.values()):
        return link
    kind = collection.removesuffix("s")
    for name, field in target.schema.fields.items():
        if isinstance(field, EntityId) and field.kind == kind:
            if not target.has_body:
                return link | {"parameters": {f"query.{field.data_key or name}": value}}
            if field.required:
                return link | {"requestBody": {field.data_key or name: value}}
    return link


def _about_the_same(
    rule: str, operation: Operation, target_rule: str, target: Operation
) -> JsonObject:
    """A link to an operation on what the path of the request names.

    What it needs besides is taken from the request's body, where that needs it, too. It is nothing
    but a name where the two are about something else.
    """
    known = {name: before.removesuffix("s") for name, before in _variables(rule).items()}
    wanted = {name: before.removesuffix("s") for name, before in _variables(target_rule).items()}
    link: JsonObject = {"operationId": target.endpoint}
    if any(known.get(name) != before for name, before in wanted.items()):
        return link
    found = {name: f"$request.path.{name}" for name in wanted}
    if target.schema is not None and operation.schema is not None and not target.has_body:
        given = {
            field.data_key or name
            for name, field in operation.schema.fields.items()
            if field.required and operation.has_body
        }
        for name, field in target.schema.fields.items():
            key = field.data_key or name
            if field.required and key in given:
                found[f"query.{key}"] = f"$request.body#/{key}"
    return link | {"parameters": found}


def _variables(rule: str) -> dict[str, str]:
    """What stands before each variable of a rule, by its name."""
    return {found["name"]: found["before"] for found in _VARIABLE.finditer(rule)}
