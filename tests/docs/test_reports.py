"""The pages about reports are run as their readers would."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from fmhost.model import Asset, Role, User
from fmhost.model.database import Database
from fmhost.services.kpis import key_figures
from fmhost.testing.pages import examples, matches, run_page

PAGES = Path(__file__).parents[2] / "docs"
REPORTERS = PAGES / "reporting" / "reporters.md"

_FILE = re.compile(r"^```yaml\n# (?P<name>[\w.-]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_ROWS = re.compile(r"^```csv\nstart,.*\n(?P<rows>(?:.*\n)+?)```$", re.MULTILINE)
START = datetime.fromisoformat("2026-03-02T00:00:00+01:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_tutorial_is_true(environment: dict[str, str], tmp_path: Path) -> None:
    assert run_page(PAGES / "tutorials" / "toy-reports.md", tmp_path, environment) >= 10


@pytest.fixture
def site(fmhost: Callable[..., Result]) -> np.ndarray[Any, Any]:
    """The files of the page in the folder of the program; consumption, production and emissions."""
    page = REPORTERS.read_text("utf-8")
    for found in _FILE.finditer(page):
        Path(found["name"]).write_text(found["text"])
    shown = _ROWS.search(page)
    assert shown is not None
    table = np.zeros((48, 3))
    table[:, 0], table[:, 2] = 20, 320
    for row in shown["rows"].splitlines():
        moment, *values = row.split(",")
        table[(datetime.fromisoformat(moment) - START) // HOUR] = [float(each) for each in values]
    table[34:38, 1] = 10, 25, 15, 40
    lines = [
        ",".join([(START + number * HOUR).isoformat(), *map(str, row)])
        for number, row in enumerate(table.tolist())
    ]
    Path("site.csv").write_text("\n".join(["start,consumption,production,emissions", *lines]))
    return table


def test_co2_and_self_consumption_are_what_they_should_be(
    site: np.ndarray[Any, Any], fmhost: Callable[..., Result], database: Database
) -> None:
    uri = database.url.render_as_string(hide_password=False)

    def run(*words: str) -> str:
        done = fmhost(*words, SQLALCHEMY_DATABASE_URI=uri, SECRET_KEY="only for tests")
        assert done.exit_code == 0, done.output
        return done.stdout

    printed = ""
    for example in examples(REPORTERS.read_text("utf-8")):
        printed = run(*shlex.split(example.command)[1:])
        assert matches(example.shown or "", printed), f"{example.command}\n{printed}"
    consumption, production, emissions = site.T / 1000
    co2 = (np.maximum(consumption - production, 0) * emissions * 1000).reshape(2, 24).sum(axis=1)
    used = np.minimum(consumption, production).reshape(2, 24).sum(axis=1)
    share = 100 * used / production.reshape(2, 24).sum(axis=1)
    (shown,) = json.loads(printed)
    assert shown["values"] == pytest.approx(share.tolist())
    with database.transaction() as session:
        asset = session.get_one(Asset, 1)
        asset.sensors_to_show_as_kpis = [
            {"title": "CO2", "sensor": 4},
            {"title": "Self-consumption", "sensor": 5},
        ]
        admin = User(username="admin", email="admin@example.org", account_id=asset.account_id)
        admin.roles = [Role(name="admin")]
        figures = key_figures(session, admin, asset, START, START + 2 * DAY)
        assert [(each.title, each.value) for each in figures] == [
            ("CO2", pytest.approx(co2.sum(), abs=0.005)),
            ("Self-consumption", pytest.approx(share.mean(), abs=0.005)),
        ]
        session.rollback()
