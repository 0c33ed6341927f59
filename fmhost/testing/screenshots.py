"""Pictures of the main pages: ``python -m fmhost.testing.screenshots docs/images`` writes them.

They show what ``fmhost demo`` makes, on the next day after noon, when its schedule is under way;
with some more accounts, assets and plans around it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from fmhost.testing.clock import Clock

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from fmhost.model import Asset, Source
    from fmhost.services.installation import Installation

# Everything else is imported where it is needed: this folder is loaded with every test run.

PASSWORD: Final = "correct horse battery"
ADMIN: Final = "ada@example.org"

DESK: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 390, "height": 844}

#: Accounts besides that of the demonstration, each with assets: type, name, where.
ACCOUNTS: Final[dict[str, tuple[tuple[str, str, float, float], ...]]] = {
    "Harbour Cold Stores": (
        ("process", "Freezer hall A", 51.95, 4.12),
        ("process", "Freezer hall B", 51.96, 4.16),
        ("solar", "Roof of hall A", 51.95, 4.13),
        ("battery", "Quay battery", 51.94, 4.14),
        ("one-way_evse", "Forklifts", 51.95, 4.11),
    ),
    "North Sea Wind": (
        ("wind", "Borssele", 51.70, 3.05),
        ("wind", "Gemini", 54.03, 5.95),
        ("wind", "Luchterduinen", 52.40, 4.16),
        ("battery", "Landing point", 52.58, 4.65),
    ),
    "Green Street Housing": (
        ("building", "House 12", 52.09, 5.12),
        ("building", "House 14", 52.10, 5.13),
        ("heat pump", "Heat pump 12", 52.09, 5.11),
        ("heat pump", "Heat pump 14", 52.10, 5.14),
        ("solar", "Garage roofs", 52.11, 5.12),
        ("two-way_evse", "Shared cars", 52.08, 5.13),
    ),
    "Meadow Farms": (
        ("solar", "Barn roof", 52.95, 6.56),
        ("wind", "Mill", 53.19, 6.40),
        ("battery", "Barn battery", 52.72, 6.48),
        ("process", "Grain dryer", 51.44, 5.62),
    ),
}

#: What some of them do from the start of the hour on, a value for each quarter
#: [kW, production positive].
PLANS: Final = {
    "Quay battery": [-80.0] * 5 + [0.0] * 8 + [95.0] * 6,
    "Landing point": [0.0] * 6 + [-400.0] * 8,
    "Barn battery": [30.0] * 4 + [0.0] * 20 + [-30.0] * 4,
    "Forklifts": [-22.0] * 7 + [0.0] * 12,
    "Freezer hall A": [-45.0] * 3 + [0.0] * 9 + [-45.0] * 4,
    "Heat pump 12": [-4.5] * 6 + [0.0] * 10,
}


@dataclass(frozen=True)
class Picture:
    """A page to take a picture of.

    :param path: where it is; ``{battery}`` is the id of the demonstration's.
    :param ready: what is on the page once it is complete.
    :param whole: whether the picture has what is below the edge of the window, too.
    """

    name: str
    path: str
    ready: str
    dark: bool = False
    phone: bool = False
    whole: bool = False


PICTURES: Final = (
    Picture("dashboard", "/dashboard", ".map .mark"),
    Picture("dashboard-dark", "/dashboard", ".map .mark", dark=True),
    Picture("asset", "/assets/{battery}/graphs", "canvas", whole=True),
    Picture("asset-phone", "/assets/{battery}/graphs", "canvas", phone=True),
    Picture("tasks", "/tasks/", "tbody"),
)


def main(folder: Path) -> None:
    """Write the pictures into a folder."""
    with tempfile.TemporaryDirectory() as instance, _site(Path(instance)) as (url, ids):
        folder.mkdir(parents=True, exist_ok=True)
        _take(url, ids, folder)


@contextmanager
def _site(instance: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """The address of a running demonstration, and ids for the paths of pictures."""
    from werkzeug.serving import make_server

    from fmhost import settings
    from fmhost.app import create
    from fmhost.host.host import Composition, Host
    from fmhost.jobs.execute import execute
    from fmhost.services.installation import Installation

    environ = {"FMHOST_INSTANCE": str(instance), "HOME": str(instance)}
    program = Path(sys.executable).parent / "fmhost"
    subprocess.run([program, "demo"], env=environ, cwd=instance, check=True, capture_output=True)
    tomorrow = datetime.now(ZoneInfo("Europe/Amsterdam")) + timedelta(days=1)
    clock = Clock(tomorrow.replace(hour=13, minute=10, second=0, microsecond=0))
    chosen = settings.load(
        environ=environ,
        overrides={"FLEXMEASURES_PLATFORM_NAME": "Seaside Grid"},
    )
    installation = Installation.open(chosen, Host(Composition.from_settings(chosen)), clock=clock)
    with installation.database.transaction() as session:
        ids = _populate(installation, session)
        job_id = _plan_again(installation, session, ids["battery"])
    execute(installation, job_id, "worker")
    server = make_server("127.0.0.1", 0, create(installation=installation), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", ids
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        installation.close()


def _populate(installation: Installation, session: Session) -> dict[str, int]:
    """Add accounts, assets and an admin; the id of the demonstration's battery."""
    from sqlalchemy import select

    from fmhost.model import Account, Asset, AssetType
    from fmhost.services.sources import create_source
    from fmhost.services.users import create_user

    battery = session.scalars(
        select(Asset).where(Asset.generic_asset_type.has(AssetType.name == "battery"))
    ).first()
    assert battery is not None
    assert battery.account is not None
    create_user(
        installation,
        session,
        username="ada",
        email=ADMIN,
        password=PASSWORD,
        account=battery.account,
        user_roles=["admin"],
        timezone="Europe/Amsterdam",
    )
    kinds = {kind.name: kind for kind in session.scalars(select(AssetType))}
    planner = create_source(
        session, name="Seita", source_type="scheduler", model="StorageScheduler"
    )
    for owner, assets in ACCOUNTS.items():
        account = Account(name=owner)
        session.add(account)
        for kind, name, latitude, longitude in assets:
            kinds.setdefault(kind, AssetType(name=kind))
            asset = Asset(
                name=name,
                generic_asset_type=kinds[kind],
                account=account,
                latitude=latitude,
                longitude=longitude,
            )
            session.add(asset)
            if name in PLANS:
                _plan(installation, session, asset, planner)
    return {"battery": battery.id}


def _plan_again(installation: Installation, session: Session, battery_id: int) -> str:
    """Ask for a schedule of the battery that keeps to levels; the id of its job."""
    from fmhost.model import Asset, Sensor
    from fmhost.services import schedules

    battery = session.get_one(Asset, battery_id)
    level = Sensor(
        name="state of charge",
        unit="kWh",
        event_resolution=timedelta(0),
        timezone="Europe/Amsterdam",
        generic_asset=battery,
    )
    session.add(level)
    session.flush()
    battery.flex_model = {**battery.flex_model, "state-of-charge": {"sensor": level.id}}
    now = installation.now()
    evening = now.replace(hour=18, minute=0)
    return schedules.trigger(
        installation,
        session,
        target=next(sensor for sensor in battery.sensors if sensor.name == "power"),
        start=now,
        duration=timedelta(hours=34),
        flex_model={
            "soc-at-start": "45 kWh",
            "soc-minima": [
                {"value": "30 kWh", "start": evening.isoformat(), "duration": "PT6H"},
            ],
            "soc-targets": [
                {"value": "90 kWh", "datetime": (evening + timedelta(hours=13)).isoformat()}
            ],
        },
    ).id


def _plan(installation: Installation, session: Session, asset: Asset, planner: Source) -> None:
    """Give an asset a sensor and a plan from this hour on."""
    from fmhost.model import Sensor
    from fmhost.services import recording

    power = Sensor(
        name="power",
        unit="kW",
        event_resolution=timedelta(minutes=15),
        timezone="Europe/Amsterdam",
        generic_asset=asset,
    )
    session.add(power)
    session.flush()
    now = installation.now()
    recording.record(
        installation,
        session,
        power,
        planner,
        start=now.replace(minute=0),
        values=PLANS[asset.name],
        belief_time=now,
    )


def _take(url: str, ids: dict[str, int], folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    from fmhost.testing.browser import find_chromium

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for picture in PICTURES:
            _take_one(browser, url, ids, folder, picture)
            print(folder / f"{picture.name}.png")
        browser.close()


def _take_one(browser: Any, url: str, ids: dict[str, int], folder: Path, picture: Picture) -> None:
    context = browser.new_context(
        viewport=PHONE if picture.phone else DESK,
        color_scheme="dark" if picture.dark else "light",
        timezone_id="Europe/Amsterdam",
    )
    page = context.new_page()
    page.goto(f"{url}/login")
    page.fill("#email", ADMIN)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda there: "/login" not in there)
    page.goto(url + picture.path.format(**ids))
    page.wait_for_selector(picture.ready)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)  # charts and maps draw themselves
    page.screenshot(path=folder / f"{picture.name}.png", full_page=picture.whole)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
