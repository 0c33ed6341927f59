"""Write down when a task ran last, and whether it succeeded: ``fmhost monitor latest-run``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

from flask import has_app_context

from fmhost.api.unit_of_work import current_installation as application_installation
from fmhost.api.unit_of_work import unit_of_work
from fmhost.cli.context import current_installation
from fmhost.model.tasks import record_task_run
from fmhost.services.installation import Installation

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@overload
def task_with_status_report(
    task: Callable[Parameters, Result],
) -> Callable[Parameters, Result]: ...
@overload
def task_with_status_report(
    task: str,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]: ...
def task_with_status_report(task: Callable[..., Any] | str) -> Any:
    """Record each run of the function: its name, when it ended, and whether it raised.

    What the function wrote with ``web.session()`` is committed where it succeeds, and rolled back
    where it raises; the exception goes on. Written right above the function, below all other
    decorators.

    :param task: the function; or the name of the task, else that of the function.
    """
    if isinstance(task, str):
        return functools.partial(_reporting, task)
    return _reporting(task.__name__, task)


def _reporting(name: str, function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    @functools.wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        within_application = has_app_context()
        installation = application_installation() if within_application else current_installation()
        try:
            result = function(*args, **kwargs)
            if within_application:
                unit_of_work().commit()
        except BaseException as error:
            if within_application:
                unit_of_work().roll_back(error)
            _record(installation, name, status=False)
            raise
        _record(installation, name, status=True)
        return result

    return run


def _record(installation: Installation, name: str, *, status: bool) -> None:
    with installation.database.transaction() as session:
        record_task_run(session, name, status=status, at=installation.now())
