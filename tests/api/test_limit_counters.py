"""Counters of rate limits, in memory and in Redis alike."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from fmhost.api.limit_counters import CountersInMemory, Window
from fmhost.api.redis_counters import RESPITE, CountersInRedis
from fmhost.testing.clock import Clock


@pytest.fixture
def seconds(clock: Clock):
    """The clock as counters read it."""
    return lambda: clock().timestamp()


@pytest.fixture
def redis(redis_url):
    client = Redis.from_url(redis_url, socket_timeout=5)
    client.flushdb()
    yield client
    client.close()


@pytest.fixture(params=["memory", "redis"])
def counters(request):
    if request.param == "memory":
        return CountersInMemory()
    return CountersInRedis(request.getfixturevalue("redis"))


def test_each_hit_counts_in_the_window_of_its_key(counters):
    assert [counters.hit("one", 60).hits for _ in range(3)] == [1, 2, 3]
    assert counters.hit("two", 60).hits == 1


def test_looking_counts_nothing(counters):
    counters.hit("one", 60)
    assert counters.look("one", 60).hits == 1
    assert counters.look("one", 60).hits == 1
    assert counters.look("none", 60).hits == 0


def test_a_window_begins_with_its_first_hit_and_is_not_prolonged(counters):
    before = time.time()
    end = counters.hit("one", 60).end
    assert before + 59 < end <= time.time() + 60
    assert counters.hit("one", 60).end == pytest.approx(end, abs=1)


def test_after_its_window_a_counter_begins_anew(clock, seconds):
    counters = CountersInMemory(seconds)
    counters.hit("one", 60)
    clock.advance(timedelta(seconds=59))
    assert counters.hit("one", 60).hits == 2
    clock.advance(timedelta(seconds=1))
    assert counters.look("one", 60) == Window(0, seconds() + 60)
    assert counters.hit("one", 60) == Window(1, seconds() + 60)


def test_counters_in_redis_end_by_themselves(redis):
    CountersInRedis(redis).hit("one", 60)
    (key,) = redis.keys("fmhost:limit:*")
    assert 0 < redis.ttl(key) <= 60


def test_servers_share_their_counters_in_redis(redis):
    assert CountersInRedis(redis).hit("one", 60).hits == 1
    assert CountersInRedis(redis).hit("one", 60).hits == 2


def test_old_counters_are_thrown_away(clock, seconds):
    counters = CountersInMemory(seconds)
    for number in range(1000):
        counters.hit(f"key {number}", 60)
    clock.advance(timedelta(minutes=2))
    for number in range(1000):
        counters.hit(f"later {number}", 60)
    assert len(counters) == 1000


def test_while_redis_fails_requests_are_counted_in_memory(clock, seconds, redis, caplog):
    clock.set(datetime.now(UTC))
    gone = Redis(port=1, socket_connect_timeout=0.5)
    counters = CountersInRedis(gone, seconds)
    with caplog.at_level(logging.WARNING, "fmhost.requests"):
        assert [counters.hit("one", 60).hits for _ in range(3)] == [1, 2, 3]
        assert counters.look("one", 60).hits == 3
    assert caplog.text.count("counted in memory") == 1
    gone.connection_pool = redis.connection_pool  # it is back
    assert counters.hit("one", 60).hits == 4
    clock.advance(timedelta(seconds=RESPITE))
    assert counters.hit("one", 60).hits == 1
