"""What clients say and see about key performance indicators."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from fmhost.domain.graphs import KPI_FUNCTIONS
from fmhost.schemas.fields import AwareDateTime


class KeyFiguresQuery(Schema):
    """Which days."""

    class Meta:
        """Queries ignore what they do not know."""

        unknown = EXCLUDE

    start = AwareDateTime(required=True)
    end = AwareDateTime(required=True)


class KeyFigureSchema(Schema):
    """One figure."""

    title = fields.String()
    unit = fields.Function(lambda figure: figure.sensor.unit, metadata={"type": "string"})
    sensor = fields.Function(lambda figure: figure.sensor.id, metadata={"type": "integer"})
    downsample_value = fields.Float(attribute="value")
    downsample_function = fields.String(
        attribute="function", validate=validate.OneOf(KPI_FUNCTIONS)
    )


class KeyFiguresSchema(Schema):
    """The figures of an asset, in the order in which it defines them."""

    data = fields.List(fields.Nested(KeyFigureSchema))
