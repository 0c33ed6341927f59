"""A scheduler; replace what ``compute`` does by your own."""

from __future__ import annotations

from typing import Any

import numpy as np
from fmhost.plugin import InvalidInput, Scheduler, ScheduleResult, units


class {{ cookiecutter.__class_prefix }}Scheduler(Scheduler):
    """Consumes an amount of energy at an even pace.

    The flex-model says how much: ``{"energy": "12 kWh"}``, and optionally how fast at most:
    ``{"power-capacity": "3 kW"}``.
    """

    __author__ = "{{ cookiecutter.author_name or cookiecutter.plugin_name }}"
    __version__ = "1"

    def deserialize_flex_config(self) -> None:
        """Read the flex-model; what is wrong with it is told to the client at once."""
        model: Any = self.flex_model or {}
        if not isinstance(model, dict):
            raise InvalidInput("The flex-model must be an object.", field="flex-model")
        for field in model:
            if field not in ("energy", "power-capacity"):
                raise InvalidInput("Unknown field.", field=field)
        self.energy = units.quantity(model.get("energy", "0 kWh"), "kWh", "kWh", field="energy")
        hours = (self.end - self.start).total_seconds() / 3600
        self.power = self.energy / hours
        capacity = model.get("power-capacity")
        if capacity is not None:
            limit = units.quantity(capacity, "kW", "kW", field="power-capacity")
            if self.power > limit:
                raise InvalidInput(
                    f"{self.energy:g} kWh in {hours:g} h take {self.power:g} kW, and the capacity is "
                    f"{limit:g} kW.",
                    field="energy",
                    hint="Ask for less energy, or for a longer schedule.",
                )

    def compute(self) -> list[ScheduleResult]:
        """One value per step [kW, consumption positive]."""
        steps = round((self.end - self.start) / self.resolution)
        values = np.full(steps, self.power)
        return [ScheduleResult(self.sensor, self.start, self.resolution, values, unit="kW")]
