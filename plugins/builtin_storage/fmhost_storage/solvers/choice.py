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
#: The setting that names the program which pyomo calls.
PROGRAM = "FLEXMEASURES_LP_SOLVER"
#: Names under which pyomo knows HiGHS.
HIGHS = ("appsi_highs", "highs")
#: How long a schedule may take where no option says it [s]: less than jobs may, so that the best
#: one found in time is there, and says so.
LONGEST = 120.0


def choose_solver(settings: Mapping[str, Any]) -> tuple[str, Solver]:
    """The solver, with its name for people.

    Where nobody chose a driver but somebody named a program for linear models, that is used,
    through pyomo; HiGHS in process stands in for HiGHS through pyomo.

    :raises ConfigurationError: where there is no driver of that name.
    """
    name = settings.get(SETTING, "highs")
    program = settings.get(PROGRAM, "cbc")
    if not _is_set(settings, SETTING) and _is_set(settings, PROGRAM) and program not in HIGHS:
        name = PYOMO
    driver = _driver(name)
    if name == PYOMO:
        return f"{name}: {program}", driver(program)
    return name, driver()


def _is_set(settings: Mapping[str, Any], name: str) -> bool:
    """Whether somebody chose the value, rather than leaving it at the default."""
    origin = getattr(settings, "source", None)
    if name not in settings or origin is None:
        return name in settings
    return bool(origin(name) != "default")


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
