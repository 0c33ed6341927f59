"""The API's OpenAPI document as a page in Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fmhost.api.openapi_answers import SHARED, component_name

JsonObject = Mapping[str, Any]

_INTRODUCTION = """\
# The API

<!-- Made by `make docs` from the operations and their schemas; edit those. -->

This page is made from the OpenAPI document that every installation serves at
`/api/v3_0/openapi.json`, here with the built-in plugins. Each installation shows its own, with what
its plugins add, at `/docs/`.

"""


def reference(document: JsonObject) -> str:
    """The page: every operation, then every schema."""
    lines = [_INTRODUCTION + document["info"]["description"].strip(), ""]
    lines += ["# Operations", ""]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            lines += [f"## {method.upper()} {path}", "", *_operation(operation), ""]
    lines += [*_shared_errors(document), ""]
    lines += ["# Schemas", ""]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += [f"## {name}", "", *_schema(schema), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _operation(operation: JsonObject) -> Iterator[str]:
    yield operation["summary"]
    if "description" in operation:
        yield from ("", operation["description"])
    if operation.get("security") == []:
        yield from ("", "Needs no login.")
    parameters = operation.get("parameters", ())
    if parameters:
        yield from ("", "| Parameter | In | Value | |", "|---|---|---|---|")
        for each in parameters:
            yield _row(f"`{each['name']}`", each["in"], *_cells(each["schema"], each["required"]))
    if "requestBody" in operation:
        body = operation["requestBody"]
        yield from ("", f"Body ({', '.join(body['content'])}): {_value(_content(body))}.")
    responses = operation["responses"]
    yield from ("", "| Status | Body | |", "|---|---|---|")
    yield from (_answer(status, each) for status, each in responses.items() if "$ref" not in each)
    shared = [status for status, each in responses.items() if "$ref" in each]
    if shared:
        yield from ("", f"[Errors](#errors): {', '.join(shared)}.")


def _shared_errors(document: JsonObject) -> Iterator[str]:
    yield from ("# Errors", "", "Those that operations share.", "")
    yield from ("| Status | Body | |", "|---|---|---|")
    for status in SHARED:
        yield _answer(str(status), document["components"]["responses"][component_name(status)])


def _answer(status: str, response: JsonObject) -> str:
    content = _content(response)
    body = _value(content) if content is not None else "none"
    keys = ", ".join(f"`{key}`" for key in _keys(content))
    reason = response["description"]
    return _row(status, body, f"{reason} {keys}" if keys else reason)


def _content(part: JsonObject) -> JsonObject | None:
    for content in part.get("content", {}).values():
        found: JsonObject = content["schema"]
        return found
    return None


def _keys(schema: Any) -> Iterator[str]:
    """The keys that a rejection can have as its status."""
    if isinstance(schema, Mapping):
        yield from schema.get("properties", {}).get("status", {}).get("enum", ())
        for combination in ("allOf", "anyOf"):
            for part in schema.get(combination, ()):
                yield from _keys(part)


def _schema(schema: JsonObject) -> Iterator[str]:
    if "description" in schema:
        yield from (schema["description"], "")
    properties = schema.get("properties")
    if not properties:
        yield f"{_value(schema)}."
        return
    yield from ("| Field | Value | |", "|---|---|---|")
    required = schema.get("required", ())
    for name, each in properties.items():
        yield _row(f"`{name}`", *_cells(each, name in required))


def _cells(schema: JsonObject, required: bool) -> tuple[str, str]:
    """What a value looks like, and what else there is to say."""
    notes = [
        "required" if required else "",
        "deprecated" if schema.get("deprecated") else "",
        f"default `{_json(schema['default'])}`" if "default" in schema else "",
        f"such as `{_json(schema['examples'][0])}`" if schema.get("examples") else "",
        schema.get("description", ""),
    ]
    return _value(schema), "; ".join(filter(None, notes))


def _value(schema: JsonObject | None) -> str:
    """What a value looks like, in a few words."""
    if not schema:
        return "anything"
    if "$ref" in schema:
        name = _name(schema["$ref"])
        return f"[{name}](#{re.sub(r'[^a-z0-9_-]', '', name.lower())})"
    if "title" in schema:
        return str(schema["title"])
    if "allOf" in schema:
        return _value(next(part for part in schema["allOf"] if "$ref" in part))
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_value(part) for part in schema["anyOf"]))
    if "const" in schema:
        return f"`{_json(schema['const'])}`"
    if "enum" in schema:
        return " or ".join(f"`{_json(each)}`" for each in schema["enum"])
    if "not" in schema:
        return "nothing"
    return _typed(schema)


def _typed(schema: JsonObject) -> str:
    kinds = schema.get("type", "anything")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    words = []
    for kind in kinds:
        if kind == "array":
            words.append(f"list of {_value(schema.get('items'))}")
        elif kind == "object" and schema.get("properties"):
            names = ", ".join(f"`{name}`" for name in schema["properties"])
            words.append(f"object with {names}")
        elif kind == "string" and "format" in schema:
            words.append(schema["format"])
        else:
            words.append(kind)
    return " or ".join(words)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _row(*cells: str) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return " ".join(["|", *(f"{cell} |" for cell in escaped)])
