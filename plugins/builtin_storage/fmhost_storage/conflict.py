"""Why no schedule is possible: demands that cannot hold together, and what to change least.

The set of demands is minimal: without any one of them, the others can hold. It starts from those of
the proof that no repair is smaller, or from all; parts of it are left out as long as the rest is
refuted, then single ones, and then each is cut down to the time in which it matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from fmhost.plugin import ComputationFailed
from fmhost_storage.link_requirements import of_links
from fmhost_storage.probe import OutOfTime, Probe
from fmhost_storage.problem import Problem
from fmhost_storage.repair import Change, Repair, smallest_repair
from fmhost_storage.repaired import repaired, rounded
from fmhost_storage.requirements import Kind, Requirement, one_way, requirements_of
from fmhost_storage.scale import scale_of

#: By how much more a repair may change, for the solver's rounding errors [model units].
MARGINS = (0.0, 1e-9, 1e-8, 1e-7)
#: Energies closer than this are taken for equal [MWh].
TOLERANCE = 1e-9
#: How a field is sorted among those of a conflict: what is asked for comes first.
ORDER = (
    Kind.TARGET,
    Kind.LEVEL,
    Kind.GROUP,
    Kind.SITE,
    Kind.START,
    Kind.DEVICE,
    Kind.RAMP,
    Kind.COUPLING,
    Kind.BAND,
    Kind.FLOW,
    Kind.LOAD,
)


@dataclass(frozen=True)
class Conflict:
    """Demands that contradict each other, and a way out.

    :param demands: what cannot hold together; what is asked for first. Empty where it cannot be
        told, as the limits contradict each other by a rounding error.
    :param changes: the smallest change of limits with which there is a schedule; empty where none
        was found in time.
    :param is_minimal: whether the others can hold without any one of the demands; False where time
        ran out before that was shown.
    :param only_whole: whether there would be a schedule if devices could charge and discharge at
        once.
    """

    demands: tuple[Requirement, ...]
    changes: tuple[Change, ...]
    is_minimal: bool
    only_whole: bool


def all_demands(problem: Problem) -> list[Requirement]:
    """Whatever somebody says and could take back."""
    return [*requirements_of(problem), *of_links(problem)]


def is_contradictory(problem: Problem) -> bool:
    """Whether limits of the state of charge contradict each other at one and the same tick.

    A start outside the limits does, too, although no limit at a later tick may forbid it.
    """
    devices = problem.devices
    start = devices.soc_at_start
    outside = (start < devices.soc_min - TOLERANCE) | (start > devices.soc_max + TOLERANCE)
    crossed = (devices.soc_lower > devices.soc_upper + TOLERANCE).any(axis=1)
    return bool(np.any(devices.stores & (outside | crossed)))


def find_conflict(problem: Problem, *, seconds: float | None = None) -> Conflict:
    """Why a problem has no schedule.

    :param seconds: how long each part of the search may take; None for no limit.
    """
    demands = all_demands(problem)
    if seconds == 0:
        return Conflict(tuple(demands), (), is_minimal=False, only_whole=False)
    probe = Probe(problem, _sides(problem), seconds)
    repair = _repair(problem, demands, probe.background, seconds)
    search = _Search(probe, list(repair.suspects) if repair.changes else demands)
    search.run(demands)
    changes = _proven(problem, repair.changes, seconds) if repair.changes else ()
    if not changes:
        whole = _repair(problem, demands, _sides(problem), seconds, whole=True)
        changes = _proven(problem, whole.changes, seconds) if whole.changes else ()
    return Conflict(
        tuple(sorted(search.kept, key=lambda each: (ORDER.index(each.kind), each.device or 0))),
        changes,
        is_minimal=search.is_minimal,
        only_whole=not repair.changes,
    )


def _repair(
    problem: Problem,
    demands: Sequence[Requirement],
    background: Sequence[Requirement],
    seconds: float | None,
    *,
    whole: bool = False,
) -> Repair:
    """The smallest repair; without changes where the solver finds none in time."""
    try:
        return smallest_repair(problem, demands, background, whole=whole, time_limit=seconds)
    except ComputationFailed:
        return Repair((), tuple(demands))


def _sides(problem: Problem) -> list[Requirement]:
    count = len(problem.devices.names)
    return [each for device in range(count) for each in one_way(problem, device)]


def _proven(
    problem: Problem, changes: Sequence[Change], seconds: float | None
) -> tuple[Change, ...]:
    """The changes in numbers that people can write down; none where there is still no schedule."""
    unit = scale_of(problem).power
    for margin in MARGINS:
        made = tuple(rounded(change, margin=margin * unit) for change in changes)
        changed = repaired(problem, made)
        probe = Probe(changed, _sides(changed), seconds)
        with suppress(OutOfTime):
            if not probe.refutes(all_demands(changed)):
                return made
    return ()


class _Search:
    """Leaves out demands as long as the others are refuted.

    :param kept: demands, of which the others are left out.
    """

    def __init__(self, probe: Probe, kept: list[Requirement]) -> None:
        self.probe = probe
        self.kept = kept
        self.is_minimal = False

    def run(self, everything: list[Requirement]) -> None:
        """Reduce to a minimal set, as far as the time reaches.

        :param everything: to start from, where the demands that are kept can hold together.
        """
        with suppress(OutOfTime):
            if not self.probe.refutes(self.kept):
                self.kept = list(everything)
                if not self.probe.refutes(self.kept):
                    self.kept = []  # they contradict each other by less than can be told
                    return
            self.kept = self._shorter(self.kept)
            self._leave_out()
            self.is_minimal = True
            self._take_in_sides()
            self._cut()

    def _shorter(self, refuted: list[Requirement]) -> list[Requirement]:
        """What the proof of the last question needs, where that is refuted, too."""
        part = self.probe.part_of_proof(refuted)
        return part if len(part) < len(refuted) and self.probe.refutes(part) else refuted

    def _leave_out(self) -> None:
        """Late limits go first, so that the earliest conflict is left; facts go last."""
        self.kept.sort(key=lambda each: (not each.is_limit, -int(each.positions[-1])))
        size = len(self.kept) // 4
        while size > 1:
            for first in range(0, len(self.kept), size):
                self._try_without(self.kept[first : first + size])
            size = min(size // 2, len(self.kept) // 4)
        for each in list(self.kept):
            self._try_without([each])

    def _try_without(self, part: Sequence[Requirement]) -> None:
        rest = [each for each in self.kept if each not in part]
        if len(rest) < len(self.kept) and self.probe.refutes(rest):
            self.kept = self._shorter(rest)

    def _take_in_sides(self) -> None:
        """A device that does not run one way counts only where the conflict is about its stock."""
        stocks = {each.device for each in self.kept if each.is_energy}
        for side in [each for each in self.probe.background if each.device in stocks]:
            self.probe.background.remove(side)
            if not self.probe.refutes(self.kept):
                self.kept.append(side)

    def _cut(self) -> None:
        """Cut each demand down to the shortest time in which it matters, the end first."""
        for number, whole in enumerate(self.kept):
            count = len(whole.positions)
            end = self._least(number, [whole.part(0, end) for end in range(1, count + 1)])
            parts = [whole.part(first, end) for first in range(end - 1, -1, -1)]
            self.kept[number] = parts[self._least(number, parts) - 1]

    def _least(self, number: int, parts: Sequence[Requirement]) -> int:
        """How many of growing parts of a demand it takes to be refuted; all of them will do."""
        low, high = 1, len(parts)
        while low < high:
            middle = (low + high) // 2
            trial = [*self.kept[:number], parts[middle - 1], *self.kept[number + 1 :]]
            if self.probe.refutes(trial):
                high = middle
            else:
                low = middle + 1
        return high
