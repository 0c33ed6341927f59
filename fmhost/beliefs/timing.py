"""When beliefs were formed: horizons from what a message says about its recording time."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from fmhost.domain.arrays import Durations, Moments, duration64
from fmhost.domain.knowledge import KnowledgeRule, belief_horizons, knowledge_rule
from fmhost.model.sensors import Sensor


def rule_of(sensor: Sensor) -> KnowledgeRule:
    """When events of the sensor are deemed to be known.

    :raises InvalidInput: where the sensor names an unknown function.
    """
    return knowledge_rule(sensor.knowledge_horizon_fnc, sensor.knowledge_horizon_par)


def knowledge_of(sensor: Sensor, event_starts: Moments) -> Moments:
    """The knowledge times of a sensor's events, `datetime64[us]`, UTC."""
    return rule_of(sensor).times(event_starts, sensor.event_resolution)


def horizons(
    knowledge: Moments,
    *,
    now: datetime,
    prior: datetime | None = None,
    horizon: timedelta | None = None,
    play: bool = False,
) -> Durations:
    """The belief horizon of each event, from what is said about the time of recording.

    Without `prior` and `horizon` beliefs were formed now; with both, at the earlier of the two.

    :param knowledge: the knowledge times of the events.
    :param now: when the message was received.
    :param prior: when all beliefs were formed.
    :param horizon: how long before its knowledge time each belief was formed; negative after it.
    :param play: the server plays a simulation: without `prior` and `horizon`, a belief about an
        event that is known by now was formed when the event became known.
    """
    if prior is None and horizon is None:
        since = belief_horizons(knowledge, now)
        return np.maximum(since, np.timedelta64(0, "us")) if play else since
    formed: list[Durations] = []
    if prior is not None:
        formed.append(belief_horizons(knowledge, prior))
    if horizon is not None:
        formed.append(np.full(knowledge.shape, duration64(horizon)))
    # The longer the horizon, the earlier the belief was formed.
    longest: Durations = np.maximum.reduce(formed)
    return longest
