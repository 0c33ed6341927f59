"""The pages about forecasting: their commands are run, and their forecaster forecasts."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Sensor
from fmhost.plugin import Forecaster
from fmhost.services import forecasts
from fmhost.services.sources import create_source
from fmhost.testing import ForecasterConformance
from fmhost.testing.distributions import plugin
from fmhost.testing.pages import run_page
from fmhost.testing.tenants import create_tenant

FOLDER = Path(__file__).parents[2] / "docs" / "forecasting"

_FILE = re.compile(r"^```python\n# (?P<path>[\w./]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """The files that the page about one's own forecaster shows."""
    text = (FOLDER / "your-own.md").read_text("utf-8")
    return {block["path"]: block["text"] for block in _FILE.finditer(text)}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_commands_print_what_the_page_shows(environment, tmp_path):
    assert run_page(FOLDER / "choosing.md", tmp_path, environment) >= 4


def test_ones_own_forecaster_has_about_twenty_lines():
    text = files()["acme_mean/forecaster.py"]
    body = text[text.index("    def compute") :]
    assert len(body.strip().splitlines()) <= 20


def test_ones_own_forecaster_forecasts(site, open_installation):
    shown = files()
    site.install(
        plugin(
            "mean",
            shown["acme_mean/manifest.py"],
            {"forecaster.py": shown["acme_mean/forecaster.py"]},
        )
    )
    installation = open_installation()
    hour, now = timedelta(hours=1), installation.now()
    with installation.database.transaction() as session:
        tenant = create_tenant(session, installation.settings)
        sensor = session.get_one(Sensor, tenant.prices.id)
        starts = moment64(now - 8 * 24 * hour) + np.arange(8 * 24) * duration64(hour)
        source = create_source(session, name="meter", source_type="gateway")
        values = np.arange(8 * 24) % 24 * 1.0
        save(session, sensor, Beliefs.of(starts, duration64(timedelta(0)), source.id, values))
        (result,) = forecasts.compute(
            installation,
            session,
            sensor=sensor,
            duration=30 * hour,
            forecaster="MeanDayForecaster",
        )
    assert result.values.tolist() == [float(number % 24) for number in range(30)]


def _shown_class(path: str) -> type[Forecaster]:
    namespace: dict[str, object] = {"__name__": "acme_mean.forecaster"}
    exec(compile(files()[path], path, "exec"), namespace)
    found = namespace["MeanDayForecaster"]
    assert isinstance(found, type)
    return found


class TestMeanDay(ForecasterConformance):
    """The test that the page shows."""

    forecaster = _shown_class("acme_mean/forecaster.py")


def test_the_page_shows_that_test():
    shown = files()["tests/test_mean.py"]
    assert "class TestMeanDay(ForecasterConformance):\n    forecaster = MeanDayForecaster" in shown
