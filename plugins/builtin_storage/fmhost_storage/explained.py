"""How a scheduler explains its schedules, and answers questions about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fmhost.plugin import Alternative, InvalidInput, Scheduler
from fmhost_storage.grid import Grid
from fmhost_storage.problem import Problem
from fmhost_storage.solution import Solution
from fmhost_storage.solvers.choice import choose_solver, time_limit
from fmhost_storage.why import explanation_of, written_out
from fmhost_storage.why_not import answer


class Explaining(Scheduler):
    """A scheduler whose schedules are solutions of a :class:`Problem`.

    A subclass reads its configuration into `_grid` and `_config`, and has :meth:`problem`.
    """

    _grid: Grid
    _config: Any
    #: When something was assumed, as :class:`~fmhost_storage.notes.Notes` has it.
    _missing: Sequence[tuple[int, int, int]] = ()

    def problem(self) -> Problem:
        """What is to be solved."""
        raise TypeError(f"{type(self).__name__} has no problem() method.")

    def explain(self, problem: Problem, solution: Solution) -> None:
        """Keep why the schedule is as it is; `info` has costs and breaches by then."""
        devices = self._config.devices
        explanation = explanation_of(self._grid, devices, problem, solution, self.info)
        self.explanation = {**explanation, "missing": [list(each) for each in self._missing]}

    @classmethod
    def describe_explanation(cls, explanation: Mapping[str, Any]) -> Mapping[str, Any]:
        """The explanation with moments and sentences."""
        return written_out(explanation)

    def why_not(self, alternative: Alternative) -> Mapping[str, Any]:
        """What it would cost to have a device run otherwise at one step: another solution."""
        problem = self.problem()
        device = self._device_number(alternative.device)
        step = self._grid.tick_before(alternative.at)
        if not 0 <= step < self._grid.steps:
            raise InvalidInput(
                f"The schedule lasts from {self._grid.start.isoformat()} to "
                f"{self._grid.end.isoformat()}.",
                field="at",
                hint="Ask for a moment within it.",
            )
        _, solver = choose_solver(self.settings)
        return answer(
            problem,
            solver,
            device,
            step,
            alternative.power,
            currency=self._config.site.currency,
            time_limit=time_limit(self.settings),
        )

    def _device_number(self, named: str | None) -> int:
        """The device that is called so, or whose power sensor has that id."""
        devices = self._config.devices
        if named is None and len(devices) == 1:
            return 0
        for number, device in enumerate(devices):
            sensor = None if device.sensor is None else str(device.sensor.id)
            if named is not None and named in (device.name, device.asset.name, sensor):
                return number
        raise InvalidInput(
            "There is no such device." if named else "The schedule has several devices.",
            field="device",
            hint=f"Name one of: {', '.join(device.name for device in devices)}.",
        )
