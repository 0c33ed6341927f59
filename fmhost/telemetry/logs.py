"""Log lines, as text for people or as JSON for machines, each with the work that it is about."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

from fmhost.settings import Settings
from fmhost.telemetry.context import FACTS, facts
from fmhost.telemetry.log_files import SharedRotatingFile
from fmhost.telemetry.redaction import Redaction

logger = logging.getLogger("fmhost.logs")

#: Other packages log what they do in more detail than their users want to know.
_OF_OTHERS = logging.WARNING


class Facts(logging.Filter):
    """Gives each record the attribute `facts`: what the thread works on, and what the line adds."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        record.facts = {**facts(), **getattr(record, "facts", {})}
        return True


class TextLines(logging.Formatter):
    """``[time] LEVEL [request_id=... user_id=...] logger: message``."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__("[%(asctime)s] %(levelname)s %(about)s%(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback below it."""
        known: dict[str, Any] = getattr(record, "facts", {})
        told = " ".join(f"{name}={known[name]}" for name in FACTS if name in known)
        record.about = f"[{told}] " if told else ""
        return self._redact(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time`` (UTC), ``level``, ``logger``, ``message`` and the facts."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The object; a traceback is its key ``exception``."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redact(record.getMessage()),
            **{name: self._told(fact) for name, fact in getattr(record, "facts", {}).items()},
        }
        if record.exc_info:
            line["exception"] = self._redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)

    def _told(self, fact: Any) -> Any:
        return self._redact(fact) if isinstance(fact, str) else fact


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to whatever is the standard error when a line is written."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _value: TextIO) -> None:
        """Ignored: the one of the moment counts."""


def line_format(settings: Settings) -> logging.Formatter:
    """How the settings want log lines."""
    redact = Redaction(settings)
    return JsonLines(redact) if settings["FMHOST_LOG_FORMAT"] == "json" else TextLines(redact)


def write_logs(settings: Settings) -> None:
    """Write what this process logs to standard error and a file, as the settings want it."""
    handlers: list[logging.Handler] = [_StandardError()]
    failure = None
    if settings["FMHOST_LOG_FILE"]:
        try:
            handlers.append(SharedRotatingFile(settings.instance / settings["FMHOST_LOG_FILE"]))
        except OSError as error:
            failure = error
    for handler in handlers:
        handler.addFilter(Facts())
        handler.setFormatter(line_format(settings))
    level: int = settings["LOGGING_LEVEL"]
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(max(level, _OF_OTHERS))
    logging.getLogger("fmhost").setLevel(level)
    if failure is not None:
        logger.warning(
            "The log cannot be kept in a file (%s). Set FMHOST_LOG_FILE to another one, or to an "
            "empty text for none.",
            failure,
        )


@contextmanager
def logs_written(settings: Settings) -> Iterator[None]:
    """Within the block, :func:`write_logs`; afterwards all is as before."""
    root, ours = logging.getLogger(), logging.getLogger("fmhost")
    before = (list(root.handlers), root.level, ours.level)
    write_logs(settings)
    try:
        yield
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])
