"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the same moment until it is set or advanced; for ``Installation.open(clock=...)``."""

    def __init__(self, moment: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        """From now on it is `moment`, an aware datetime."""
        self.moment = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move on."""
        self.moment += by
