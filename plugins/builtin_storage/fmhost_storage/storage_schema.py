"""The fields of the flex-model of a storage device, as JSON has them."""

from __future__ import annotations

from marshmallow import fields, validate

from fmhost_storage.device_fields import (
    CoefficientField,
    FixedPowerField,
    GroupField,
    OperationModesField,
)
from fmhost_storage.field_texts import FLEX_MODEL, describe
from fmhost_storage.fields import (
    FixedField,
    LevelField,
    NotYet,
    OutputSensorField,
    QuantitiesField,
    QuantityField,
)
from fmhost_storage.kinds import CAPACITY, POWER, RAMP, RATIO, SHARE
from fmhost_storage.layers import LayerSchema
from fmhost_storage.price_fields import PriceField


class StorageSchema(LayerSchema):
    """The fields of a flex-model for storage."""

    soc_unit_ = fields.String(data_key="soc-unit", validate=validate.OneOf(["kWh", "MWh"]))
    soc_at_start = FixedField(data_key="soc-at-start")
    soc_min = FixedField(data_key="soc-min", minimum=0.0)
    soc_max = FixedField(data_key="soc-max", minimum=0.0)
    soc_targets = QuantityField(data_key="soc-targets")
    soc_minima = QuantityField(data_key="soc-minima")
    soc_maxima = QuantityField(data_key="soc-maxima")
    roundtrip_efficiency = FixedField(SHARE, data_key="roundtrip-efficiency")
    charging_efficiency = QuantityField(RATIO, data_key="charging-efficiency")
    discharging_efficiency = QuantityField(RATIO, data_key="discharging-efficiency")
    storage_efficiency = QuantityField(SHARE, data_key="storage-efficiency")
    prefer_charging_sooner = fields.Boolean(data_key="prefer-charging-sooner")
    prefer_curtailing_later = fields.Boolean(data_key="prefer-curtailing-later")
    power_capacity = QuantityField(CAPACITY, data_key="power-capacity")
    consumption_capacity = QuantityField(CAPACITY, data_key="consumption-capacity")
    production_capacity = QuantityField(CAPACITY, data_key="production-capacity")
    soc_gain = QuantitiesField(POWER, data_key="soc-gain")
    soc_usage = QuantitiesField(POWER, data_key="soc-usage")
    state_of_charge = LevelField(data_key="state-of-charge")
    consumption = OutputSensorField()
    production = OutputSensorField()
    commodity = fields.String(validate=validate.Length(min=1))
    coupling = fields.String(validate=validate.Length(min=1))
    coupling_coefficient = CoefficientField(data_key="coupling-coefficient")
    operation_modes = OperationModesField(data_key="operation-modes")
    group = GroupField()
    cycle_cost = PriceField(data_key="cycle-cost", minimum=0.0)
    ramp_limit = QuantityField(RAMP, data_key="ramp-limit")
    inflexible_consumption = FixedPowerField(data_key="inflexible-consumption")
    inflexible_production = FixedPowerField(data_key="inflexible-production")
    asset = NotYet()


describe(StorageSchema, FLEX_MODEL)
