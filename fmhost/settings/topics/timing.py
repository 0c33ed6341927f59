"""Timing"""

from __future__ import annotations

from datetime import timedelta

from fmhost.settings.container_types import Dictionary
from fmhost.settings.setting import Setting
from fmhost.settings.time_types import Duration, TimeZoneName
from fmhost.settings.value_types import Integer, OneOf, OrNone

SETTINGS = (
    Setting(
        "FLEXMEASURES_TIMEZONE",
        TimeZoneName(),
        "Asia/Seoul",
        "Time zone of the server: that of new users and sensors, and of dates without a zone.",
    ),
    Setting(
        "FLEXMEASURES_JOB_TTL",
        Duration(),
        timedelta(days=1),
        "How long a job may wait or run before it may be forgotten.",
    ),
    Setting(
        "FLEXMEASURES_PLANNING_TTL",
        Duration(),
        timedelta(days=7),
        "How long the result of a scheduling job can be fetched. Negative: for ever.",
    ),
    Setting(
        "FLEXMEASURES_PLANNING_HORIZON",
        Duration(),
        timedelta(days=2),
        "Length of a schedule where the request names none.",
        by_environment={"testing": timedelta(days=2)},
    ),
    Setting(
        "FLEXMEASURES_MAX_PLANNING_HORIZON",
        OrNone(OneOf(Integer(1, example="2520"), Duration())),
        timedelta(days=7, hours=1),
        "Longest schedule that can be requested: a duration, or a number of steps. None: no limit.",
    ),
    Setting(
        "FLEXMEASURES_JOB_CACHE_TTL",
        Integer(example="3600"),
        3600,
        "How long an equal request gets the job of the earlier one [s]. Negative: for ever.",
    ),
    Setting(
        "FLEXMEASURES_DEFAULT_JOB_TIMEOUT",
        Integer(1, example="180"),
        180,
        "How long a job may run [s].",
    ),
    Setting(
        "FLEXMEASURES_JOB_TIMEOUT",
        Dictionary(Integer(1), example='{"forecasting": 600}'),
        {},
        "How long a job may run [s], by queue.",
    ),
)
