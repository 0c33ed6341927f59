"""What is given for a report: where its values come from, where they go, and for which time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from fmhost.schemas.fields import AwareDateTime, EntityId, FixedDuration

_ONE_VALUE = validate.Equal(
    True, error="A report sees one value per event, that of the most recent belief."
)


def _named(given: dict[str, Any]) -> dict[str, Any]:
    """With a name, which is that of the sensor's id where none is given."""
    return {"name": f"sensor_{given['sensor']}", **given}


class ReportInputSchema(Schema):
    """A sensor, and which beliefs about it count."""

    name = fields.String(validate=validate.Length(min=1))
    sensor = EntityId("sensor", required=True)
    source = fields.Integer()
    sources = fields.List(fields.Integer())
    source_types = fields.List(fields.String())
    exclude_source_types = fields.List(fields.String())
    beliefs_before = AwareDateTime()
    beliefs_after = AwareDateTime()
    horizons_at_least = FixedDuration()
    horizons_at_most = FixedDuration()
    event_starts_after = AwareDateTime()
    event_ends_before = AwareDateTime()
    resolution = FixedDuration(positive=True)
    most_recent_beliefs_only = fields.Boolean(validate=_ONE_VALUE)
    one_deterministic_belief_per_event = fields.Boolean(load_default=False)
    use_latest_version_only = fields.Boolean(load_default=True)

    @validates_schema(skip_on_field_errors=True)
    def _check_sources(self, given: Mapping[str, Any], **_options: Any) -> None:
        if "source" in given and "sources" in given:
            raise ValidationError("Give either 'source' or 'sources'.", "source")

    @post_load
    def _name(self, given: dict[str, Any], **_options: Any) -> dict[str, Any]:
        if "source" in given:
            given["sources"] = [given.pop("source")]
        return _named(given)


class ReportOutputSchema(Schema):
    """A sensor that gets a result."""

    name = fields.String(validate=validate.Length(min=1))
    sensor = EntityId("sensor", required=True)
    column = fields.String()

    @post_load
    def _name(self, given: dict[str, Any], **_options: Any) -> dict[str, Any]:
        return _named(given)


class ReportParametersSchema(Schema):
    """What is given for one run of a reporter. Reporters may derive a schema of their own."""

    input = fields.List(
        fields.Nested(ReportInputSchema), required=True, validate=validate.Length(min=1)
    )
    output = fields.List(
        fields.Nested(ReportOutputSchema), required=True, validate=validate.Length(min=1)
    )
    start = AwareDateTime()
    end = AwareDateTime()
    resolution = FixedDuration(positive=True)
    belief_time = AwareDateTime()
    belief_horizon = FixedDuration()
    check_output_resolution = fields.Boolean(load_default=True)

    @validates_schema(skip_on_field_errors=True)
    def _check(self, given: Mapping[str, Any], **_options: Any) -> None:
        for part in ("input", "output"):
            names = [each["name"] for each in given[part]]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValidationError(f"Several are named '{twice[0]}'.", part)
        if "belief_time" in given and "belief_horizon" in given:
            raise ValidationError(
                "Give either 'belief_time' or 'belief_horizon'.", "belief_horizon"
            )
