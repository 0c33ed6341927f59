"""What is told of a file before it is stored, and of what is deleted before it is."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from fmhost.model import Sensor
from fmhost.services import recording, removals, sources
from fmhost.services.upload_previews import Preview, preview
from fmhost.services.uploads import Meaning, Upload


@pytest.fixture
def database_kind() -> str:
    """No statement of theirs depends on the database."""
    return "sqlite"


@pytest.fixture
def look(installation: Any, tenant: Any) -> Any:
    """``look(text)``: the preview of a CSV file for the power sensor [kW, 15 minutes]."""

    def look_at(text: str, name: str = "power.csv", unit: str | None = None) -> Preview:
        with installation.database.reading() as session:
            sensor = session.get_one(Sensor, tenant.power.id)
            upload = Upload(name, "text/csv", text.encode())
            return preview(installation, sensor, upload, Meaning(unit))

    return look_at


def test_a_file_is_shown_as_it_would_be_stored(look: Any) -> None:
    rows = "".join(f"2026-03-01T0{hour}:00:00,{hour}\n" for hour in range(4))
    found = look(f"time,power\n{rows}", unit="MW")
    assert (found.complaints, found.number, found.beliefs) == ([], 4, 16)
    assert found.header == ["time", "power"]
    assert found.rows[1] == (3, ["2026-03-01T01:00:00", "1"])
    assert not found.has_offsets
    assert [event.value for event in found.events[3:6]] == [0, 1000, 1000]
    assert found.events[4].start.isoformat() == "2026-03-01T01:00:00+01:00"
    assert found.last.isoformat() == "2026-03-01T03:45:00+01:00"


def test_every_bad_row_is_named_with_its_column(look: Any) -> None:
    found = look(
        "time,power\n2026-03-01T00:00+01:00,1\nyesterday,2\n2026-03-01T00:15+01:00,x\n"
        "2026-03-01T00:30+01:00,4\n2026-03-01T00:30+01:00,5\n2026-03-01T00:45+01:00\n"
    )
    assert [(each.row, each.column) for each in found.complaints] == [
        (3, "column 1 (time)"),
        (4, "column 2 (power)"),
        (6, ""),
        (7, "column 2 (power)"),
    ]
    assert "'x' is not a number." in found.complaints[1].reason
    assert (found.beliefs, found.has_offsets) == (0, True)


def test_a_spreadsheet_is_shown_like_a_text(installation: Any, tenant: Any) -> None:
    book = Workbook()
    book.active.append(["time", "power"])
    book.active.append([datetime.fromisoformat("2026-03-01T00:00"), 1.5])
    book.active.append([datetime.fromisoformat("2026-03-01T00:15"), "much"])
    content = BytesIO()
    book.save(content)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with installation.database.reading() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        upload = Upload("power.xlsx", kind, content.getvalue())
        found = preview(installation, sensor, upload, Meaning())
    assert found.header == ["time", "power"]
    assert [(each.row, each.column) for each in found.complaints] == [(3, "column 2 (power)")]


@pytest.mark.parametrize(
    ("text", "name", "unit", "reason"),
    [
        ("time,power\n", "power.csv", None, "it has no rows"),
        ("", "power.txt", None, "Only CSV or Excel files"),
        ("a,b\nc,d\n", "power.xlsx", None, "it is no Excel file"),
        ("time,power\n2026-03-01T00:00+01:00,1\n", "p.csv", "EUR", "not convertible"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_as_a_whole(
    look: Any, text: str, name: str, unit: str | None, reason: str
) -> None:
    (complaint,) = look(text, name, unit).complaints
    assert complaint.row is None
    assert reason in complaint.reason


def test_what_goes_with_an_asset_is_counted(installation: Any, tenant: Any) -> None:
    with installation.database.transaction() as session:
        recording.record(
            installation,
            session,
            session.get_one(Sensor, tenant.status.id),
            sources.create_source(session, name="meter", source_type="user"),
            start=datetime.fromisoformat("2026-03-01T00:00+01:00"),
            values=[1.0, 2.0],
            belief_time=installation.now(),
        )
    with installation.database.reading() as session:
        battery = session.get_one(type(tenant.battery), tenant.battery.id)
        found = removals.of_asset(session, battery)
        alone = removals.of_sensor(session, battery.sensors[0])
    assert found == removals.Removal(["inverter"], sensors=3, beliefs=2, schedules=0)
    assert alone == removals.Removal([], sensors=1, beliefs=0, schedules=0)
