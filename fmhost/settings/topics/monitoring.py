"""Monitoring and tokens"""

from __future__ import annotations

from datetime import timedelta

from fmhost.settings.container_types import Dictionary, ListOf
from fmhost.settings.network_types import Network
from fmhost.settings.setting import Setting
from fmhost.settings.time_types import Duration
from fmhost.settings.value_types import Boolean, Integer, Number, OrNone, Text

SETTINGS = (
    Setting(
        "FMHOST_LOG_FORMAT",
        Text("text", "json"),
        "text",
        "How log lines look: `text` for people, `json` for machines, one object a line.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_LOG_FILE",
        OrNone(Text(example="/var/log/fmhost/flexmeasures.log")),
        "flexmeasures.log",
        "File to which log lines go besides standard error, in the instance folder unless the path "
        "is absolute. It is moved aside at 10 MB, and six of those are kept. An empty text: none.",
        from_environment=True,
        by_environment={"testing": None},
    ),
    Setting(
        "FMHOST_METRICS_TOKEN",
        OrNone(Text()),
        None,
        "Token with which Prometheus may ask `/metrics`: `Authorization: Bearer`. Without it and "
        "FMHOST_METRICS_NETWORKS there is no such page, and nothing is counted.",
        from_environment=True,
        secret=True,
    ),
    Setting(
        "FMHOST_METRICS_NETWORKS",
        ListOf(Network(), example="127.0.0.1,10.0.0.0/8"),
        [],
        "Addresses and networks that may ask `/metrics` without a token.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_METRICS_FOLDER",
        OrNone(Text(example="/run/fmhost/metrics")),
        None,
        "Where the processes count; servers tell of all that count in the same folder.",
        from_environment=True,
        default_text="`<instance>/metrics`",
    ),
    Setting(
        "FMHOST_METRICS_PORT",
        OrNone(Integer(1, example="9464")),
        None,
        "Port on which a worker answers `/metrics`, where it shares no folder with a server.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_OTLP_ENDPOINT",
        OrNone(Text(example="http://collector:4318")),
        None,
        "Where traces go: a collector that takes OTLP over HTTP. Needs `fmhost[telemetry]`.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_OTLP_HEADERS",
        Dictionary(Text(), example='{"authorization": "Bearer some-token"}'),
        {},
        "Headers that the collector wants.",
        from_environment=True,
        secret=True,
    ),
    Setting(
        "FMHOST_TRACES_SAMPLED",
        Number(0, example="0.1"),
        1.0,
        "Which share of the traces is sent, where the request does not say whether its trace is.",
        from_environment=True,
    ),
    Setting(
        "MAPBOX_ACCESS_TOKEN",
        OrNone(Text()),
        None,
        "Token of the service that draws the maps.",
        from_environment=True,
        secret=True,
    ),
    Setting(
        "SENTRY_DSN",
        OrNone(Text(example="https://<public key>@<server>/<project>")),
        None,
        "Where errors are reported to. Not used in debugging and testing. Needs `fmhost[sentry]`.",
        from_environment=True,
        aliases=("SENTRY_SDN",),
        secret=True,
    ),
    Setting(
        "FLEXMEASURES_SENTRY_CONFIG",
        Dictionary(example='{"traces_sample_rate": 0.33}'),
        {},
        "Further options of the error reports: arguments of `sentry_sdk.init`.",
    ),
    Setting(
        "FLEXMEASURES_SENTRY_DAILY_RATE_LIMIT",
        OrNone(Integer(0, example="100")),
        None,
        "Most error reports of one process in a day. None: no limit.",
        from_environment=True,
    ),
    Setting(
        "FLEXMEASURES_DO_NOT_SEND_NOTFOUND_TO_SENTRY",
        Boolean(),
        True,
        "Whether requests for pages that do not exist are left out of error reports.",
    ),
    Setting(
        "FLEXMEASURES_TASK_CHECK_AUTH_TOKEN",
        OrNone(Text()),
        None,
        "Token with which a monitoring service may ask when tasks last ran.",
        by_environment={"testing": "test-task-check-token"},
        secret=True,
    ),
    Setting(
        "FMHOST_ALERT_PAUSE",
        Duration(),
        timedelta(hours=1),
        "How long no further mail is sent about the same kind of job, or the same plugin.",
        from_environment=True,
    ),
    Setting(
        "FLEXMEASURES_MONITORING_MAIL_RECIPIENTS",
        ListOf(example="fred@example.org,wilma@example.org"),
        [],
        "Addresses that get alerts: from `fmhost monitor`, and about jobs that fail for good and "
        "plugins that are taken out of service.",
        aliases=(
            "FLEXMEASURES_MONITORING_DEFAULT_MAIL_RECIPIENTS",
            "FLEXMEASURES_DEFAULT_MONITORING_MAIL_RECIPIENTS",
        ),
    ),
)
