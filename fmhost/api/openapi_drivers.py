"""What schedulers and forecasters say about their JSON, for the API's document."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from apispec.ext.marshmallow.common import resolve_schema_instance

from fmhost.api.openapi_schemas import Converter, JsonObject, new_document
from fmhost.errors import PluginError
from fmhost.host.host import Host
from fmhost.host.registry import Registered

logger = logging.getLogger("fmhost.host")

#: The attributes in which a class describes itself, by what they describe.
_PARTS = {
    "flex-model": "flex_model_schema",
    "flex-context": "flex_context_schema",
    "config": "config_schema",
}

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")

_ANYTHING: JsonObject = {"type": "object", "description": "Whatever the scheduler understands."}


def describe_drivers(host: Host, converter: Converter) -> dict[str, dict[str, JsonObject]]:
    """The schedulers and forecasters by kind (``x-schedulers``) and name.

    Each has its provenance, and references to the components that describe its flex-model,
    flex-context and configuration. One that cannot be imported is logged and left out.
    """
    return {
        f"x-{kind}s": {
            name: description
            for name, offer in sorted(host.registry.offers(kind).items())
            if (description := _describe(host, kind, name, offer, converter)) is not None
        }
        for kind in ("scheduler", "forecaster")
    }


def _describe(
    host: Host, kind: str, name: str, offer: Registered, converter: Converter
) -> JsonObject | None:
    try:
        found, provenance = host.registry.get(kind, name)
    except PluginError as error:
        logger.error("%s", error)
        return None
    description: JsonObject = {**provenance.as_dict()}
    for part, attribute in _PARTS.items():
        schema = getattr(found, attribute, None)
        if schema is None:
            continue
        try:
            with converter.using(answering=False, owner=offer.record.name):
                described = _json_schema(schema, converter)
        except Exception:  # whatever a plugin's schema does
            logger.exception("%s: the %s of %s cannot be described.", offer.record, part, name)
            continue
        component = _NOT_IN_NAMES.sub("-", f"{name}.{part}")
        converter.spec.components.schema(component, described)
        description[part] = {"$ref": f"#/components/schemas/{component}"}
    return description


def _json_schema(schema: Any, converter: Converter) -> JsonObject:
    if isinstance(schema, Mapping):
        return dict(schema)
    return converter.schema2jsonschema(resolve_schema_instance(schema))


def describe_driver(host: Host, kind: str, name: str) -> dict[str, JsonObject]:
    """What one driver says about its JSON: the schema of each part, with nothing referred to.

    :param name: under which it is registered.
    """
    offer = host.registry.offers(kind).get(name)
    if offer is None:
        return {}
    spec, converter = new_document("", "")
    described = _describe(host, kind, name, offer, converter) or {}
    components = spec.to_dict().get("components", {}).get("schemas", {})
    return {part: _resolved(described[part], components) for part in _PARTS if part in described}


def _resolved(
    schema: Any, components: Mapping[str, Any], within: frozenset[str] = frozenset()
) -> Any:
    """A schema with what it refers to in place; what refers to itself is anything there."""
    if isinstance(schema, list):
        return [_resolved(each, components, within) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if not name:
        return {key: _resolved(each, components, within) for key, each in schema.items()}
    if name in within or name not in components:
        return {}
    return _resolved(components[name], components, within | {name})


def flexibility(schedulers: Mapping[str, JsonObject]) -> dict[str, JsonObject]:
    """The components of which requests for schedules are made: any scheduler's flex-model, ..."""
    return {
        "FlexModel": _any_of("What a device can do", "flex-model", schedulers),
        "FlexContext": _any_of("What surrounds the devices", "flex-context", schedulers),
    }


def _any_of(what: str, part: str, schedulers: Mapping[str, JsonObject]) -> JsonObject:
    known = [each[part] for each in schedulers.values() if part in each]
    silent = [name for name, each in schedulers.items() if part not in each]
    return {
        "description": f"{what}, in the words of the scheduler that is chosen for it.",
        "anyOf": [*known, *([_ANYTHING] if silent or not known else [])],
    }
