"""Report errors to Sentry, where the settings name one.

What is logged from the severity ERROR on is reported, and what requests end with that nobody
expected. Nothing secret leaves: no cookies, headers or bodies, no local variables, no addresses;
texts are redacted as log lines are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import fmhost
from fmhost.errors import ConfigurationError
from fmhost.settings import Settings
from fmhost.telemetry.context import facts
from fmhost.telemetry.optional import needed
from fmhost.telemetry.redaction import Redaction

_DSN = "SENTRY_DSN"
_OPTIONS = "FLEXMEASURES_SENTRY_CONFIG"


def report_errors(settings: Settings) -> None:
    """Report errors from now on, where SENTRY_DSN is set; never in debugging and testing.

    :raises ConfigurationError: where the package is not installed, or an option does not fit.
    """
    dsn = settings[_DSN]
    if not dsn or settings["DEBUG"] or settings.environment in ("testing", "documentation"):
        return
    sentry = needed("sentry_sdk", setting=_DSN, extra="sentry")
    flask = needed("sentry_sdk.integrations.flask", setting=_DSN, extra="sentry")
    options = {
        "environment": settings.environment,
        "release": f"fmhost@{fmhost.__version__}",
        "auto_enabling_integrations": False,
        "integrations": [flask.FlaskIntegration(transaction_style="url")],
        "include_local_variables": False,
        "max_request_body_size": "never",
        "before_send": _Sending(settings),
        **settings[_OPTIONS],
    }
    try:
        sentry.init(dsn=dsn, **options)
    except (TypeError, ValueError) as error:
        # Not quoted where it may contain the address.
        malformed = type(error).__name__ == "BadDsn"
        raise ConfigurationError(
            f"{_DSN} is not the address of a project."
            if malformed
            else f"An option of {_OPTIONS} does not fit: {error}.",
            field=_DSN if malformed else _OPTIONS,
            hint="It looks like https://<public key>@<server>/<project>."
            if malformed
            else "See the options of sentry_sdk.init().",
        ) from None


def end_reports() -> None:
    """Send what is still to be sent."""
    import sys

    if "sentry_sdk" in sys.modules:
        sys.modules["sentry_sdk"].flush(timeout=2)


class _Sending:
    """What is sent of a report: none beyond the limit of a day, nor for pages that do not exist."""

    def __init__(
        self, settings: Settings, today: Callable[[], date] = lambda: datetime.now(UTC).date()
    ) -> None:
        self._redact = Redaction(settings)
        self._limit: int | None = settings["FLEXMEASURES_SENTRY_DAILY_RATE_LIMIT"]
        self._silent = settings["FLEXMEASURES_DO_NOT_SEND_NOTFOUND_TO_SENTRY"]
        self._today = today
        self._lock = threading.Lock()
        self._day: date | None = None
        self._sent = 0

    def __call__(self, event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any] | None:
        """The report as it is sent; None for none."""
        error = (hint.get("exc_info") or (None, None, None))[1]
        not_found = getattr(error, "code", None) == 404 or getattr(error, "status", None) == 404
        if (self._silent and not_found) or not self._is_within_limit():
            return None
        request = event.get("request", {})
        for part in ("cookies", "headers", "data", "env"):
            request.pop(part, None)
        known = {name: str(value) for name, value in facts().items() if value is not None}
        redacted: dict[str, Any] = self._clean(
            {**event, "tags": {**event.get("tags", {}), **known}}
        )
        return redacted

    def _is_within_limit(self) -> bool:
        with self._lock:
            today = self._today()
            if today != self._day:
                self._day, self._sent = today, 0
            if self._limit is not None and self._sent >= self._limit:
                return False
            self._sent += 1
            return True

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._redact(value)
        if isinstance(value, dict):
            return {key: self._clean(each) for key, each in value.items()}
        return [self._clean(each) for each in value] if isinstance(value, list) else value
