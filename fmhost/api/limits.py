"""Rate limits: for every request to the API, those that start a computation, and logins.

Who asks is found out before anything is counted: by the user, and before the login by the address.
The plan of an account counts before the settings. Counters are in Redis where jobs go through it,
else in the memory of each server process. A counter that fails lets requests pass.
"""

from __future__ import annotations

import logging
import math
import time

from flask import Flask, Response, g, request

from fmhost.api.limit_counters import Counters, CountersInMemory
from fmhost.api.login_limits import LoginLimit, is_login_form, was_in_vain
from fmhost.api.rate_limits import Limit, State, Tally, limits_for, parsed, require, required, tally
from fmhost.api.unit_of_work import current_session
from fmhost.auth.login import logged_in_user
from fmhost.model import Plan, User
from fmhost.model.plans import RATE_LIMIT_KEYS
from fmhost.schemas.fields import LARGEST_ID
from fmhost.services import lookup
from fmhost.services.installation import Installation
from fmhost.settings import Settings

logger = logging.getLogger("fmhost.requests")

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


def limit_requests(app: Flask, installation: Installation) -> None:
    """Count requests and refuse those beyond the limits, unless the settings say not to.

    :raises ConfigurationError: where a limit in the settings cannot be read.
    """
    settings = installation.settings
    if not settings["RATELIMIT_ENABLED"] or settings["FLEXMEASURES_MODE"] == "play":
        return
    rules = _Rules(settings)
    counters = _counters(installation)
    logins = LoginLimit(settings, counters)
    app.extensions["fmhost"]["login_limit"] = logins

    @app.before_request
    def count() -> None:
        if is_limited(request.path) or is_login_form() or _starts_work():
            general, tally().triggers = rules.limits(logged_in_user())
            require([limit.hit(counters) for limit in general], 0)
            require([limit.look(counters) for limit in tally().triggers], 1)
        if is_login_form():
            logins.check_form()

    @app.after_request
    def finish(response: Response) -> Response:
        counted: Tally | None = g.get("rate_limited")
        if counted is None:
            return response
        due = counted.triggers if response.status_code < 400 else ()
        if was_in_vain(response):
            due += counted.attempts
        for limit in due:
            counted.show(limit.hit(counters))
        if counted.shown is not None:
            _tell(response, counted.shown)
        return response


def _tell(response: Response, state: State) -> None:
    wait = max(0, math.ceil(state.window.end - time.time()))
    response.headers["X-RateLimit-Limit"] = str(state.item.amount)
    response.headers["X-RateLimit-Remaining"] = str(max(0, state.remaining))
    response.headers["X-RateLimit-Reset"] = str(math.ceil(state.window.end))
    response.headers.setdefault("Retry-After", str(wait))


class _Rules:
    """What the settings and the plans of accounts allow."""

    def __init__(self, settings: Settings) -> None:
        self._default = required(settings, _DEFAULT)
        self._trigger = required(settings, _TRIGGER)
        self._key: str = settings[_KEY]
        if self._key not in RATE_LIMIT_KEYS:
            logger.error(
                "%s is '%s', which is none of %s; 'account' is used.",
                _KEY,
                self._key,
                ", ".join(RATE_LIMIT_KEYS),
            )
            self._key = "account"

    def limits(self, user: User | None) -> tuple[tuple[Limit, ...], tuple[Limit, ...]]:
        """Those of the request for who asks: of all requests, and of started computations."""
        if user is None:
            key = f"address:{request.remote_addr}"
            trigger = limits_for(self._trigger, f"trigger:{key}") if _starts_work() else ()
            return limits_for(self._default, key), trigger
        plan = user.account.plan
        general = limits_for(_of_plan(plan, "default_rate_limit", self._default), f"user:{user.id}")
        if not _starts_work():
            return general, ()
        trigger_key = f"trigger:{self._trigger_key(user, plan)}"
        return general, limits_for(_of_plan(plan, "trigger_rate_limit", self._trigger), trigger_key)

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


def _of_plan(plan: Plan | None, name: str, default: str) -> str:
    """A limit of the plan, or the default where there is none."""
    text: str | None = getattr(plan, name, None)
    if text is None:
        return default
    try:
        parsed(text)
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
