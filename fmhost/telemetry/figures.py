"""The figures that the kernel counts."""

from __future__ import annotations

from fmhost.telemetry.metrics import Counter, Gauge, Histogram

REQUESTS = Counter(
    "fmhost_requests_total",
    "Requests answered, by template of the route, method and status.",
    ("route", "method", "status"),
)
REQUEST_SECONDS = Histogram(
    "fmhost_request_seconds", "How long requests took [s].", ("route", "method")
)
JOBS_ENDED = Counter(
    "fmhost_job_runs_total",
    "Runs of jobs that ended: finished, failed, retried (will run again) or lost (does not count).",
    ("kind", "outcome"),
)
JOB_SECONDS = Histogram("fmhost_job_seconds", "How long jobs ran [s].", ("kind",))
BELIEFS_WRITTEN = Counter(
    "fmhost_beliefs_written_total",
    "Beliefs stored or replaced, also by transactions that failed later.",
)
PLUGIN_ERRORS = Counter(
    "fmhost_plugin_errors_total", "Hooks of plugins that failed.", ("plugin", "hook")
)
CONNECTIONS = Gauge(
    "fmhost_database_connections", "Connections of the pools of all processes.", ("state",)
)
