"""What transformations may call on pandas objects.

Configurations come from users, over the API as well, so that only what is listed here is called:
methods that compute, and no arguments that name code or files. What takes expressions or functions
(``eval``, ``query``, ``apply``, ``pipe``, ``to_csv`` ...) is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from pandas.api import typing as pandas_types

#: Kinds of objects, by what may be called on them.
FRAME, SERIES, GROUPS, WINDOW, INDEX = "frame", "series", "groups", "window", "index"
SCALAR: Final = "scalar"

_OPERATORS: Final = (
    *("add", "sub", "subtract", "mul", "multiply", "div", "divide", "truediv", "floordiv"),
    *("mod", "pow", "radd", "rsub", "rmul", "rdiv", "rtruediv", "rfloordiv", "rmod", "rpow"),
    *("lt", "le", "gt", "ge", "eq", "ne"),
)
_ONE_BY_ONE: Final = (
    *("abs", "clip", "round", "fillna", "ffill", "bfill", "interpolate", "dropna", "isna", "notna"),
    *("isnull", "notnull", "isin", "where", "mask", "replace", "astype", "copy", "rename"),
    *("cumsum", "cumprod", "cummax", "cummin", "diff", "shift", "pct_change", "rank"),
    *("combine_first", "between_time", "at_time", "head", "tail", "truncate", "sort_index"),
    *("asfreq", "tz_convert", "drop"),
)
_OF_FRAMES: Final = ("join", "assign", "add_prefix", "add_suffix")
#: Many values become one.
REDUCTIONS: Final = (
    *("sum", "mean", "min", "max", "median", "std", "var", "prod", "count", "quantile"),
    *("any", "all", "first", "last", "nunique", "size"),
)
_AGGREGATIONS: Final = ("agg", "aggregate")
_REDUCED: Final = (*REDUCTIONS, *_AGGREGATIONS)

_CLASSES: Final[Mapping[str, type[Any]]] = {
    FRAME: pd.DataFrame,
    SERIES: pd.Series,
    GROUPS: pandas_types.DataFrameGroupBy,
    WINDOW: pandas_types.Rolling,
    INDEX: pd.DatetimeIndex,
}
_INSTANCES: Final[Mapping[str, tuple[type[Any], ...]]] = {
    FRAME: (pd.DataFrame,),
    SERIES: (pd.Series,),
    GROUPS: (
        pandas_types.DataFrameGroupBy,
        pandas_types.SeriesGroupBy,
        pandas_types.Resampler,
    ),
    WINDOW: (
        pandas_types.Rolling,
        pandas_types.Expanding,
        pandas_types.ExponentialMovingWindow,
    ),
    INDEX: (pd.DatetimeIndex,),
}

#: By kind and name, the kind of what comes back; None where only the run tells.
METHODS: Final[Mapping[str, Mapping[str, str | None]]] = {
    FRAME: {
        **dict.fromkeys((*_OPERATORS, *_ONE_BY_ONE, *_OF_FRAMES), FRAME),
        **dict.fromkeys(_REDUCED, None),
        **dict.fromkeys(("resample", "groupby"), GROUPS),
        **dict.fromkeys(("rolling", "expanding", "ewm"), WINDOW),
        "get": None,
        "squeeze": None,
    },
    SERIES: {
        **dict.fromkeys((*_OPERATORS, *_ONE_BY_ONE), SERIES),
        **dict.fromkeys(_REDUCED, None),
        **dict.fromkeys(("resample", "groupby"), GROUPS),
        **dict.fromkeys(("rolling", "expanding", "ewm"), WINDOW),
        "to_frame": FRAME,
    },
    GROUPS: dict.fromkeys(
        (
            *_REDUCED,
            *("ffill", "bfill", "asfreq", "interpolate", "nearest"),
            *("cumsum", "cumprod", "cummax", "cummin", "diff", "shift", "rank", "head", "tail"),
        ),
        None,
    ),
    WINDOW: dict.fromkeys(_REDUCED, None),
    INDEX: {},
    SCALAR: {},
}
PROPERTIES: Final[Mapping[str, Mapping[str, str | None]]] = {
    FRAME: {"T": FRAME, "index": INDEX},
    SERIES: {"index": INDEX},
    INDEX: dict.fromkeys(
        ("year", "quarter", "month", "day", "hour", "minute", "dayofweek", "weekday", "dayofyear"),
        None,
    ),
    GROUPS: {},
    WINDOW: {},
    SCALAR: {},
}

#: Arguments that only some values may have: names of code, of types and of ways to combine.
_CHOICES: Final[Mapping[str, tuple[Any, ...]]] = {
    "agg": REDUCTIONS,
    "aggregate": REDUCTIONS,
    "astype": ("float", "int", "bool"),
}
#: Arguments that would choose code, or make a result that is far larger than what it is made of.
_REFUSED: Final[Mapping[str, tuple[str, ...]]] = {
    "rolling": ("win_type", "method"),
    "expanding": ("method",),
    "ewm": ("method",),
    "join": ("on",),
    "rename": ("index", "mapper"),
    "interpolate": ("order",),
}
_ALWAYS_REFUSED: Final = ("engine", "engine_kwargs", "inplace", "method_kwargs")
_STEP_ARGUMENTS: Final[Mapping[str, str]] = {"resample": "rule", "asfreq": "freq"}


def kind_of(value: Any) -> str:
    """Which kind of object it is; a scalar where it is none that has methods."""
    for kind, classes in _INSTANCES.items():
        if isinstance(value, classes):
            return kind
    return SCALAR


def class_of(kind: str) -> type[Any]:
    """The class that stands for a kind, for the signatures of its methods."""
    return _CLASSES[kind]


def refused_argument(method: str, args: list[Any], kwargs: Mapping[str, Any]) -> str | None:
    """The argument that this method may not have, if any.

    :param args: those by position, and `kwargs` those by name; frames may stand among them.
    """
    for name in (*_ALWAYS_REFUSED, *_REFUSED.get(method, ())):
        if name in kwargs:
            return name
    if method == "rename" and args and not isinstance(args[0], str):
        return str(args[0])
    if method == "rolling" and len(args) > 1:
        return str(args[1])
    if method == "join" and (len(args) > 1 or kwargs.get("how") == "cross"):
        return "how"
    if method in _CHOICES:
        named = [*args, *(value for name, value in kwargs.items() if name != "axis")]
        for each in _texts(named):
            if each not in _CHOICES[method]:
                return each
        if method.startswith("agg") and set(kwargs) - {"func", "axis"}:
            return sorted(set(kwargs) - {"func", "axis"})[0]
    return None


def step_of(method: str, args: list[Any], kwargs: Mapping[str, Any]) -> Any:
    """The step of the grid that this method makes; None where it makes none."""
    name = _STEP_ARGUMENTS.get(method)
    if name is None:
        return None
    return kwargs[name] if name in kwargs else next(iter(args), None)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return _texts(list(value.values()))
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []
