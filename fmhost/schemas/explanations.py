"""What clients ask about schedules, and are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validates_schema

from fmhost.model import JobState
from fmhost.schemas.fields import AwareDateTime, Quantity


class ExplanationQuery(Schema):
    """A question, if any: why does this device not run so at that time?"""

    class Meta:
        """Queries ignore what they do not know."""

        unknown = EXCLUDE

    device = fields.String(
        load_default=None,
        metadata={
            "description": "Name of the device, or id of its power sensor; not needed where the "
            "schedule has one device."
        },
    )
    at = AwareDateTime(
        load_default=None, metadata={"description": "A moment within the step that is meant."}
    )
    power = Quantity(
        "MW",
        load_default=None,
        metadata={
            "description": "At which it might run; consumption is positive. Numbers without a unit "
            "are MW."
        },
    )

    @pre_load
    def _without_empty(self, given: Mapping[str, Any], **_options: Any) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value != ""}

    @validates_schema
    def _whole(self, given: Mapping[str, Any], **_options: Any) -> None:
        told = {name for name in ("device", "at", "power") if given.get(name) is not None}
        if told and not {"at", "power"} <= told:
            missing = next(name for name in ("at", "power") if name not in told)
            raise ValidationError("A question needs at and power.", field_name=missing)


class ExplanationSchema(Schema):
    """Why a schedule is as it is."""

    status = fields.String(
        metadata={"description": f"State of the job: {', '.join(s.upper() for s in JobState)}."}
    )
    message = fields.String()
    explanation = fields.Dict(
        metadata={
            "optional": True,
            "description": "What the scheduler says of its schedule: costs, reasons of devices, "
            "limits, breaches, assumed inputs. Of a job that failed: the conflict, and its repair.",
        }
    )
    answer = fields.Dict(
        metadata={"optional": True, "description": "What the alternative costs, or takes."}
    )
