"""Run the forecaster of FlexMeasures over a series, by its commands, in an environment of its own.

It gets its defaults: 30 days of training. A model serves for a week, as ours does.
"""

from __future__ import annotations

import os
import resource
import secrets
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import psycopg
from numpy.typing import NDArray

from fmhost.testing.servers import postgres_server, redis_server
from real_series.series import Series


class Peer:
    """An installation of it, with a database server that ends with this process.

    :param program: path of the command ``flexmeasures``.
    """

    def __init__(self, program: Path) -> None:
        from sqlalchemy import make_url

        self._program = program
        self._home = Path(mkdtemp(prefix="fmhost-bench-peer-"))
        url = make_url(postgres_server())
        plain = url.set(drivername="postgresql")
        with psycopg.connect(plain.render_as_string(False), autocommit=True) as connection:
            connection.execute("CREATE DATABASE peer")
        self._url = plain.set(database="peer").render_as_string(False)
        port = redis_server().rsplit(":", 1)[1].split("/")[0]
        (self._home / ".flexmeasures.cfg").write_text(
            f"SQLALCHEMY_DATABASE_URI = {self._url.replace('%2F', '/')!r}\n"
            f"SECRET_KEY = {secrets.token_hex(32)!r}\n"
            f"SECURITY_PASSWORD_SALT = {secrets.token_hex(16)!r}\n"
            f"SECURITY_TOTP_SECRETS = {{'1': {secrets.token_hex(32)!r}}}\n"
            "FLEXMEASURES_REDIS_URL = '127.0.0.1'\n"
            f"FLEXMEASURES_REDIS_PORT = {port}\nFLEXMEASURES_REDIS_PASSWORD = ''\n"
            "FLEXMEASURES_MODE = ''\n"
        )
        self._run("db", "upgrade")
        self._run("add", "account", "--name", "bench")
        self._run("add", "initial-structure")
        self._run("add", "source", "--name", "bench", "--type", "script")
        place = ("--latitude", "50", "--longitude", "5")
        self._run("add", "asset", "--name", "b", "--asset-type", "1", "--account", "1", *place)
        with psycopg.connect(self._url) as connection:
            query = "SELECT id FROM data_source WHERE name = 'bench'"
            (self._source,) = connection.execute(query).fetchone() or (0,)

    def forecast(
        self,
        series: Series,
        moments: Sequence[datetime],
        ahead: Sequence[int],
        train: timedelta = timedelta(days=30),
    ) -> tuple[NDArray[np.float64], float]:
        """Values at each moment, so many events ahead; and the seconds of CPU that it took.

        Moments follow each other at equal distance, of which there are so many in a week.

        :param train: how much history a model is made from.
        """
        begin = moments[0] - train - timedelta(days=5)
        target = self._load(series, series.values, begin, moments[-1], series.unit, timedelta(0))
        end = moments[-1] + series.step * max(ahead)
        early = timedelta(days=3)
        weather = [self._load(series, each, begin, end, "%", early) for each in series.weather]
        frequency = (moments[1] if len(moments) > 1 else end) - moments[0]
        horizon = max(ahead) * series.step
        options = [part for each in weather for part in ("--future-regressors", str(each))]
        options += ["--max-forecast-horizon", _duration(horizon)]
        options += ["--forecast-frequency", _duration(frequency)]
        options += ["--train-period", f"P{train.days}D"]
        started = _busy()
        week = timedelta(days=7)
        for first in range(0, len(moments), max(1, week // frequency)):
            # One command a week, with a model of its own: over several models, one command of
            # version 1.0.1 records forecasts of later weeks as believed in the first one.
            start = moments[first]
            period = week if len(moments) > 1 else horizon
            self._run(
                *("add", "forecasts", "--sensor", str(target), *options),
                *("--start", start.isoformat(), "--end", (start + period).isoformat()),
                *("--retrain-frequency", _duration(period)),
            )
        return self._stored(series, target, moments, ahead), _busy() - started

    def _load(
        self,
        series: Series,
        values: NDArray[np.float64],
        begin: datetime,
        end: datetime,
        unit: str,
        horizon: timedelta,
    ) -> int:
        """Store a sensor with its values, past its commands, which take long to start; its id."""
        with psycopg.connect(self._url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO sensor (name, unit, timezone, event_resolution, generic_asset_id,"
                " knowledge_horizon_fnc, knowledge_horizon_par, attributes)"
                " SELECT %s, %s, %s, %s, id, 'ex_post', '{\"ex_post_horizon\": \"P0D\"}', '{}'"
                " FROM generic_asset WHERE name = 'b' RETURNING id",
                (secrets.token_hex(8), unit, series.zone, series.step),
            )
            (sensor,) = cursor.fetchone() or (0,)
            first = max(0, (begin - series.start) // series.step)
            last = min(len(values), (end - series.start) // series.step)
            columns = "event_start, belief_horizon, source_id, sensor_id, event_value"
            into = f"COPY timed_belief ({columns}, cumulative_probability) FROM STDIN"
            with cursor.copy(into) as copy:
                for at in range(first, last):
                    if not np.isnan(values[at]):
                        start = series.start + series.step * at
                        copy.write_row((start, horizon, self._source, sensor, values[at], 0.5))
        return int(sensor)

    def _stored(
        self, series: Series, sensor: int, moments: Sequence[datetime], ahead: Sequence[int]
    ) -> NDArray[np.float64]:
        query = (
            "SELECT event_start, belief_horizon, event_value FROM timed_belief "
            "JOIN data_source ON data_source.id = source_id "
            "WHERE sensor_id = %s AND data_source.type = 'forecaster'"
        )
        with psycopg.connect(self._url) as connection:
            rows = connection.execute(query, (sensor,)).fetchall()
        found = {
            (start.astimezone(UTC) + series.step - horizon, start.astimezone(UTC)): value
            for start, horizon, value in rows
        }
        return np.array(
            [
                [found.get((moment, moment + series.step * (each - 1)), np.nan) for each in ahead]
                for moment in moments
            ]
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which its commands run."""
        return {**os.environ, "HOME": str(self._home), "FLEXMEASURES_ENV": "production"}

    def _run(self, *arguments: str) -> None:
        ended = subprocess.run(
            [str(self._program), *arguments],
            env=self.environment,
            cwd=self._home,
            capture_output=True,
            text=True,
        )
        if ended.returncode:
            raise RuntimeError(f"{arguments}: {ended.stdout[-800:]} {ended.stderr[-1500:]}")


def _duration(length: timedelta) -> str:
    return f"PT{length // timedelta(minutes=1)}M"


def _busy() -> float:
    """Seconds of CPU that commands took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
