"""The process scheduler does what every scheduler has to do."""

from __future__ import annotations

from typing import Any

from fmhost.testing import BatterySite, Day, SchedulerConformance
from fmhost_process.scheduler import ProcessScheduler


class TestProcessScheduler(SchedulerConformance):
    scheduler = ProcessScheduler
    flex_model = {"duration": "PT3H", "power": "2 kW", "process-type": "SHIFTABLE"}
    power_bounds = (0.0, 2.0)
    storage = None
    bad_fields = {
        "duration": "3 hours",
        "power": "2 kWh",
        "process-type": "MOVABLE",
        "time-restrictions": [{"start": "noon"}],
        "no-such-field": 1,
    }
    does_not_apply = {
        "state_of_charge_keeps_to_its_bounds": "A process stores nothing.",
    }

    def infeasible_flex_model_for(self, site: BatterySite, day: Day) -> dict[str, Any]:
        never = {"start": day.start.isoformat(), "end": day.end.isoformat()}
        return {**self.flex_model, "time-restrictions": [never]}
