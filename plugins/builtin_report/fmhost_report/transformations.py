"""The steps of a report: checked when they are written down, and carried out."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from fmhost.plugin import ComputationFailed, InvalidInput
from fmhost_report import methods

#: A step makes at most so many rows.
MOST_ROWS: Final = 2_000_000

_ATTRIBUTE: Final = "get_attribute"


class Transformations:
    """Steps, each of which makes one named object of another.

    :param steps: as the schema loads them.
    :param unchecked: methods whose arguments are not looked at in advance.
    """

    def __init__(self, steps: Sequence[Mapping[str, Any]], unchecked: Sequence[str] = ()) -> None:
        self._steps = steps
        self._unchecked = unchecked

    def check(self, inputs: Sequence[str], *, arguments: bool = True) -> dict[str, str | None]:
        """See that the steps fit together.

        :param inputs: names of the frames that are there before the first one.
        :param arguments: whether to look at the arguments of methods, too.
        :return: the kind of every object by its name; None where only the run tells.
        :raises InvalidInput: naming the step.
        """
        known: dict[str, str | None] = dict.fromkeys(inputs, methods.FRAME)
        current = inputs[0] if len(inputs) == 1 else None
        for number, step in enumerate(self._steps):
            place = f"config.transformations.{number}"
            source = step.get("df_input", current)
            if source is None or source not in known:
                raise InvalidInput(
                    "Cannot find the input DataFrame.",
                    field=f"{place}.df_input",
                    hint=f"Available: {', '.join(known)}.",
                )
            for name in references(step["args"]) + references(step["kwargs"]):
                if name not in known:
                    raise InvalidInput(
                        f"Cannot find the DataFrame '@{name}'.",
                        field=f"{place}.args",
                        hint=f"Available: {', '.join(known)}.",
                    )
            current = step.get("df_output", source)
            if arguments and known[source] is not None:
                self._check_arguments(step, str(known[source]), place)
            known[current] = self._kind_after(step, known[source], source in inputs, place)
        return known

    def _kind_after(
        self, step: Mapping[str, Any], kind: str | None, is_input: bool, place: str
    ) -> str | None:
        if "property" in step:
            name = step["property"]
            found = methods.PROPERTIES
            if kind is not None and name not in found[kind]:
                raise _not_found("Property", name, kind, found, f"{place}.property")
            return found[kind][name] if kind is not None else None
        name = step["method"]
        if name == _ATTRIBUTE:
            if not is_input or len(step["args"]) != 1 or not isinstance(step["args"][0], str):
                raise InvalidInput(
                    f"Bad arguments for method '{name}'.",
                    field=f"{place}.args",
                    hint="It takes the name of an attribute of an input's sensor.",
                )
            return methods.SCALAR
        if kind is None:
            if not any(name in each for each in methods.METHODS.values()):
                raise _not_found("Method", name, "an object", methods.METHODS, f"{place}.method")
            return None
        if name not in methods.METHODS[kind]:
            raise _not_found("Method", name, kind, methods.METHODS, f"{place}.method")
        return methods.METHODS[kind][name]

    def _check_arguments(self, step: Mapping[str, Any], kind: str, place: str) -> None:
        name, args, kwargs = step.get("method", ""), step["args"], step["kwargs"]
        if name not in methods.METHODS[kind] or name in self._unchecked:
            return  # what is not there is told elsewhere
        refused = methods.refused_argument(name, args, kwargs)
        problem = None if refused is None else f"'{refused}' is not among those that it takes."
        method = getattr(methods.class_of(kind), name, None)
        if problem is None and method is not None:
            try:
                inspect.signature(method).bind(None, *args, **kwargs)
            except TypeError as error:
                problem = f"{str(error).capitalize()}."
        if problem is not None:
            raise InvalidInput(
                f"Bad arguments for method '{name}'.", field=f"{place}.args", hint=problem
            )

    def run(
        self, frames: Mapping[str, Any], sensors: Mapping[str, Any], length: timedelta
    ) -> dict[str, Any]:
        """Carry the steps out.

        :param frames: the inputs by name; `sensors` the sensor of each.
        :param length: from the begin of the report to its end.
        :return: every object by its name.
        :raises ComputationFailed: naming the step that fails.
        """
        objects = dict(frames)
        current = next(iter(frames)) if len(frames) == 1 else ""
        for number, step in enumerate(self._steps, start=1):
            source = step.get("df_input", current)
            target = step.get("df_output", source)
            if not (step["skip_if_empty"] and _is_empty(objects[source])):
                objects[target] = self._result(step, number, objects, source, sensors, length)
            elif target != source:
                objects[target] = objects[source]
            current = target
        return objects

    def _result(
        self,
        step: Mapping[str, Any],
        number: int,
        objects: Mapping[str, Any],
        source: str,
        sensors: Mapping[str, Any],
        length: timedelta,
    ) -> Any:
        value = objects[source]
        kind = methods.kind_of(value)
        if step.get("method") == _ATTRIBUTE:
            return _attribute(sensors[source], step["args"][0], number)
        if "property" in step:
            _require(step["property"] in methods.PROPERTIES[kind], "Property", step, kind, number)
            return getattr(value, step["property"])
        name = step["method"]
        _require(name in methods.METHODS[kind], "Method", step, kind, number)
        args, kwargs = resolved(step["args"], objects), resolved(step["kwargs"], objects)
        if methods.refused_argument(name, args, kwargs) is not None:
            raise ComputationFailed(f"Step {number}: Bad arguments for method '{name}'.")
        try:
            _require_coarse(methods.step_of(name, args, kwargs), length)
            return getattr(value, name)(*args, **kwargs)
        except ComputationFailed:
            raise
        except Exception as error:  # whatever pandas raises where the steps do not fit the values
            raise ComputationFailed(f"Step {number}: method '{name}' fails: {error}") from error


def references(value: Any) -> list[str]:
    """The names of objects in arguments: ``@PV`` is the object ``PV``."""
    if isinstance(value, str):
        return [value[1:]] if value.startswith("@") else []
    if isinstance(value, Mapping):
        return references(list(value.values()))
    return [name for each in value for name in references(each)] if isinstance(value, list) else []


def resolved(value: Any, objects: Mapping[str, Any]) -> Any:
    """Arguments with the objects in the place of their names."""
    if isinstance(value, str) and value.startswith("@"):
        return objects[value[1:]]
    if isinstance(value, Mapping):
        return {name: resolved(each, objects) for name, each in value.items()}
    return [resolved(each, objects) for each in value] if isinstance(value, list) else value


def _is_empty(value: Any) -> bool:
    return isinstance(value, pd.DataFrame | pd.Series) and bool(value.isna().to_numpy().all())


def _attribute(sensor: Any, name: str, number: int) -> Any:
    found = sensor.get_attribute(name)
    if found is None:
        raise ComputationFailed(f"Step {number}: sensor {sensor.id} has no attribute '{name}'.")
    return found


def _require(holds: bool, what: str, step: Mapping[str, Any], kind: str, number: int) -> None:
    if not holds:
        name = step.get("property") or step["method"]
        raise ComputationFailed(f"Step {number}: {what} '{name}' not found on {kind}.")


def _require_coarse(step: Any, length: timedelta) -> None:
    """:raises ComputationFailed: where a grid of that step has too many rows."""
    if step is None:
        return
    try:
        seconds = pd.Timedelta(pd.tseries.frequencies.to_offset(step)).total_seconds()
    except ValueError:
        return  # days and months, whose length depends on the calendar; or none, and pandas says so
    if seconds <= 0 or length.total_seconds() / seconds > MOST_ROWS:
        raise ComputationFailed(f"Steps of {step} would make more than {MOST_ROWS} rows.")


def _not_found(
    what: str,
    name: str,
    kind: str,
    known: Mapping[str, Mapping[str, str | None]],
    field: str,
) -> InvalidInput:
    available = sorted(known.get(kind, {}))
    return InvalidInput(
        f"{what} '{name}' not found on {kind}.",
        field=field,
        hint=f"Available: {', '.join(available)}." if available else "There is none.",
    )
