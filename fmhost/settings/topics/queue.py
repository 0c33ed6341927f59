"""Job queue and Redis"""

from __future__ import annotations

from fmhost.settings.setting import RECOMMENDED, Setting
from fmhost.settings.value_types import Integer, Number, OrNone, Text

REDIS_SETTINGS = (
    "FLEXMEASURES_REDIS_URL",
    "FLEXMEASURES_REDIS_PORT",
    "FLEXMEASURES_REDIS_DB_NR",
    "FLEXMEASURES_REDIS_PASSWORD",
)

SETTINGS = (
    Setting(
        "FMHOST_QUEUE",
        OrNone(Text("inline", "rq")),
        None,
        "Where jobs run: `inline` in the server's own process, `rq` in workers that are reached "
        "through Redis.",
        from_environment=True,
        default_text="`rq` where a setting of Redis is set, else `inline`",
    ),
    Setting(
        "FLEXMEASURES_REDIS_URL",
        Text(example="redis.example.org"),
        "localhost",
        "Host of the Redis server.",
        from_environment=True,
        importance=RECOMMENDED,
    ),
    Setting(
        "FLEXMEASURES_REDIS_PORT",
        Integer(1, example="6379"),
        6379,
        "Port of the Redis server.",
        from_environment=True,
        importance=RECOMMENDED,
    ),
    Setting(
        "FLEXMEASURES_REDIS_DB_NR",
        Integer(0, example="0"),
        0,
        "Number of the database in the Redis server.",
        from_environment=True,
        importance=RECOMMENDED,
    ),
    Setting(
        "FLEXMEASURES_REDIS_PASSWORD",
        OrNone(Text()),
        None,
        "Password of the Redis server.",
        from_environment=True,
        secret=True,
        importance=RECOMMENDED,
    ),
    Setting(
        "FMHOST_JOB_ATTEMPTS",
        Integer(1, example="5"),
        5,
        "How often a job is started at most: it is run again where what stopped it may pass, or "
        "its worker died.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_JOB_RETRY_DELAY",
        Number(0, example="10"),
        10.0,
        "How long a job waits before it is run again [s]; twice as long each further time, up to "
        "an hour.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_JOB_HEARTBEAT",
        Number(0.1, example="5"),
        5.0,
        "How often a running job gives a sign of life [s].",
        from_environment=True,
    ),
    Setting(
        "FMHOST_JOB_LOST_AFTER",
        Number(1, example="30"),
        30.0,
        "After how long without a sign of life a running job is given to another worker [s]; "
        "several times FMHOST_JOB_HEARTBEAT.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_JOB_CHECK_INTERVAL",
        Number(0.1, example="5"),
        5.0,
        "How often one of the processes looks for jobs that were lost, and for what is due [s].",
        from_environment=True,
    ),
)
