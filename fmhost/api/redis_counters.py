"""Counters of rate limits in Redis, which all servers share."""

from __future__ import annotations

import logging
import time

from redis import Redis
from redis.exceptions import RedisError

from fmhost.api.limit_counters import Clock, CountersInMemory, Window

logger = logging.getLogger("fmhost.requests")

#: For how long Redis is left alone after it has failed [s].
RESPITE = 10

_PREFIX = "fmhost:limit:"


class CountersInRedis:
    """Counters of all processes that use the same Redis; in memory while it fails.

    :param client: should not wait long for an answer.
    """

    def __init__(self, client: Redis, clock: Clock = time.time) -> None:
        self._client = client
        self._clock = clock
        self._spare = CountersInMemory(clock)
        self._avoided_until = 0.0

    def hit(self, key: str, length: int) -> Window:
        """Count a hit."""
        window = self._ask(key, length, counting=True)
        return self._spare.hit(key, length) if window is None else window

    def look(self, key: str, length: int) -> Window:
        """The counter without counting."""
        window = self._ask(key, length, counting=False)
        return self._spare.look(key, length) if window is None else window

    def _ask(self, key: str, length: int, *, counting: bool) -> Window | None:
        """What Redis says; None where it fails, or has just failed."""
        now = self._clock()
        if now < self._avoided_until:
            return None
        name = f"{_PREFIX}{key}"
        try:
            with self._client.pipeline(transaction=True) as pipeline:
                if counting:
                    pipeline.set(name, 0, ex=length, nx=True)
                    pipeline.incr(name)
                else:
                    pipeline.get(name)
                pipeline.pttl(name)
                *_, hits, remaining = pipeline.execute()
        except (RedisError, OSError) as error:
            self._avoided_until = now + RESPITE
            logger.warning("Requests are counted in memory, as Redis fails: %s", error)
            return None
        return Window(int(hits or 0), now + (remaining / 1000 if remaining > 0 else length))
