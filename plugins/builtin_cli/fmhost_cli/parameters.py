"""Types and options that commands share."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import available_timezones

import click

from fmhost.plugin import Checked, InvalidInput, parse_duration, parse_moment, time_zone

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def account_option(help: str, *, required: bool = False) -> Callable[[Decorated], Decorated]:
    """``--account``, of old ``--account-id``; the parameter is ``account_id``."""
    return _id_option("account", help, required)


def asset_option(help: str, *, required: bool = False) -> Callable[[Decorated], Decorated]:
    """``--asset``, of old ``--asset-id``; the parameter is ``asset_id``."""
    return _id_option("asset", help, required)


def sensor_option(help: str, *, required: bool = False) -> Callable[[Decorated], Decorated]:
    """``--sensor``, of old ``--sensor-id``; the parameter is ``sensor_id``."""
    return _id_option("sensor", help, required)


def _id_option(what: str, help: str, required: bool) -> Callable[[Decorated], Decorated]:
    return click.option(
        f"--{what}", f"--{what}-id", f"{what}_id", type=int, required=required, help=f"ID. {help}"
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _resolution(text: str) -> timedelta:
    if text.strip().removeprefix("-").isdecimal():
        return timedelta(minutes=int(text))
    return parse_duration(text).fixed()


def _timezone(text: str) -> str:
    """The IANA name, in whatever case it is written."""
    try:
        return time_zone(text).key
    except InvalidInput:
        by_lower_case = {name.lower(): name for name in available_timezones()}
        if text.lower() not in by_lower_case:
            raise
        return by_lower_case[text.lower()]


def _json(text: str) -> Any:
    """A JSON value, given as text or as the path of a file that holds it, or YAML."""
    where = ""
    if not text.lstrip().startswith(("{", "[", '"')):
        path = Path(text)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"It is neither JSON nor a file that can be read: {error}.",
                hint="""Write JSON in quotes, such as '{"soc-max": "90 kWh"}', or name a file.""",
            ) from error
        where = f" in {path}"
        if path.suffix in (".yaml", ".yml"):
            return read_yaml(text, where)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"Please check your JSON{where}: {error}.") from error


def read_yaml(text: str, where: str = "") -> Any:
    """The value of a YAML document, with moments as they are written.

    :raises InvalidInput: where it is none.
    """
    import yaml  # needed for such files only

    class Plain(yaml.SafeLoader):  # type: ignore[misc]
        """JSON's values: without a type for dates."""

    Plain.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        return yaml.load(text, Plain)  # a safe loader
    except yaml.YAMLError as error:
        raise InvalidInput(f"Please check your YAML{where}: {error}.") from error


def _json_object(text: str) -> dict[str, Any]:
    value = _json(text)
    if not isinstance(value, dict):
        raise InvalidInput("It should be a dict: a JSON object in braces.")
    return value


def _json_list(text: str) -> list[Any]:
    value = _json(text)
    if not isinstance(value, list):
        raise InvalidInput("It should be a JSON list, in square brackets.")
    return value


#: Names separated by commas, as a tuple.
NAMES = Checked("names", _names)
#: An aware datetime.
MOMENT = Checked("datetime", parse_moment)
#: An ISO 8601 duration, whose days and months the calendar resolves.
DURATION = Checked("duration", parse_duration)
#: A fixed length of time: ISO 8601, or a number of minutes.
RESOLUTION = Checked("duration", _resolution)
#: Name of a time zone, in any case.
TIMEZONE = Checked("timezone", _timezone)
#: A JSON value as text, or the path of a file that holds one.
JSON = Checked("json", _json)
#: A JSON object as text, or the path of a file that holds one, as JSON or YAML.
JSON_OBJECT = Checked("json", _json_object)
#: A JSON list as text, or the path of a file that holds one.
JSON_LIST = Checked("json", _json_list)
