"""From marshmallow schemas to JSON Schema, as the API's document has it.

A schema is described as it is used: one that loads a request by what it requires and refuses, one
that an answer is made of by what is always in it. Beyond what marshmallow says:

- a field's attribute ``json_schema`` describes what it accepts; a marshmallow schema in it stands
  for its own description;
- a field of an answer whose metadata has ``{"optional": True}`` may be absent, and so may all
  fields of a schema with ``partial=True``;
- a schema's attribute ``also_accepts`` describes properties that it accepts besides its fields.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import get_fields, make_schema_key, resolve_schema_instance
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import EXCLUDE, INCLUDE, Schema, fields

JsonObject = dict[str, Any]

#: A marshmallow schema; or a JSON Schema, which is taken as it is, but for schemas within.
Described = Schema | type[Schema] | Mapping[str, Any]

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")


class Converter(OpenAPIConverter):
    """Describes schemas as they are used; each is a component of the document, once per use."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.attribute_functions.insert(1, self._own_json_schema)
        self._answering = False
        self._owner: str | None = None
        self._names: dict[object, str] = {}

    @contextmanager
    def using(self, *, answering: bool, owner: str | None) -> Iterator[None]:
        """Within the block, schemas are those of answers or of requests.

        :param owner: name of the plugin that uses them; None for the kernel.
        """
        before = self._answering, self._owner
        self._answering, self._owner = answering, owner
        try:
            yield
        finally:
            self._answering, self._owner = before

    def describe(self, described: Described) -> JsonObject:
        """The JSON Schema of a body, with a reference where it is a component."""
        if isinstance(described, Mapping):
            return {name: self._with_schemas(value) for name, value in described.items()}
        found: JsonObject = self.resolve_nested_schema(described)
        return found

    def resolve_nested_schema(self, schema: Any) -> JsonObject:
        """A reference to the schema's component, which is added where it is new."""
        instance = resolve_schema_instance(schema)
        key = (self._answering, make_schema_key(instance))
        if key not in self._names:
            # Before its properties are described, which may refer to it.
            self._names[key] = name = self._free_name(instance)
            try:
                self.spec.components.schema(name, self.schema2jsonschema(instance))
            except Exception:
                del self._names[key]
                raise
        reference = {"$ref": f"#/components/schemas/{self._names[key]}"}
        return {"type": "array", "items": reference} if instance.many else reference

    def _free_name(self, schema: Schema) -> str:
        kind = type(schema)
        name = kind.__name__.removesuffix("Schema") or kind.__name__
        if schema.partial is True:
            name = f"Partial{name}"
        if not self._answering:
            name = f"{name}Request"
        if self._owner is not None and kind.__module__.partition(".")[0] != "fmhost":
            name = f"{self._owner}.{name}"
        name = _NOT_IN_NAMES.sub("-", name)
        taken = set(self._names.values())
        candidates = (f"{name}{number or ''}" for number in count() if number != 1)
        return next(candidate for candidate in candidates if candidate not in taken)

    def schema2jsonschema(self, schema: Any) -> JsonObject:
        """The JSON Schema of one object."""
        described: JsonObject = {"type": "object"}
        summary = inspect.cleandoc(type(schema).__doc__ or "").partition("\n\n")[0]
        if summary and type(schema).__doc__ != Schema.__doc__:
            described["description"] = " ".join(summary.split())
        found = get_fields(schema, exclude_dump_only=not self._answering)
        used = {
            field.data_key or name: field
            for name, field in found.items()
            if not (self._answering and field.load_only)
        }
        described["properties"] = {name: self.field2property(field) for name, field in used.items()}
        required = [name for name, field in used.items() if self._is_required(schema, field)]
        if required:
            described["required"] = required
        if not self._answering:
            also = getattr(schema, "also_accepts", {})
            described["properties"] |= {name: dict(each) for name, each in also.items()}
        if schema.unknown == INCLUDE:
            described["additionalProperties"] = True
        elif schema.unknown != EXCLUDE and not self._answering:
            described["additionalProperties"] = False
        return described

    def _is_required(self, schema: Schema, field: fields.Field[Any]) -> bool:
        if self._answering:
            return not field.metadata.get("optional") and schema.partial is not True
        partial = schema.partial
        if partial is True or (partial and field.name in partial):
            return False
        return field.required

    def _own_json_schema(self, field: fields.Field[Any], **_options: Any) -> JsonObject:
        return {
            name: self._with_schemas(value)
            for name, value in getattr(field, "json_schema", {}).items()
        }

    def _with_schemas(self, value: Any) -> Any:
        if isinstance(value, Schema) or (isinstance(value, type) and issubclass(value, Schema)):
            return self.resolve_nested_schema(value)
        if isinstance(value, Mapping):
            return {name: self._with_schemas(each) for name, each in value.items()}
        return [self._with_schemas(each) for each in value] if isinstance(value, list) else value

    def field2default(self, field: fields.Field[Any], **options: Any) -> JsonObject:
        """The default, unless it stands for nothing: an empty tuple, say."""
        found: JsonObject = super().field2default(field, **options)
        return {} if found.get("default") in ((), [], {}) else found

    def field2nullable(self, field: fields.Field[Any], ret: JsonObject) -> JsonObject:
        """Let a value be null where the field allows it."""
        if field.allow_none and "anyOf" in ret:
            return {"anyOf": [*ret["anyOf"], {"type": "null"}]}
        found: JsonObject = super().field2nullable(field, ret)
        return found


class SchemaPlugin(MarshmallowPlugin):
    """Has apispec use our converter."""

    Converter = Converter


def new_document(title: str, version: str, **options: Any) -> tuple[APISpec, Converter]:
    """An empty document, and the converter that adds the schemas to it."""
    plugin = SchemaPlugin()
    spec = APISpec(title, version, "3.1.0", plugins=[plugin], **options)
    assert isinstance(plugin.converter, Converter)
    return spec, plugin.converter
