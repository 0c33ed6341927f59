"""The records of charts, made of columns: one for each belief, in the order of the events."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from fmhost.beliefs import Beliefs
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain.arrays import Durations, Floats, Moments, as_integers, epoch_microseconds
from fmhost.model import Annotation, Sensor, Source

Record = dict[str, Any]

#: Sensors with what is believed about them.
Parts = Iterable[tuple[Sensor, Beliefs]]

#: Width of the lines of an annotation [characters].
_LINE = 60


def dump_records(
    parts: Parts, sources: Mapping[int, Source], factors: Mapping[int, float]
) -> list[Record]:
    """Records about several sensors.

    :param sources: those of the beliefs, by id.
    :param factors: to the units of the axes, by the ids of the sensors.
    """
    formed_by = {key: dump_source(source) for key, source in sources.items()}
    records: list[Record] = []
    for sensor, beliefs in parts:
        about, unit, factor = dump_sensor(sensor), sensor.unit, factors[sensor.id]
        records += [
            {
                "index": index,
                "event_start": start,
                "event_value": value,
                "belief_horizon": horizon,
                "source": formed_by[source_id],
                "sensor": about,
                "sensor_unit": unit,
                "scale_factor": factor,
            }
            for index, start, value, horizon, source_id in zip(
                range(len(records), len(records) + len(beliefs)),
                _milliseconds(beliefs.event_start),
                _numbers(beliefs.event_value),
                _milliseconds(beliefs.belief_horizon),
                beliefs.source_id.tolist(),
                strict=True,
            )
        ]
    return records


def dump_sensor_records(
    sensor: Sensor,
    beliefs: Beliefs,
    sources: Mapping[int, Source],
    resolution: timedelta | None = None,
) -> list[Record]:
    """Records about one sensor, probabilistic beliefs with all their quantiles.

    :param resolution: how long the events last, where that is not the resolution of the sensor.
    """
    formed_by = {key: dump_source(source) for key, source in sources.items()}
    about, unit = dump_sensor(sensor, resolution), sensor.unit
    formed = knowledge_of(sensor, beliefs.event_start) - beliefs.belief_horizon
    return [
        {
            "index": index,
            "event_start": start,
            "event_value": value,
            "belief_time": belief_time,
            "cumulative_probability": probability,
            "source": formed_by[source_id],
            "sensor": about,
            "sensor_unit": unit,
        }
        for index, (start, value, belief_time, probability, source_id) in enumerate(
            zip(
                _milliseconds(beliefs.event_start),
                _numbers(beliefs.event_value),
                _milliseconds(formed),
                beliefs.cumulative_probability.tolist(),
                beliefs.source_id.tolist(),
                strict=True,
            )
        )
    ]


def dump_compressed(
    parts: Parts, sources: Mapping[int, Source], factors: Mapping[int, float]
) -> Record:
    """Records in short; what :func:`dump_records` gives, in a fifth of the room."""
    rows: list[Record] = []
    sensors: dict[str, Record] = {}
    for sensor, beliefs in parts:
        about, sensor_id, factor = dump_sensor(sensor), sensor.id, factors[sensor.id]
        sensors[str(sensor_id)] = {
            "name": about["name"],
            "unit": about["sensor_unit"],
            "description": about["description"],
            "asset_id": about["asset_id"],
            "asset_description": about["asset_description"],
        }
        rows += [
            {
                "ts": start,
                "sid": sensor_id,
                "val": value,
                "sf": factor,
                "src": source,
                "bh": horizon,
            }
            for start, value, source, horizon in zip(
                _milliseconds(beliefs.event_start),
                _numbers(beliefs.event_value),
                beliefs.source_id.tolist(),
                _milliseconds(beliefs.belief_horizon),
                strict=True,
            )
        ]
    short = ("name", "model", "type", "description")
    formed_by = {str(key): dump_source(source) for key, source in sources.items()}
    return {
        "data": rows,
        "sensors": sensors,
        "sources": {key: {name: each[name] for name in short} for key, each in formed_by.items()},
    }


def dump_source(source: Source) -> Record:
    """A source as charts tell it."""
    return {
        "id": source.id,
        "name": source.name,
        "model": source.model or "",
        "version": source.version or "",
        "type": source.chart_type,
        "raw_type": source.type,
        "display_type": source.kind,
        "description": source.description,
    }


def dump_sensor(sensor: Sensor, resolution: timedelta | None = None) -> Record:
    """A sensor as charts tell it, with another resolution where its data have one."""
    asset = sensor.generic_asset
    length = sensor.event_resolution if resolution is None else resolution
    return {
        "id": sensor.id,
        "name": sensor.name,
        "asset_id": asset.id,
        "sensor_unit": sensor.unit,
        "event_resolution": _plain(length.total_seconds()),
        "description": f"{sensor.name} ({asset.name})",
        "asset_description": asset.name,
    }


def dump_annotation(annotation: Annotation, start: datetime, end: datetime) -> Record:
    """An annotation as charts tell it.

    :param start: of the part that is shown; likewise `end`.
    """
    lines = (textwrap.wrap(line, _LINE) or [""] for line in annotation.content.splitlines())
    return {
        "start": milliseconds(start),
        "end": milliseconds(end),
        "content": [part for line in lines for part in line],
        "type": annotation.type,
        "source": dump_source(annotation.source),
    }


def milliseconds(moment: datetime) -> float:
    """Milliseconds since the epoch."""
    return _plain(epoch_microseconds(moment) / 1000)


def _milliseconds(column: Moments | Durations) -> list[float]:
    counted = as_integers(column)
    if (counted % 1000).any():
        return [_plain(each / 1000) for each in counted.tolist()]
    whole: list[float] = (counted // 1000).tolist()
    return whole


def _numbers(values: Floats) -> list[float | None]:
    """A column as JSON: null for what is missing."""
    numbers: list[float | None] = values.tolist()
    for position in np.flatnonzero(~np.isfinite(values)).tolist():
        numbers[position] = None
    return numbers


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number
