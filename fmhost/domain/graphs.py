"""What an asset shows: the rows of its graphs, and its key figures, as JSON."""

from __future__ import annotations

from typing import Any

from fmhost.errors import InvalidInput

SENSORS_TO_SHOW = "sensors_to_show"
KPIS = "sensors_to_show_as_kpis"

#: How the values of a day become one key figure.
KPI_FUNCTIONS = ("sum", "min", "max", "mean")

#: Title of a row that has none.
NO_TITLE = "No Title"

_Y_AXIS = (
    "'y-axis' must be 'zero', 'data', a [min, max] list of two numbers, or a "
    "{'min': min, 'max': max} dict."
)


def checked_rows(value: Any) -> list[Any]:
    """The rows of a graph; each is a sensor, a list of sensors, or an object with a title.

    :raises InvalidInput: for any other form.
    """
    if not isinstance(value, list):
        raise _wrong("sensors_to_show should be a list.")
    return [_checked_row(row) for row in value]


def _checked_row(row: Any) -> Any:
    if _is_integer(row):
        return row
    if isinstance(row, list):
        if not all(map(_is_integer, row)):
            raise _wrong("All elements in a list within 'sensors_to_show' must be integers.")
        return row
    if not isinstance(row, dict):
        raise _wrong("Invalid item type in 'sensors_to_show'. Expected int, list, or dict.")
    if not isinstance(row.get("title", ""), str):
        raise _wrong("'title' value must be a string.")
    if "y-axis" in row:
        _check_axis(row["y-axis"])
    if "plots" in row:
        _check_plots(row["plots"])
    elif not _has_sensors(row):
        raise _wrong("Dictionary must contain either 'sensor', 'sensors' or 'plots' key.")
    return row if "title" in row else {"title": NO_TITLE, **row}


def _has_sensors(row: dict[str, Any]) -> bool:
    """Whether the object names sensors; what it names has to be ids."""
    if "sensor" in row and not _is_integer(row["sensor"]):
        raise _wrong("'sensor' value must be an integer.")
    if "sensors" in row and not (
        isinstance(row["sensors"], list) and all(map(_is_integer, row["sensors"]))
    ):
        raise _wrong("'sensors' value must be a list of integers.")
    return "sensor" in row or "sensors" in row


def _check_plots(plots: Any) -> None:
    if not isinstance(plots, list | dict):
        raise _wrong("'plots' must be a list or dictionary.")
    for plot in plots if isinstance(plots, list) else [plots]:
        if not isinstance(plot, dict):
            raise _wrong("Each plot in 'plots' must be a dictionary.")
        if _has_sensors(plot):
            continue
        field = plot.get("flex-context", plot.get("flex-model"))
        if not _is_integer(plot.get("asset")) or not isinstance(field, str):
            raise _wrong(
                "Each plot needs a 'sensor', 'sensors', or an 'asset' with the name of a field of "
                "its 'flex-context' or 'flex-model'."
            )


def _check_axis(axis: Any) -> None:
    if axis in ("zero", "data"):
        return
    if isinstance(axis, list):
        fits = len(axis) == 2 and all(map(_is_number, axis)) and axis[0] <= axis[1]
    elif isinstance(axis, dict) and axis.keys() == {"min", "max"}:
        fits = all(map(_is_number, axis.values())) and axis["min"] < axis["max"]
    else:
        fits = False
    if not fits:
        raise _wrong(_Y_AXIS)


def checked_kpis(value: Any) -> list[Any]:
    """The key figures of an asset: ``{"title": str, "sensor": id, "function": "sum"}`` each.

    :raises InvalidInput: for any other form.
    """
    if not isinstance(value, list):
        raise InvalidInput("sensors_to_show_as_kpis should be a list.", field=KPIS)
    for number, figure in enumerate(value):
        _check_kpi(figure, f"{KPIS}.{number}")
    return value


def _check_kpi(figure: Any, place: str) -> None:
    if not isinstance(figure, dict):
        raise InvalidInput("Not a valid mapping type.", field=place)
    for name in ("title", "sensor"):
        if name not in figure:
            raise InvalidInput("Missing data for required field.", field=f"{place}.{name}")
    for name in figure:
        if name not in ("title", "sensor", "function"):
            raise InvalidInput("Unknown field.", field=f"{place}.{name}")
    if not isinstance(figure["title"], str):
        raise InvalidInput("Not a valid string.", field=f"{place}.title")
    if not _is_integer(figure["sensor"]):
        raise InvalidInput("Not a valid integer.", field=f"{place}.sensor")
    if "function" in figure and figure["function"] not in KPI_FUNCTIONS:
        raise InvalidInput(
            f"Must be one of: {', '.join(KPI_FUNCTIONS)}.", field=f"{place}.function"
        )


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(message: str) -> InvalidInput:
    return InvalidInput(message, field=SENSORS_TO_SHOW)
