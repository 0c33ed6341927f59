"""The solver that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

from stevedore.driver import DriverManager
from stevedore.exception import NoMatches

from fmhost.plugin import ConfigurationError
from fmhost_storage.solvers import Solver

#: Entry-point group of the drivers; ``FMHOST_SOLVER`` names one.
DRIVERS = "fmhost.solvers"
SETTING = "FMHOST_SOLVER"
OPTIONS = "FLEXMEASURES_LP_SOLVER_OPTIONS"
#: The driver that hands models on to the solver that ``FLEXMEASURES_LP_SOLVER`` names.
PYOMO = "pyomo"
#: How long a schedule may take where no option says it [s]: less than jobs may, so that the best
#: one found in time is there, and says so.
LONGEST = 120.0


def choose_solver(settings: Mapping[str, Any]) -> tuple[str, Solver]:
    """The solver, with its name for people.

    :raises ConfigurationError: where there is no driver of that name.
    """
    name = settings.get(SETTING, "highs")
    driver = _driver(name)
    if name == PYOMO:
        program = settings.get("FLEXMEASURES_LP_SOLVER", "cbc")
        return f"{name}: {program}", driver(program)
    return name, driver()


def time_limit(settings: Mapping[str, Any]) -> float:
    """How long the solver may take for one schedule [s].

    :raises ConfigurationError: for an option that no driver knows.
    """
    options = settings.get(OPTIONS) or {}
    unknown = [name for name in options if name != "time_limit"]
    if unknown:
        raise ConfigurationError(
            f"The option '{unknown[0]}' of solvers is not supported.",
            field=OPTIONS,
            hint="Supported: time_limit [s].",
        )
    limit = options.get("time_limit")
    return LONGEST if limit is None else float(limit)


@lru_cache(maxsize=8)
def _driver(name: str) -> Any:
    try:
        manager = DriverManager(DRIVERS, name, invoke_on_load=False)
    except NoMatches as error:
        known = ", ".join(sorted(entry_points(group=DRIVERS).names))
        raise ConfigurationError(
            f"There is no solver driver called '{name}'.",
            field=SETTING,
            hint=f"Set {SETTING} to one of: {known}.",
        ) from error
    return manager.driver
