"""What the template of a chart needs to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import session, url_for

from fmhost.plugin import Asset, Sensor
from fmhost_ui.chart_request import CHART_TYPES, file_name, remembered_type, remembered_window

#: From so many sensors on the legend stands beside the chart.
MANY_SENSORS = 7


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """A chart of a page.

    :param address: where its data are.
    :param file: what its values are saved as, without an ending.
    :param window: what is shown at first; None for what is usual.
    :param types: the kinds of chart to choose from, by key; empty where there is no choice.
    :param has_many: whether there are so many sensors that the legend stands beside the chart.
    :param legend_below: whether it stands below the chart even then.
    """

    address: str
    file: str
    title: str
    timezone: str
    window: tuple[datetime, datetime] | None
    types: Mapping[str, str]
    type: str
    has_many: bool
    legend_below: bool = True


def frame_of_sensor(sensor: Sensor) -> ChartFrame:
    """The chart of a sensor's page."""
    return ChartFrame(
        address=url_for("ui.chart_data_of_sensor", id=sensor.id),
        file=file_name(sensor),
        title=f"{sensor.name} of {sensor.generic_asset.name}",
        timezone=sensor.timezone,
        window=remembered_window(),
        types={str(key): title for key, title in CHART_TYPES.items()},
        type=remembered_type(),
        has_many=False,
    )


def frame_of_asset(asset: Asset, sensors: Sequence[Sensor], timezone: str) -> ChartFrame:
    """The chart of an asset's page.

    :param sensors: that it shows.
    """
    return ChartFrame(
        address=url_for("ui.chart_data_of_asset", id=asset.id),
        file=file_name(asset),
        title=asset.name,
        timezone=timezone,
        window=remembered_window(),
        types={},
        type="",
        has_many=len(sensors) >= MANY_SENSORS,
        legend_below=bool(session.get("keep_legends_below_graphs")),
    )
