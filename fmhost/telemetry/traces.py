"""Traces by OpenTelemetry, where the settings name a collector: requests, jobs and SQL."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import fmhost
from fmhost.settings import Settings
from fmhost.telemetry.optional import needed

_ENDPOINT = "FMHOST_OTLP_ENDPOINT"
_INSTRUMENTATION = "opentelemetry.instrumentation"
#: Questions of monitors, which nobody wants to see.
_LEFT_OUT = "/metrics,/api/v3_0/health/ready,/api/ops/ping"


class _Present:
    provider: Any = None
    tracer: Any = None


_present = _Present()


def _needed(module: str) -> Any:
    return needed(module, setting=_ENDPOINT, extra="telemetry")


def send_traces(settings: Settings, engine: Any) -> None:
    """Send traces from now on, where FMHOST_OTLP_ENDPOINT is set.

    :param engine: the database engine whose statements are traced.
    :raises ConfigurationError: where the packages are not installed.
    """
    endpoint = settings[_ENDPOINT]
    if not endpoint or _present.provider is not None:
        return
    sdk, resources = _needed("opentelemetry.sdk.trace"), _needed("opentelemetry.sdk.resources")
    export, sampling = (
        _needed("opentelemetry.sdk.trace.export"),
        _needed("opentelemetry.sdk.trace.sampling"),
    )
    otlp = _needed("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    sqlalchemy = _needed(f"{_INSTRUMENTATION}.sqlalchemy")
    about = {
        "service.name": "fmhost",
        "service.version": fmhost.__version__,
        "deployment.environment.name": settings.environment,
    }
    provider = sdk.TracerProvider(
        resource=resources.Resource.create(about),
        sampler=sampling.ParentBasedTraceIdRatio(settings["FMHOST_TRACES_SAMPLED"]),
    )
    exporter = otlp.OTLPSpanExporter(
        endpoint=f"{endpoint.rstrip('/')}/v1/traces", headers=settings["FMHOST_OTLP_HEADERS"]
    )
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    # The instrumentation has not been told yet of the version of SQLAlchemy with which it works.
    sqlalchemy.SQLAlchemyInstrumentor().instrument(
        engine=engine, tracer_provider=provider, skip_dep_check=True
    )
    _present.provider, _present.tracer = provider, provider.get_tracer("fmhost")


def trace_application(app: Any) -> None:
    """Trace the requests to a Flask application, where traces are sent."""
    if _present.provider is not None:
        flask = _needed(f"{_INSTRUMENTATION}.flask")
        flask.FlaskInstrumentor.instrument_app(
            app, tracer_provider=_present.provider, excluded_urls=_LEFT_OUT
        )


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """A block that is one span of a trace, where traces are sent."""
    if _present.tracer is None:
        return nullcontext()
    told: AbstractContextManager[Any] = _present.tracer.start_as_current_span(
        name, attributes={f"fmhost.{key}": value for key, value in attributes.items()}
    )
    return told


def end_traces() -> None:
    """Send what is still to be sent, and no more."""
    if _present.provider is not None:
        _needed(f"{_INSTRUMENTATION}.sqlalchemy").SQLAlchemyInstrumentor().uninstrument()
        _present.provider.shutdown()
        _present.provider = _present.tracer = None
