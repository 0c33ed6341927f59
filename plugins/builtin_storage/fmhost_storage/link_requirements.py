"""What ties devices together, or one step to the next, as demands that could be taken back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.links import Coupling, Links
from fmhost_storage.problem import Problem
from fmhost_storage.requirements import Kind, Requirement, runs

#: A row per device that runs in proportion to the first one of its coupling: the coupling, the two
#: devices, and their shares of the same power, the larger of which is one.
Pair = tuple[Coupling, int, int, float, float]


def pairs(links: Links) -> list[Pair]:
    """The couplings, two devices at a time; the first one of each with each of the others."""
    found: list[Pair] = []
    for coupling in links.couplings:
        first, *others = coupling.members.tolist()
        own, *ratios = coupling.ratios.tolist()
        for device, ratio in zip(others, ratios, strict=True):
            largest = max(abs(ratio), abs(own))
            found.append((coupling, first, device, ratio / largest, own / largest))
    return found


def of_links(problem: Problem) -> Iterator[Requirement]:
    """Ramp limits, couplings and operation modes."""
    links, steps = problem.links, problem.steps
    for number, ramp in enumerate(links.ramps):
        known = np.isfinite(ramp.limit)
        known[0] &= not np.isnan(ramp.before)
        for first, last in runs(known):
            limit, hours = ramp.limit[first:last], problem.hours[first:last]
            yield _of(
                "ramp-limit", ramp.device, Kind.RAMP, number, first, limit, limit / hours, hours
            )
    nothing = np.zeros(steps)
    for number, (_, _, device, _, _) in enumerate(pairs(links)):
        yield _of("coupling", device, Kind.COUPLING, number, 0, nothing, nothing + np.nan)
    for number, bands in enumerate(links.bands):
        made = _of("operation-modes", bands.device, Kind.BAND, number, 0, nothing, nothing + np.nan)
        yield made


def _of(
    field: str,
    device: int,
    kind: Kind,
    number: int,
    first: int,
    most: FloatArray,
    amounts: FloatArray,
    steepness: FloatArray | None = None,
) -> Requirement:
    """:param most: how far it may be from zero, either way."""
    return Requirement(
        field=field,
        device=device,
        kind=kind,
        positions=np.arange(first, first + len(most), dtype=np.int32),
        lower=-most,
        upper=most,
        amounts=amounts,
        steepness=np.ones(len(most)) if steepness is None else steepness,
        number=number,
    )


def words_of(problem: Problem, demand: Requirement) -> str:
    """What a coupling, or operation modes, say."""
    names = problem.devices.names
    if demand.kind is Kind.COUPLING:
        assert demand.number is not None
        coupling, first, *_ = pairs(problem.links)[demand.number]
        return f"'{coupling.name}' with {names[first]}"
    ranges = [
        f"{low:.9g} MW" if low == high else f"{low:.9g} to {high:.9g} MW"
        for low, high in bands_of(problem, demand)
    ]
    return " or ".join(ranges)


def bands_of(problem: Problem, demand: Requirement) -> list[tuple[float, float]]:
    """The bands of operation modes [MW, consumption positive]."""
    assert demand.number is not None
    bands = problem.links.bands[demand.number]
    return list(zip(bands.lower.tolist(), bands.upper.tolist(), strict=True))
