"""Job queue and Redis"""

from __future__ import annotations

from fmhost.settings.setting import RECOMMENDED, Setting
from fmhost.settings.value_types import Integer, OrNone, Text

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
)
