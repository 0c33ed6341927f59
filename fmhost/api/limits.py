"""Rate limits: for every request to the API, and for those that start a computation.

Who asks is found out before anything is counted: by the user, and before the login by the address.
The plan of an account counts before the settings. Counters are in Redis where jobs go through it,
else in the memory of each server process. A counter that fails lets requests pass.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from flask import Flask, Response, g, request
from limits import RateLimitItem, parse_many

from fmhost.api.errors import DomainRejection
from fmhost.api.limit_counters import Counters, CountersInMemory, Window
from fmhost.api.unit_of_work import current_session
from fmhost.auth.login import logged_in_user
from fmhost.errors import ConfigurationError
from fmhost.model import Plan, User
from fmhost.model.plans import RATE_LIMIT_KEYS
from fmhost.schemas.fields import LARGEST_ID
from fmhost.services import lookup
from fmhost.services.installation import Installation
from fmhost.settings import Settings

logger = logging.getLogger("fmhost.requests")

#: A limit that is none.
UNLIMITED = "unlimited"

_HEALTH = "/api/v3_0/health"

_DEFAULT = "FLEXMEASURES_API_DEFAULT_RATE_LIMIT"
_TRIGGER = "FLEXMEASURES_API_TRIGGER_RATE_LIMIT"
_KEY = "FLEXMEASURES_API_RATE_LIMIT_KEY"

#: How long Redis may take to count, before requests are counted in memory [s].
_REDIS_PATIENCE = 0.5


def is_limited(path: str) -> bool:
    """Whether requests for a path are counted: those of the API, except of its health."""
    below_api = path == "/api" or path.startswith("/api/")
    return below_api and path != _HEALTH and not path.startswith(f"{_HEALTH}/")


class _Limit(NamedTuple):
    """A limit for somebody.

    :param item: how many requests in what time.
    """

    item: RateLimitItem
    key: str

    def hit(self, counters: Counters) -> _State:
        """Count a request."""
        return _State(self.item, counters.hit(self.item.key_for(self.key), self.item.get_expiry()))

    def look(self, counters: Counters) -> _State:
        """Where it stands."""
        return _State(self.item, counters.look(self.item.key_for(self.key), self.item.get_expiry()))


class _State(NamedTuple):
    """Where a limit stands."""

    item: RateLimitItem
    window: Window

    @property
    def remaining(self) -> int:
        """How many more requests are allowed; negative where there were too many."""
        return self.item.amount - self.window.hits


@dataclass(slots=True)
class _Counted:
    """What is counted of a request.

    :param triggers: limits of computations, which are counted when one was started.
    :param shown: the limit that the headers tell about; None where there is none.
    """

    triggers: tuple[_Limit, ...] = ()
    shown: _State | None = None


def limit_requests(app: Flask, installation: Installation) -> None:
    """Count requests and refuse those beyond the limits, unless the settings say not to.

    :raises ConfigurationError: where a limit in the settings cannot be read.
    """
    settings = installation.settings
    if not settings["RATELIMIT_ENABLED"] or settings["FLEXMEASURES_MODE"] == "play":
        return
    rules = _Rules(settings)
    counters = _counters(installation)

    @app.before_request
    def count() -> None:
        if is_limited(request.path):
            general, triggers = rules.limits(logged_in_user())
            g.rate_limited = counted = _Counted(triggers)
            _require(counted, [limit.hit(counters) for limit in general], 0)
            _require(counted, [limit.look(counters) for limit in triggers], 1)

    @app.after_request
    def finish(response: Response) -> Response:
        counted: _Counted | None = g.get("rate_limited")
        if counted is None:
            return response
        if response.status_code < 400:
            for limit in counted.triggers:
                state = limit.hit(counters)
                if counted.shown is None or state.remaining <= counted.shown.remaining:
                    counted.shown = state
        if counted.shown is not None:
            _tell(response, counted.shown)
        return response


def _require(counted: _Counted, states: Sequence[_State], needed: int) -> None:
    """See that the limits allow the request; the one that allows least is shown.

    :param needed: how many requests must remain.
    :raises DomainRejection: where a limit does not.
    """
    for state in states:
        if counted.shown is None or state.remaining < counted.shown.remaining:
            counted.shown = state
        if state.remaining < needed:
            counted.shown = state
            counted.triggers = ()
            message = f"You hit a rate limit. The limit you hit allows {state.item}."
            raise DomainRejection("TOO_MANY_REQUESTS", message, 429)


def _tell(response: Response, state: _State) -> None:
    wait = max(0, math.ceil(state.window.end - time.time()))
    response.headers["X-RateLimit-Limit"] = str(state.item.amount)
    response.headers["X-RateLimit-Remaining"] = str(max(0, state.remaining))
    response.headers["X-RateLimit-Reset"] = str(math.ceil(state.window.end))
    response.headers.setdefault("Retry-After", str(wait))


class _Rules:
    """What the settings and the plans of accounts allow."""

    def __init__(self, settings: Settings) -> None:
        self._default = _required(settings, _DEFAULT)
        self._trigger = _required(settings, _TRIGGER)
        self._key: str = settings[_KEY]
        if self._key not in RATE_LIMIT_KEYS:
            logger.error(
                "%s is '%s', which is none of %s; 'account' is used.",
                _KEY,
                self._key,
                ", ".join(RATE_LIMIT_KEYS),
            )
            self._key = "account"

    def limits(self, user: User | None) -> tuple[tuple[_Limit, ...], tuple[_Limit, ...]]:
        """Those of the request for who asks: of all requests, and of started computations."""
        if user is None:
            key = f"address:{request.remote_addr}"
            trigger = _limits(self._trigger, f"trigger:{key}") if _starts_work() else ()
            return _limits(self._default, key), trigger
        plan = user.account.plan
        general = _limits(_of_plan(plan, "default_rate_limit", self._default), f"user:{user.id}")
        if not _starts_work():
            return general, ()
        trigger_key = f"trigger:{self._trigger_key(user, plan)}"
        return general, _limits(_of_plan(plan, "trigger_rate_limit", self._trigger), trigger_key)

    def _trigger_key(self, user: User, plan: Plan | None) -> str:
        kind = (plan.rate_limit_key if plan else None) or self._key
        if kind == "user":
            return f"user:{user.id}"
        account = f"account:{user.account_id}"
        return account if kind == "account" else f"{account}+asset:{_asset_id()}"


def _starts_work() -> bool:
    """Whether the request is for a path that starts a computation, of the kernel or a plugin."""
    rule = request.url_rule
    return rule is not None and request.method == "POST" and rule.rule.endswith("/trigger")


def _asset_id() -> int | None:
    """The asset of the path, or that of the sensor in the path; None where there is none."""
    text = str((request.view_args or {}).get("id", ""))
    rule = request.url_rule.rule if request.url_rule else ""
    if not (text.isascii() and text.isdecimal()) or int(text) > LARGEST_ID:
        return None
    if "/sensors/" not in rule:
        return int(text)
    sensor = lookup.find_sensor(current_session(), int(text))
    return None if sensor is None else sensor.generic_asset_id


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[RateLimitItem, ...]:
    """What a text allows.

    :raises ValueError: where it is no limit.
    """
    return () if text == UNLIMITED else tuple(parse_many(text))


def _limits(text: str, key: str) -> tuple[_Limit, ...]:
    return tuple(_Limit(item, key) for item in _parsed(text))


def _required(settings: Settings, name: str) -> str:
    """A limit of the settings.

    :raises ConfigurationError: where it is none.
    """
    text: str = settings[name]
    try:
        _parsed(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{name} is '{text}', which is no rate limit.",
            field=name,
            hint=f"Write it as '500 per minute' or '10 per 5 minutes', or '{UNLIMITED}'.",
        ) from error
    return text


def _of_plan(plan: Plan | None, name: str, default: str) -> str:
    """A limit of the plan, or the default where there is none."""
    text: str | None = getattr(plan, name, None)
    if text is None:
        return default
    try:
        _parsed(text)
    except ValueError:
        logger.error("The %s of %s is no rate limit: %s", name, plan, text)
        return default
    return text


def _counters(installation: Installation) -> Counters:
    """Where to count."""
    if installation.settings.queue != "rq":
        return CountersInMemory()
    # Servers without Redis need not load its client, and the library of the queue.
    from fmhost.api.redis_counters import CountersInRedis
    from fmhost.jobs.rq_queue import connect

    client = connect(installation, patience=_REDIS_PATIENCE)
    installation.on_close(client.close)
    return CountersInRedis(client)
