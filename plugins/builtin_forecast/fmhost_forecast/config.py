"""The configuration of the regression forecaster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from fmhost.plugin import forecast_fields

DEFAULT_TRAIN_PERIOD = timedelta(days=365)
DEFAULT_RETRAIN_FREQUENCY = timedelta(days=1)
DEFAULT_QUANTILES = (0.1, 0.5, 0.9)

_LEAST_TRAINING = timedelta(days=2)


def _regressors(name: str) -> fields.List[Any]:
    return fields.List(forecast_fields.Regressor(), data_key=name)


class RegressionConfigSchema(Schema):
    """What ``custom-forecaster`` and a request may say.

    ``regressors`` are series of which past and future tell something, such as the weather. Of
    ``past-regressors`` only the past is known; they stand beside the last measurements.
    """

    regressors = _regressors("regressors")
    future_regressors = _regressors("future-regressors")
    past_regressors = _regressors("past-regressors")
    annotation_regressors = fields.List(
        fields.Nested(forecast_fields.AnnotationRegressorSchema), data_key="annotation-regressors"
    )
    train_start = forecast_fields.AwareDateTime(data_key="train-start")
    train_period = forecast_fields.FixedDuration(data_key="train-period")
    max_training_period = forecast_fields.FixedDuration(data_key="max-training-period")
    retrain_frequency = forecast_fields.FixedDuration(data_key="retrain-frequency")
    missing_threshold = fields.Float(data_key="missing-threshold")
    quantiles = fields.List(fields.Float())

    @validates_schema(skip_on_field_errors=True)
    def _check(self, given: Mapping[str, Any], **_options: Any) -> None:
        for name in ("train_period", "max_training_period"):
            if name in given and given[name] < _LEAST_TRAINING:
                raise ValidationError("Must be at least 2 days.", name.replace("_", "-"))
        if "retrain_frequency" in given and given["retrain_frequency"] < timedelta(hours=1):
            raise ValidationError("Must be at least 1 hour.", "retrain-frequency")
        quantiles = given.get("quantiles", DEFAULT_QUANTILES)
        ascending = all(low < high for low, high in pairwise(quantiles))
        if not quantiles or not ascending or quantiles[0] <= 0 or quantiles[-1] >= 1:
            raise ValidationError("Must ascend, between 0 and 1.", "quantiles")


def train_period(config: Mapping[str, Any]) -> timedelta:
    """How much history a model is made from: the shorter of its two names, a year by default."""
    given = [config[name] for name in ("train_period", "max_training_period") if name in config]
    return min(given, default=DEFAULT_TRAIN_PERIOD)
