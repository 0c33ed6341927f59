"""How the values of one row of a graph are drawn: layers in the Vega-Lite grammar.

The layers expect records with `event_start` [ms since the epoch], `event_value`, `sensor`
(`id`, `description`, `event_resolution` [s]) and `source` (`id`, `description`, `type`), and those
that have one, with the `scale_factor` to the unit of the axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = dict[str, Any]

#: What a record is worth on the axis.
VALUE: Final = "value"

_NUMBER: Final = "isValid(datum.event_value)"
_START: Final = "toNumber(datum.event_start)"
_LENGTH: Final = "1000 * datum.sensor.event_resolution"
_LAST: Final = (
    "!isValid(datum.next_start) || !isValid(datum.next_value)"
    f" || toNumber(datum.next_start) > datum.event_end + {_LENGTH} / 2"
)
_HOURS: Final = "format(abs(datum.belief_horizon) / 3600000, ',.2~f')"

#: Schedules are dashed, forecasts dotted.
_DASHES: Final[Json] = {
    "field": "source.type",
    "type": "nominal",
    "title": "Source",
    "scale": {
        "domain": ["scheduler", "forecaster", "other"],
        "range": [[8, 4], [2, 3], [1, 0]],
    },
    "legend": {"symbolType": "stroke", "symbolStrokeColor": "black", "symbolSize": 400},
}

#: Hours by a clock of 24, and days where midnight is.
_TICKS: Final = (
    "hours(datum.value) || minutes(datum.value) ? timeFormat(datum.value, '%H:%M')"
    " : timeFormat(datum.value, '%a %e %b')"
)


def of_sensors(sensor_ids: Sequence[int], unit: str) -> list[Json]:
    """Keep the records of these sensors, and compute what all kinds of charts need.

    :param unit: of the axis.
    """
    value = f"datum.{VALUE}"
    shown = f" + ' ' + {_quoted(unit)}" if unit else ""
    return [
        {"filter": {"field": "sensor.id", "oneOf": list(sensor_ids)}},
        _calculate(
            VALUE,
            f"{_NUMBER} ? datum.event_value"
            " * (isValid(datum.scale_factor) ? datum.scale_factor : 1) : null",
        ),
        _calculate("event_end", f"{_START} + {_LENGTH}"),
        _calculate("series", "datum.sensor.id + '/' + datum.source.id"),
        _calculate("value_text", f"format({value}, ',.5~r'){shown}"),
        _calculate("source_text", "datum.source.description + ' (ID: ' + datum.source.id + ')'"),
        _calculate(
            "horizon_text",
            f"!isValid(datum.belief_horizon) ? '' : {_HOURS} + (datum.belief_horizon < 0"
            " ? ' h after the fact' : ' h before the fact')",
        ),
    ]


def lines(color: str, y: Json) -> list[Json]:
    """Steps for what lasts, with straight lines between points for moments.

    A step ends with its event where the next one is missing.

    :param color: the field that decides about the colour.
    :param y: of each mark; its field is added.
    """
    steps: Json = {
        "transform": [
            {"filter": "datum.sensor.event_resolution > 0"},
            {
                "window": [
                    {"op": "lead", "field": "event_start", "as": "next_start"},
                    {"op": "lead", "field": VALUE, "as": "next_value"},
                ],
                "groupby": ["series"],
                "sort": [{"field": "event_start", "order": "ascending"}],
            },
            _calculate("last", _LAST),
            _calculate(
                "moments",
                f"datum.last ? [{_START}, datum.event_end, datum.event_end + 1] : [{_START}]",
            ),
            _calculate(
                "heights",
                f"datum.last ? [datum.{VALUE}, datum.{VALUE}, null] : [datum.{VALUE}]",
            ),
            {"flatten": ["moments", "heights"], "as": ["moment", "height"]},
        ],
        "mark": {"type": "line", "interpolate": "step-after", "clip": True},
        "encoding": {
            "x": _time("moment"),
            "y": {**y, "field": "height"},
            **_look(color),
        },
    }
    return [steps, *_moments(color, y), _hover(y)]


def bars(color: str, y: Json) -> list[Json]:
    """A bar as wide as its event; alternative beliefs lie over each other."""
    bar: Json = {
        "transform": [{"filter": "datum.sensor.event_resolution > 0"}],
        "mark": {"type": "rect", "opacity": 0.6, "clip": True},
        "encoding": {
            **_span(),
            "y": {**y, "field": VALUE},
            "y2": {"datum": 0},
            "color": _color(color),
            "detail": {"field": "series"},
            "tooltip": tooltip(),
        },
    }
    return [bar, *_moments(color, y)]


def _moments(color: str, y: Json) -> list[Json]:
    """What is measured at moments: points, and lines between them."""
    transform = [{"filter": "datum.sensor.event_resolution == 0"}]
    place = {"x": _time("event_start"), "y": {**y, "field": VALUE}}
    line: Json = {
        "transform": transform,
        "mark": {"type": "line", "interpolate": "linear", "clip": True},
        "encoding": {**place, **_look(color)},
    }
    point: Json = {
        "transform": transform,
        "mark": {"type": "point", "filled": True, "opacity": 1, "clip": True},
        "encoding": {**place, "color": _color(color), "tooltip": tooltip()},
    }
    return [line, point]


def _hover(y: Json) -> Json:
    """What nobody sees, and which shows the tooltip of a step."""
    return {
        "transform": [{"filter": f"datum.sensor.event_resolution > 0 && isValid(datum.{VALUE})"}],
        "mark": {"type": "rule", "strokeWidth": 10, "opacity": 0, "clip": True},
        "encoding": {**_span(), "y": {**y, "field": VALUE}, "tooltip": tooltip()},
    }


def histogram(color: str, unit_title: str) -> list[Json]:
    """How often values occur."""
    bar: Json = {
        "mark": {"type": "bar", "opacity": 0.6},
        "encoding": {
            "x": {
                "field": VALUE,
                "type": "quantitative",
                "bin": {"maxbins": 40},
                "title": unit_title or "Value",
            },
            "y": {"aggregate": "count", "type": "quantitative", "stack": None, "title": "Count"},
            "color": _color(color),
        },
    }
    return [bar]


def heatmap(hours: str, days: str, unit_title: str) -> list[Json]:
    """The mean of each hour, with a row for each day or week.

    :param hours: the time unit of the columns; `days` that of the rows.
    """
    mean: Json = {"aggregate": "mean", "field": VALUE, "type": "quantitative"}
    cell: Json = {
        "mark": {"type": "rect"},
        "encoding": {
            "x": {"timeUnit": hours, "field": "event_start", "type": "ordinal", "title": None},
            "y": {"timeUnit": days, "field": "event_start", "type": "ordinal", "title": None},
            "color": {
                **mean,
                "title": unit_title or "Value",
                "scale": {"scheme": "blueorange", "domainMid": 0},
            },
            "tooltip": [{**mean, "title": f"Mean {unit_title}".strip(), "format": ",.5~r"}],
        },
    }
    return [cell]


def fixed_values(values: Sequence[tuple[str, float]], unit: str, y: Json) -> list[Json]:
    """Lines across the row: what a flex-context or flex-model says for all times.

    :param values: labels and values in the unit of the axis.
    """
    shown = f" {unit}" if unit else ""
    return [
        {
            "data": {"values": [{VALUE: value, "label": f"{label}: {value:g}{shown}"}]},
            "mark": {"type": "rule", "strokeDash": [12, 4], "clip": True},
            "encoding": {
                "y": {**y, "field": VALUE},
                "color": {"datum": label, "type": "nominal"},
                "tooltip": [{"field": "label", "type": "nominal", "title": "Limit"}],
            },
        }
        for label, value in values
    ]


def bands(dataset: str, domain: Mapping[str, Any]) -> Json:
    """Shaded bands for the annotations in a data set of that name."""
    return {
        "data": {"name": dataset},
        "transform": [_calculate("content_text", "join(datum.content, ' ')")],
        "mark": {"type": "rect", "opacity": 0.15, "color": "gray", "clip": True},
        "encoding": {
            "x": {**_time("start"), **domain},
            "x2": {"field": "end"},
            "tooltip": [
                {"field": "content_text", "type": "nominal", "title": "Annotation"},
                {"field": "type", "type": "nominal", "title": "Type"},
                {"field": "source.name", "type": "nominal", "title": "Source"},
            ],
        },
    }


def tooltip() -> list[Json]:
    """What is told about one belief."""
    told = (
        ("sensor.description", "Sensor"),
        ("value_text", "Value"),
        ("source_text", "Source"),
        ("horizon_text", "Recorded"),
    )
    time: Json = {
        "field": "event_start",
        "type": "temporal",
        "title": "Time and date",
        "format": "%H:%M on %A %e %B %Y",
    }
    fields = [{"field": field, "type": "nominal", "title": title} for field, title in told]
    return [*fields[:2], time, *fields[2:]]


def _look(color: str) -> Json:
    return {"color": _color(color), "strokeDash": _DASHES, "detail": {"field": "series"}}


def _color(field: str) -> Json:
    return {"field": field, "type": "nominal", "title": None}


def _time(field: str) -> Json:
    return {"field": field, "type": "temporal", "title": None, "axis": {"labelExpr": _TICKS}}


def _span() -> Json:
    return {
        "x": _time("event_start"),
        "x2": {"field": "event_end"},
    }


def _calculate(name: str, expression: str) -> Json:
    return {"calculate": expression, "as": name}


def _quoted(text: str) -> str:
    """The text within an expression; a unit may have any character in it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + "".join(each if each.isprintable() else " " for each in escaped) + "'"
