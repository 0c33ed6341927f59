"""What the answers about the charts of assets and of sensors have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission, allowed
from fmhost.domain.vega_lite import ChartKind, ChartStyle
from fmhost.domain.zones import time_zone
from fmhost.model import Account, Asset, Sensor
from fmhost.schemas.chart_records import dump_annotation, milliseconds
from fmhost.services.charted import ChartWindow, annotations_about, clipped
from fmhost.services.shown import Shown


def window_in(given: dict[str, Any], timezone: str) -> ChartWindow:
    """The window that the parameters describe.

    :param timezone: whose days and months a duration counts.
    """
    window = ChartWindow(
        given.get("event_starts_after"),
        given.get("event_ends_before"),
        given.get("beliefs_after"),
        given.get("beliefs_before"),
    )
    return window.lasting(given.get("duration"), ZoneInfo(timezone))


def timezone_of(asset: Asset, shown: Shown) -> str:
    """The time zone of an asset: that of its sensors, else of what it shows, else the host's."""
    if asset.common_timezone:
        return asset.common_timezone
    for sensor in shown.sensors:
        return sensor.timezone
    configured: str = current_installation().settings["FLEXMEASURES_TIMEZONE"]
    return time_zone(configured).key


def style_in(
    given: dict[str, Any], window: ChartWindow, *, dataset: str, kind: ChartKind, **other: Any
) -> ChartStyle:
    """The style that the parameters describe.

    :param dataset: the name of the data set where none is given; likewise `kind`.
    :param other: fields of the style that no parameter decides about.
    """
    shown = None
    if window.start is not None and window.end is not None:
        shown = (int(milliseconds(window.start)), int(milliseconds(window.end)))
    if "height" in given:
        other["height"] = given["height"]
    versions = current_installation().settings["FLEXMEASURES_JS_VERSIONS"]
    major = str(versions.get("vegalite", "")).partition(".")[0]
    if major.isdecimal():
        other["version"] = int(major)
    return ChartStyle(
        dataset=given.get("dataset_name", dataset),
        kind=ChartKind(given.get("chart_type", kind)),
        width=given["width"],
        window=shown,
        combine_legend=given["combine_legend"],
        **other,
    )


def annotations_in(
    window: ChartWindow,
    *,
    sensor: Sensor | None = None,
    asset: Asset | None = None,
    account: Account | None = None,
    clip: bool = True,
) -> Sequence[dict[str, Any]]:
    """The annotations of any of these that overlap the window; the caller has asked the policy.

    :param account: passed over where the user may not read it.
    :param clip: whether they are cut at the edges of the window.
    """
    if account is not None and not allowed(requesting_user(), account, Permission.READ):
        account = None
    found = annotations_about(
        current_session(), window, sensor=sensor, asset=asset, account=account
    )
    shown = window if clip else ChartWindow()
    return [dump_annotation(each, *clipped(each, shown)) for each in found]
