"""What the plugin adds to the page of a sensor: how good its forecasts were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from fmhost.plugin import Panel, Sensor, evaluations, hookimpl, web

_BAR, _GAP, _WIDTH = 16, 6, 300


@hookimpl
def fmhost_page_panels(target: Any, user: Any) -> Sequence[Panel]:
    """The last evaluation of a sensor, where there is one."""
    if not isinstance(target, Sensor):
        return ()
    found = evaluations.finished(web.session(), target, most=1)
    if not found or found[0].result is None:
        return ()
    return [Panel(key="accuracy", title="Accuracy of forecasts", content=content(found[0].result))]


def content(result: Mapping[str, Any]) -> Markup:
    """Words, a chart and a table about an evaluation."""
    return words(result) + chart(result) + table(result)


def words(result: Mapping[str, Any]) -> Markup:
    """What was compared with what."""
    return Markup("<p>{} against {}: {} forecasts from {} to {}.</p>").format(
        result["forecaster"],
        result["baseline"] or "nothing",
        result["forecasts"],
        result["start"][:10],
        result["end"][:10],
    )


def chart(result: Mapping[str, Any]) -> Markup:
    """1 - WAPE by horizon: a bar for the forecasts above a lighter one for the baseline."""
    rows = result["horizons"]
    parts = []
    for number, row in enumerate(rows):
        top = number * (2 * _BAR + _GAP)
        label = Markup('<text x="0" y="{}" font-size="12">{}</text>')
        parts.append(label.format(top + _BAR + 4, _hours(row["horizon"])))
        baseline = row["baseline"] or {}
        for offset, share, opacity in (
            (0, row["accuracy"], "0.9"),
            (_BAR, baseline.get("accuracy"), "0.35"),
        ):
            length = _WIDTH * min(1.0, max(0.0, share or 0.0))
            parts.append(
                Markup(
                    '<rect x="60" y="{}" width="{:.1f}" height="{}" fill="currentColor" '
                    'fill-opacity="{}"><title>{}</title></rect>'
                ).format(top + offset, length, _BAR - 2, opacity, _percent(share))
            )
    height = len(rows) * (2 * _BAR + _GAP)
    told = "; ".join(f"{_hours(row['horizon'])} ahead {_percent(row['accuracy'])}" for row in rows)
    return Markup(
        '<svg class="accuracy" role="img" viewBox="0 0 {} {}" width="{}" height="{}">'
        "<title>1 - WAPE of the forecasts, and below that of the baseline</title>"
        "<desc>{}</desc>{}</svg>"
    ).format(60 + _WIDTH, height, 60 + _WIDTH, height, told, Markup("").join(parts))


def table(result: Mapping[str, Any]) -> Markup:
    """The figures of each horizon."""
    unit = result["unit"]
    names = (
        *("Ahead", "1 - WAPE", "baseline", f"MAE [{unit}]", f"RMSE [{unit}]"),
        *("in the interval", "promised"),
    )
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in names)
    rows = Markup("").join(_row(row) for row in result["horizons"])
    return Markup(
        '<div class="scroll"><table class="accuracy"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(head, rows)


def _row(row: Mapping[str, Any]) -> Markup:
    baseline = row["baseline"] or {}
    cells = (
        *(_percent(row["accuracy"]), _percent(baseline.get("accuracy"))),
        *(_number(row["mae"]), _number(row["rmse"])),
        *(_percent(row["coverage"]), _percent(row["nominal"])),
    )
    made = Markup("").join(Markup("<td>{}</td>").format(cell) for cell in cells)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(_hours(row["horizon"]), made)


def _hours(duration: str) -> str:
    return duration.removeprefix("PT").replace("H", " h").replace("M", " min")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
