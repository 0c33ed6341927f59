"""Doing things in a real browser: the toy tutorial by clicking, bad files, deletions, editors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fmhost.model import Asset, Job, Sensor
from fmhost.model.seeds import add_initial_structure
from fmhost.services.sensors import count_beliefs

pytestmark = [
    pytest.mark.filterwarnings("ignore:Passing SelectField choices:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:'get_token_status' is deprecated"),
    # The server leaves a file open that the browser does not wait for when a page is left.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO"),
]

PRICES = [
    10,
    11,
    12,
    15,
    18,
    17,
    10.5,
    9,
    9.5,
    9,
    8.5,
    10,
    8,
    5,
    4,
    4,
    5.5,
    8,
    12,
    13,
    14,
    12.5,
    10,
    7,
]


@pytest.fixture
def database_kind() -> str:
    """What a browser shows is the same on either database."""
    return "sqlite"


@pytest.fixture
def visit(real_browser: Any, tenant: Any) -> Iterator[Callable[..., Any]]:
    """``visit(path, phone=False)``: a page as the admin of the account sees it; nothing must go
    wrong on it.
    """
    yield lambda path, phone=False: real_browser.open(path, tenant.account_admin, phone=phone)
    # That jobs fail, and that files are refused, is no mistake of the page.
    wrong = [each for each in real_browser.close() if "responded with a status of 422" not in each]
    assert wrong == []


@pytest.fixture
def beliefs(installation: Any, tenant: Any) -> Callable[[], int]:
    """``beliefs()``: how many there are on the power sensor."""

    def count() -> int:
        with installation.database.reading() as session:
            return count_beliefs(session, [tenant.power.id])

    return count


def create_by_form(page: Any, **fields: str) -> None:
    """Fill in the form of the page and send it."""
    for name, text in fields.items():
        field = page.locator(f"main [name={name}]")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(label=text)
        else:
            field.fill(text)
    page.click("main button[type=submit]:has-text('Create')")


def choose_place(page: Any) -> None:
    """Click on the map of the page, and then choose its middle by keyboard."""
    page.click(".map.place svg")
    clicked = [page.input_value(f"#{name}") for name in ("latitude", "longitude")]
    assert all(clicked)
    assert page.locator(".map.place .mark").get_attribute("aria-label") == (
        f"Here: {clicked[0]}, {clicked[1]}"
    )
    page.focus(".map.place svg")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert float(page.input_value("#longitude")) > float(clicked[1])


def choose(page: Any, file: Path) -> None:
    page.wait_for_load_state()  # until then, nothing but the browser's own button answers
    with page.expect_file_chooser() as asked:
        page.click("#uploaded-files")
    asked.value.set_files(file)


def add_field(page: Any, part: str, name: str) -> Any:
    """The row for another field of a flex-model or flex-context."""
    page.select_option(f"#{part}-add", name)
    page.click(f"#{part} [data-add] button")
    return page.locator(f"#{part} [data-field='{name}']")


def save(page: Any, part: str) -> None:
    page.locator(f"#{part} [data-state]", has_text="Not saved yet.").wait_for()
    page.click(f"#{part} button[type=submit]")
    page.wait_for_selector(".message.success:has-text('Saved.')")


def test_the_toy_tutorial_by_clicking(
    visit: Any, tenant: Any, installation: Any, tmp_path: Path, clock: Any
) -> None:
    with installation.database.transaction() as session:
        add_initial_structure(session)
    page = visit("/assets")
    page.click("text=New asset")
    choose_place(page)
    create_by_form(page, name="toy-battery", generic_asset_type_id="battery", account_id="Acme")
    page.wait_for_selector("h1:has-text('toy-battery')")
    home = page.url.removesuffix("/properties")
    with installation.database.reading() as session:
        battery = session.get_one(Asset, int(home.rpartition("/")[2]))
        assert (50 < battery.latitude < 54, 3 < battery.longitude < 8) == (True, True)
    page.click("text=New sensor")
    create_by_form(page, name="discharging", unit="MW", event_resolution="PT15M")
    page.wait_for_selector("h1:has-text('discharging')")
    power = page.url.rpartition("/")[2]
    page.goto(f"{home}/sensors/new")
    create_by_form(
        page, name="prices", unit="EUR/MWh", event_resolution="PT1H", timezone="Europe/Amsterdam"
    )
    page.wait_for_selector("h1:has-text('prices')")
    prices = page.url.rpartition("/")[2]
    page.click("text=Upload")
    tomorrow = (clock() + timedelta(days=1)).date()
    file = tmp_path / "prices.csv"
    rows = "".join(f"{tomorrow}T{hour:02}:00:00,{price}\n" for hour, price in enumerate(PRICES))
    file.write_text(f"Hour,Price\n{rows}")
    choose(page, file)
    page.wait_for_selector(".preview >> text=has 24 rows, of which 24 values would be stored")
    page.click("main button:has-text('Store')")
    page.wait_for_selector(".toast >> text=The data are stored.")
    page.goto(f"{home}/context")
    for name, text in (("soc-min", "50 kWh"), ("soc-max", "450 kWh"), ("power-capacity", "500 kW")):
        add_field(page, "flex_model", name).locator("input").last.fill(text)
    add_field(page, "flex_model", "roundtrip-efficiency").locator("input").fill("90%")
    save(page, "flex_model")
    row = add_field(page, "flex_context", "consumption-price")
    row.locator("select").select_option("sensor")
    row.locator("input").fill(prices)
    assert "prices of toy-battery [EUR/MWh]" in row.inner_text()
    save(page, "flex_context")
    page.click("text=Schedule …")
    page.fill("#start", f"{tomorrow}T07:00")
    page.select_option("#duration", "PT12H")
    page.fill(f"[id='{power}:soc-at-start']", "225 kWh")
    page.click("text=Compute the schedule")
    page.wait_for_selector("#job-title:has-text('Done')")
    assert "48 values are stored" in page.inner_text("[data-message]")
    page.click("text=See the schedule of discharging")
    page.wait_for_selector("h1:has-text('discharging')")
    with installation.database.reading() as session:
        (job,) = session.query(Job).filter_by(kind="schedule")
        assert job.state == "finished"
        assert count_beliefs(session, [int(power)]) == 48


def test_a_bad_row_is_named_and_nothing_is_stored(
    visit: Any, tenant: Any, tmp_path: Path, beliefs: Any
) -> None:
    file = tmp_path / "power.csv"
    file.write_text("time,power\n2026-03-01T00:00,1\n2026-03-01T00:15,much\n2026-03-01T00:30,2\n")
    page = visit(f"/sensors/{tenant.power.id}/upload", phone=True)
    choose(page, file)
    page.wait_for_selector("#preview-complaints")
    told = page.inner_text(".preview table.stacks")
    assert "Row 3" in told
    assert "column 2 (power)" in told
    assert "'much' is not a number" in told
    assert page.is_disabled("main button:has-text('Store')")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    file.write_text("time,power\n2026-03-01T00:00,1\n")
    choose(page, file)
    page.wait_for_selector(".preview[data-good=yes]")
    page.fill("[name=unit]", "EUR")
    page.wait_for_selector(".preview[data-good=no] >> text=not convertible")
    assert beliefs() == 0


def test_a_deletion_says_what_goes_along(
    visit: Any, tenant: Any, installation: Any, store: Any, clock: Any, beliefs: Any
) -> None:
    store(tenant.power, clock(), [1.0, 2.0])
    page = visit(f"/assets/{tenant.battery.id}/properties")
    page.click("text=Delete …")
    told = page.inner_text(".goes-along")
    assert "1 asset below it: inverter" in told
    assert "3 sensors" in told
    assert "2 beliefs" in told
    page.click("text=Keep it")
    page.wait_for_url("**/properties")
    assert beliefs() == 2
    page.click("text=Delete …")
    page.click("text=Delete it with all data")
    page.wait_for_selector(".message.success:has-text('battery is deleted')")
    with installation.database.reading() as session:
        assert session.get(Asset, tenant.battery.id) is None
        assert session.get(Sensor, tenant.status.id) is None


def test_the_flex_editor_says_what_is_wrong_while_one_types(
    visit: Any, tenant: Any, installation: Any
) -> None:
    page = visit(f"/assets/{tenant.battery.id}/context", phone=True)
    row = add_field(page, "flex_model", "soc-max")
    page.keyboard.type("3 kW")  # the row that was added has the focus
    row.locator(".wrong:visible").wait_for()
    assert "must have an energy unit" in row.inner_text()
    row.locator("input").fill("3 kWh")
    row.locator(".wrong").wait_for(state="hidden")
    page.wait_for_selector("#flex_model [data-warnings]:visible >> text=consumption-price")
    page.click("#flex_model summary")
    page.fill("#flex_model-text", '{"soc-max": "3 kWh", "soc-minimum": 1}')
    page.wait_for_selector("#flex_model [data-field='soc-minimum'] >> text=Unknown field")
    page.fill("#flex_model-text", '{"soc-max')
    page.wait_for_selector("#flex_model-text-wrong:visible >> text=This is no JSON")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    with installation.database.reading() as session:
        assert session.get_one(Asset, tenant.battery.id).flex_model == {}
