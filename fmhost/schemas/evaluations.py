"""Messages about how good forecasts were."""

from __future__ import annotations

from marshmallow import Schema, fields

from fmhost.schemas.answers import AcceptedSchema, ProcessedSchema
from fmhost.schemas.fields import AwareDateTime, FixedDuration
from fmhost.schemas.forecasts import ForecastConfig


class EvaluationTriggerSchema(Schema):
    """A request to look at how good forecasts would have been."""

    start = AwareDateTime(required=True)
    end = AwareDateTime(required=True)
    horizons = fields.List(FixedDuration(positive=True))
    frequency = FixedDuration(positive=True)
    forecaster = fields.String()
    config = ForecastConfig(load_default=dict)


def _measure(meaning: str) -> fields.Float:
    return fields.Float(allow_none=True, metadata={"description": meaning})


class AccuracySchema(Schema):
    """Errors of forecasts that looked equally far ahead; null where nothing tells."""

    events = fields.Integer(metadata={"description": "Number of events that were compared."})
    mae = _measure("Mean absolute error, in the unit of the sensor.")
    rmse = _measure("Root of the mean squared error, in the unit of the sensor.")
    wape = _measure("Sum of absolute errors over the sum of absolute measurements.")
    accuracy = _measure("1 minus WAPE.")
    coverage = _measure("Share of the measurements between the outermost quantiles.")
    nominal = _measure("The share that these quantiles promise.")
    pinball = _measure("Mean pinball loss of all quantiles, in the unit of the sensor.")


class HorizonAccuracySchema(AccuracySchema):
    """Errors at one horizon, beside those of the baseline."""

    horizon = fields.String()
    baseline = fields.Nested(AccuracySchema, allow_none=True)


class EvaluationSchema(Schema):
    """How good forecasts of a sensor would have been."""

    job = fields.UUID()
    evaluated_at = AwareDateTime(data_key="evaluated-at")
    forecaster = fields.String()
    baseline = fields.String(allow_none=True)
    start = fields.String()
    end = fields.String()
    frequency = fields.String()
    unit = fields.String()
    forecasts = fields.Integer(metadata={"description": "Number of forecasts."})
    fallbacks = fields.Integer(
        metadata={"description": "Of how many a simpler forecaster had to step in."}
    )
    mean = _measure("Mean of the measurements.")
    horizons = fields.List(fields.Nested(HorizonAccuracySchema))


class EvaluationsSchema(ProcessedSchema):
    """Evaluations of a sensor's forecasts, newest first."""

    evaluations = fields.List(fields.Nested(EvaluationSchema))


class FetchedEvaluationSchema(EvaluationSchema, ProcessedSchema):
    """One evaluation."""


class TriggeredEvaluationSchema(AcceptedSchema):
    """An evaluation that will be made."""
