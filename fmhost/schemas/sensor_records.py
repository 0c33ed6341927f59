"""Messages about what is recorded on a sensor: upload, deletion, statistics, status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from fmhost.errors import InvalidInput
from fmhost.schemas.fields import AwareDateTime, Duration, EntityId, JsonSchema, Unit


class UploadForm(Schema):
    """The fields of a form with uploaded files."""

    #: The files are no fields of the form as Flask has it.
    also_accepts: ClassVar[Mapping[str, JsonSchema]] = {
        "uploaded-files": {
            "type": "array",
            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
            "minItems": 1,
            "description": "CSV or Excel files.",
        }
    }

    unit = Unit()
    measured_instantly = fields.Boolean(
        data_key="belief-time-measured-instantly", load_default=False
    )

    class Meta:
        unknown = EXCLUDE

    def load_form(self, form: Mapping[str, str]) -> dict[str, Any]:
        """What a form says; fields that are empty count as absent.

        :raises InvalidInput: naming the field.
        """
        try:
            loaded: dict[str, Any] = self.load({key: form[key] for key in form if form[key]})
        except ValidationError as error:
            field, reasons = next(iter(error.messages_dict.items()))
            reason = reasons[0] if isinstance(reasons, list) else str(reasons)
            raise InvalidInput(str(reason), field=str(field)) from error
        return loaded


class DeleteDataSchema(Schema):
    """Which data are to be deleted; all without any condition."""

    source_id = EntityId("data source", data_key="source")
    start = AwareDateTime()
    until = AwareDateTime()


class StatisticsQuery(Schema):
    """Of which events statistics are wanted, and in which order."""

    sort = fields.Boolean(load_default=True, data_key="sort")
    event_start_time = AwareDateTime()
    event_end_time = AwareDateTime()
    fresh = fields.Boolean(load_default=False)


class StatisticsSchema(Schema):
    """What one source recorded on a sensor, by the source's description and ID."""

    first_event_start = AwareDateTime(data_key="First event start")
    last_event_end = AwareDateTime(data_key="Last event end")
    last_recorded = AwareDateTime(data_key="Last recorded")
    lowest = fields.Float(data_key="Min value", allow_none=True)
    highest = fields.Float(data_key="Max value", allow_none=True)
    mean = fields.Float(data_key="Mean value", allow_none=True)
    total = fields.Float(data_key="Sum over values")
    number = fields.Integer(data_key="Number of values")


class StatusSchema(Schema):
    """Whether the data of one type of source on a sensor are up to date."""

    id = fields.Integer()
    name = fields.String()
    asset_name = fields.String()
    relation = fields.String()
    resolution = Duration()
    source_type = fields.String(allow_none=True)
    staleness = Duration(allow_none=True)
    staleness_since = AwareDateTime(allow_none=True)
    stale = fields.Boolean()
    reason = fields.String()


class StatusesSchema(Schema):
    """The status of the data of a sensor, one record per type of source."""

    sensors_data = fields.List(fields.Nested(StatusSchema))
