"""What rate limits are made of: how they are written, who has one, and how one stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from flask import g
from limits import RateLimitItem, parse_many

from fmhost.api.errors import DomainRejection
from fmhost.api.limit_counters import Counters, Window
from fmhost.errors import ConfigurationError
from fmhost.settings import Settings

#: A limit that is none.
UNLIMITED = "unlimited"


class Limit(NamedTuple):
    """A limit for somebody.

    :param item: how many requests in what time.
    """

    item: RateLimitItem
    key: str

    def hit(self, counters: Counters) -> State:
        """Count a request."""
        return State(self.item, counters.hit(self.item.key_for(self.key), self.item.get_expiry()))

    def look(self, counters: Counters) -> State:
        """Where it stands."""
        return State(self.item, counters.look(self.item.key_for(self.key), self.item.get_expiry()))


class State(NamedTuple):
    """Where a limit stands."""

    item: RateLimitItem
    window: Window

    @property
    def remaining(self) -> int:
        """How many more requests are allowed; negative where there were too many."""
        return self.item.amount - self.window.hits


@dataclass(slots=True)
class Tally:
    """What is counted of a request.

    :param triggers: limits of computations, which are counted when one was started.
    :param attempts: limits of logins, which are counted when one was in vain.
    :param shown: the limit that the headers tell about, the one that allows least; None where
        there is none.
    """

    triggers: tuple[Limit, ...] = ()
    attempts: tuple[Limit, ...] = ()
    shown: State | None = None

    def show(self, state: State) -> None:
        """Tell of a limit, unless another one allows less."""
        if self.shown is None or state.remaining <= self.shown.remaining:
            self.shown = state


def tally() -> Tally:
    """That of the request."""
    if "rate_limited" not in g:
        g.rate_limited = Tally()
    found: Tally = g.rate_limited
    return found


def require(states: Sequence[State], needed: int) -> None:
    """See that the limits allow the request.

    :param needed: how many requests must remain.
    :raises DomainRejection: where a limit does not.
    """
    counted = tally()
    for state in states:
        counted.show(state)
        if state.remaining < needed:
            counted.shown = state
            counted.triggers = counted.attempts = ()
            message = f"You hit a rate limit. The limit you hit allows {state.item}."
            raise DomainRejection("TOO_MANY_REQUESTS", message, 429)


@lru_cache(maxsize=256)
def parsed(text: str) -> tuple[RateLimitItem, ...]:
    """What a text allows.

    :raises ValueError: where it is no limit.
    """
    return () if text == UNLIMITED else tuple(parse_many(text))


def limits_for(text: str, key: str) -> tuple[Limit, ...]:
    """The limits that a text means, for somebody.

    :raises ValueError: where it is no limit.
    """
    return tuple(Limit(item, key) for item in parsed(text))


def required(settings: Settings, name: str) -> str:
    """A limit of the settings.

    :raises ConfigurationError: where it is none.
    """
    text: str = settings[name]
    try:
        parsed(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{name} is '{text}', which is no rate limit.",
            field=name,
            hint=f"Write it as '500 per minute' or '10 per 5 minutes', or '{UNLIMITED}'.",
        ) from error
    return text
