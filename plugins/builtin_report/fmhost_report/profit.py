"""The reporter of what production earns and consumption costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from marshmallow import Schema, ValidationError, fields, validates_schema
from numpy.typing import NDArray

from fmhost.plugin import (
    ComputationFailed,
    InvalidInput,
    Reporter,
    ReportInput,
    ReportOutput,
    ReportParametersSchema,
    ReportResult,
    totals,
    units,
)


class ProfitOrLossConfigSchema(Schema):
    """Which prices hold; where one is missing, the other one holds for both directions."""

    consumption_price_sensor = fields.Integer(strict=True)
    production_price_sensor = fields.Integer(strict=True)
    loss_is_positive = fields.Boolean(load_default=False)

    @validates_schema(skip_on_field_errors=True)
    def _check(self, given: Mapping[str, Any], **_options: Any) -> None:
        if not {"consumption_price_sensor", "production_price_sensor"} & given.keys():
            raise ValidationError(
                "At least one of the two price sensors, consumption or production, is required."
            )


class ProfitOrLossParametersSchema(ReportParametersSchema):
    """What is given for one run: there is one input, the sensor of power or energy."""

    @validates_schema(skip_on_field_errors=True)
    def _check_input(self, given: Mapping[str, Any], **_options: Any) -> None:
        if len(given["input"]) != 1:
            raise ValidationError("There is one input, a sensor of power or energy.", "input")


class ProfitOrLossReporter(Reporter):
    """For each event: the energy produced at its price, less the energy consumed at its price.

    Values of the input are positive for production, unless its sensor has the attribute
    ``consumption_is_positive``. Where the events of an output are longer than those of the report,
    it gets their sums.
    """

    __author__ = "fmhost"
    __version__ = "1"
    config_schema = ProfitOrLossConfigSchema
    parameters_schema = ProfitOrLossParametersSchema

    def check(self) -> None:
        """See that the sensors measure what they should.

        :raises InvalidInput: naming the field.
        """
        sensor = self.task.inputs[0].sensor
        if not (units.is_power(sensor.unit) or units.is_energy(sensor.unit)):
            raise InvalidInput(
                "Input sensor can only contain power or energy values.",
                field="parameters.input.0.sensor",
                hint=f"Sensor {sensor.id} has the unit {sensor.unit}.",
            )
        if self.task.inputs[0].resolution not in (None, self.task.resolution):
            raise InvalidInput(
                "Prices and energy are multiplied at the resolution of the report.",
                field="parameters.input.0.resolution",
                hint="Give `resolution` beside the input.",
            )
        self._consumption = self._price("consumption", "production")
        self._production = self._price("production", "consumption")
        for number, output in enumerate(self.task.outputs):
            self._check_output(number, output)

    def _price(self, name: str, other: str) -> Any:
        """The sensor of this price, or else of the other one."""
        given = f"{name}_price_sensor"
        if given not in self.task.config:
            given = f"{other}_price_sensor"
        sensor = self.reader.sensor(self.task.config[given], field=f"config.{given}")
        if not units.is_energy_price(sensor.unit):
            raise InvalidInput(
                f"Sensor {sensor.id} has wrong units. Expected `Energy / Currency` but got "
                f"`{sensor.unit}`.",
                field=f"config.{given}",
                hint="Prices are in units such as EUR/MWh.",
            )
        return sensor

    def _check_output(self, number: int, output: ReportOutput) -> None:
        place = f"parameters.output.{number}.sensor"
        currency = units.currency_of(self._consumption.unit)
        same = currency == units.currency_of(self._production.unit)
        if not (
            same
            and units.is_currency(output.sensor.unit)
            and units.currency_of(output.sensor.unit) == currency
        ):
            raise InvalidInput(
                f"Output sensor {output.sensor.id} has the unit {output.sensor.unit}; the prices "
                f"are in {self._consumption.unit} and {self._production.unit}.",
                field=place,
                hint="Prices and outputs are in one currency.",
            )
        wanted = output.sensor.event_resolution
        if wanted and wanted % self.task.resolution:
            raise InvalidInput(
                f"The events of sensor {output.sensor.id} last {wanted}, which is no multiple of "
                f"{self.task.resolution}, the resolution of the report.",
                field=place,
                hint="Give the report another `resolution`.",
            )

    def compute(self) -> Sequence[ReportResult]:
        """What each event earns."""
        currency = units.currency_of(self._consumption.unit)
        (given,) = self.task.inputs
        energy = self.values(given, "MWh")
        if given.sensor.get_attribute("consumption_is_positive", False):
            energy = -energy
        bought, sold = (
            self._prices(sensor, f"{currency}/MWh")
            for sensor in (self._consumption, self._production)
        )
        earned = np.where(energy >= 0, energy * sold, energy * bought)
        # Nothing is earned by nothing, whether or not its price is known.
        earned = np.where(energy == 0, 0.0, earned)
        if self.task.config["loss_is_positive"]:
            earned = 0.0 - earned
        return [self._result(output, earned, str(currency)) for output in self.task.outputs]

    def _prices(self, sensor: Any, unit: str) -> NDArray[np.float64]:
        return self.values(ReportInput("price", sensor), unit)

    def _result(
        self, output: ReportOutput, earned: NDArray[np.float64], currency: str
    ) -> ReportResult:
        step = self.task.resolution
        starts = self.task.event_starts()
        wanted: timedelta = output.sensor.event_resolution or step
        if wanted != step:
            starts, earned = totals(starts, earned, step, wanted, output.sensor.timezone)
        if not len(starts):
            raise ComputationFailed(
                f"The report covers no whole event of sensor {output.sensor.id}, which lasts "
                f"{wanted}."
            )
        return ReportResult.of_events(output, starts, earned, currency, resolution=wanted)
