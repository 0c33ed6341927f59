"""Which time and which kind of chart somebody asks for: by URL, else as the session remembers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, cast, get_args

from flask import request, session

from fmhost.plugin import Asset, InvalidInput, Sensor, parse_moment, plots

ChartType = Literal["bar_chart", "histogram", "daily_heatmap", "weekly_heatmap"]

#: What the menu of a sensor's page says.
CHART_TYPES: Final[dict[ChartType, str]] = {
    "bar_chart": "Values over time",
    "histogram": "Histogram",
    "daily_heatmap": "Daily heatmap",
    "weekly_heatmap": "Weekly heatmap",
}

#: Under which keys the session has the window.
START, END = "event_starts_after", "event_ends_before"

_LONGEST: Final = timedelta(days=366 * 50)
_WIDEST: Final = 4000


def remembered_window() -> tuple[datetime, datetime] | None:
    """The window that the URL of a page names with ``start_time`` and ``end_time``, or the session.

    A text that is no time is passed over: it stands in somebody's bookmark.
    """
    for start, end in (
        (request.args.get("start_time"), request.args.get("end_time")),
        (session.get(START), session.get(END)),
    ):
        if start and end:
            try:
                return _checked(parse_moment(start), parse_moment(end))
            except InvalidInput:
                continue
    return None


def remembered_type() -> ChartType:
    """The kind of chart that the URL of a page names, or the session."""
    for said in (request.args.get("chart_type"), session.get("chart_type")):
        if said in get_args(ChartType):
            return cast(ChartType, said)
    return "bar_chart"


def asked_frame(usual: tuple[datetime, datetime] | None) -> plots.Frame:
    """The frame that a request for data names; remembered where it says ``remember``.

    :param usual: the window where it names none.
    :raises InvalidInput: where it makes no sense.
    """
    window = usual
    if usual is None:
        window = _checked(*(parse_moment(_given(name), field=name) for name in (START, END)))
    assert window is not None
    prior = request.args.get("beliefs_before")
    if "remember" in request.args:
        session[START], session[END] = (each.isoformat() for each in window)
    return plots.Frame(
        *window,
        prior=parse_moment(prior, field="beliefs_before") if prior else None,
        pixels=_pixels(),
    )


def names_window() -> bool:
    """Whether a request for data names a window."""
    return START in request.args or END in request.args


def asked_type() -> ChartType:
    """The kind of chart that a request for data names; remembered where it says ``remember``.

    :raises InvalidInput: for one that does not exist.
    """
    said = request.args.get("chart_type", "bar_chart")
    if said not in get_args(ChartType):
        raise InvalidInput(
            f"There is no kind of chart named '{said}'.",
            field="chart_type",
            hint=f"Name one of: {', '.join(CHART_TYPES)}.",
        )
    if "remember" in request.args:
        session["chart_type"] = said
    return cast(ChartType, said)


def file_name(target: Asset | Sensor) -> str:
    """What files with the values of `target` are called, without an ending."""
    kind = "asset" if isinstance(target, Asset) else "sensor"
    words = "".join(each if each.isalnum() else " " for each in target.name)
    return "-".join([kind, str(target.id), *words.lower().split()])


def _given(name: str) -> str:
    text = request.args.get(name, "")
    if not text:
        raise InvalidInput("A window has a start and an end.", field=name)
    return text


def _pixels() -> int | None:
    text = request.args.get("width", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _WIDEST):
        raise InvalidInput(f"Must be a number of pixels from 1 to {_WIDEST}.", field="width")
    return int(text)


def _checked(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    # Within a zone, moments are compared by its clock, which may show a time twice.
    length = end.astimezone(UTC) - start.astimezone(UTC)
    if not timedelta(0) < length <= _LONGEST:
        raise InvalidInput("The end must be after the start, by at most 50 years.", field=END)
    return start, end
