# syntax=docker/dockerfile:1
# One image for everything: the server, workers, and single commands.
#   docker build --tag fmhost .
#   docker run --rm fmhost --help

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
RUN python -m venv /opt/fmhost
# What we depend on, by version and hash: a layer that changes with the lock file only.
COPY requirements-image.lock ./
RUN /opt/fmhost/bin/pip install --no-deps --require-hashes --requirement requirements-image.lock
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY fmhost ./fmhost
COPY migrations ./migrations
COPY templates ./templates
COPY plugins ./plugins
RUN /opt/fmhost/bin/pip install --no-deps --no-build-isolation . ./plugins/builtin_* \
    && /opt/fmhost/bin/python -m compileall -q /opt/fmhost/lib

FROM python:3.12-slim-bookworm
ENV PATH=/opt/fmhost/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FMHOST_INSTANCE=/usr/var/flexmeasures-instance \
    FMHOST_LOG_FORMAT=json \
    FMHOST_LOG_FILE=
RUN useradd --system --uid 10001 --user-group --home-dir "$FMHOST_INSTANCE" --create-home fmhost
COPY --from=build /opt/fmhost /opt/fmhost
USER 10001:10001
WORKDIR /usr/var/flexmeasures-instance
VOLUME /usr/var/flexmeasures-instance
EXPOSE 5000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:5000/api/v3_0/health/ready', timeout=8)"]
ENTRYPOINT ["fmhost"]
CMD ["run", "--host", "0.0.0.0", "--port", "5000", "--workers", "2"]
