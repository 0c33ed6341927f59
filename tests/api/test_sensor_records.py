"""Uploading and deleting data, statistics and status, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from fmhost.model import Asset, AssetAuditLog

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROWS = "time,power\n2026-03-02T10:00:00+00:00,1\n2026-03-02T10:15:00+00:00,2\n"


@pytest.fixture(autouse=True)
def noon(clock):
    clock.set(NOON)


@pytest.fixture
def path(tenant) -> str:
    return f"/sensors/{tenant.power.id}"


def upload(caller, path, content=ROWS, name="power.csv", kind="text/csv", **fields):
    content = content.encode() if isinstance(content, str) else content
    form = {"uploaded-files": (BytesIO(content), name, kind), **fields}
    return caller.post(f"{path}/data/upload", data=form, content_type="multipart/form-data")


def values(caller, path, start="2026-03-02T10:00:00Z", unit="kW"):
    return caller.get(f"{path}/data", start=start, duration="PT30M", unit=unit).json["values"]


def excel(*rows) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_csv_and_an_excel_file_are_taken_in(member, path):
    assert upload(member, path).json["status"] == "PROCESSED"
    assert values(member, path) == [1, 2]
    start = datetime(2026, 3, 2, 12)  # on the clock of the sensor
    content = excel(["t", "v"], [start, 4.5], [start + timedelta(minutes=15), 5])
    answer = upload(member, path, content, "B.XLSX", "application/vnd.ms-excel", unit="W")
    assert answer.status_code == 200
    found = member.get(f"{path}/data", start="2026-03-02T00:00:00Z", duration="P1D", unit="W").json[
        "values"
    ]
    assert [value for value in found if value is not None] == [1000, 2000, 4.5, 5]


def test_a_bad_file_stores_nothing_and_says_where(member, path):
    rows = ROWS + "2026-03-02T10:30:00+00:00,much\n"
    answer = upload(member, path, rows)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "Invalid content in file: power.csv" in text
    assert "row 4, column 2 (power)" in text
    assert values(member, path) == [None, None]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("power.exe", "text/csv", "Only CSV or Excel files are accepted."),
        ("power.csv", "image/png", "Invalid content type: image/png"),
    ],
)
def test_other_files_are_refused(member, path, name, kind, message):
    answer = upload(member, path, name=name, kind=kind)
    assert answer.status_code == 422
    assert message in answer.get_data(as_text=True)


def test_a_file_that_does_not_say_what_it_is_is_text(member, path):
    assert upload(member, path, kind="").status_code == 200
    assert [value for value in values(member, path) if value is not None]


def test_files_are_required_and_units_must_convert(member, path):
    answer = member.post(f"{path}/data/upload", data={}, content_type="multipart/form-data")
    assert answer.status_code == 422
    answer = upload(member, path, unit="EUR")
    assert answer.status_code == 422
    assert "not convertible to sensor unit" in answer.get_data(as_text=True)


def test_uploading_and_deleting_need_permission(as_user, tenant, path):
    stranger = as_user(tenant.other_member)
    assert upload(stranger, path).status_code == 403
    assert (
        stranger.client.delete(f"/api/v3_0{path}/data", headers=stranger.headers).status_code == 403
    )


def test_data_are_deleted_within_a_window(as_user, tenant, path):
    caller = as_user(tenant.account_admin)
    upload(caller, path)
    answer = caller.client.delete(
        f"/api/v3_0{path}/data", headers=caller.headers, json={"until": "2026-03-02T10:15:00Z"}
    )
    assert answer.status_code == 204
    assert values(caller, path) == [None, 2]


def test_statistics_follow_what_is_stored(as_user, tenant, path):
    caller = as_user(tenant.account_admin)
    assert caller.get(f"{path}/stats").json == {}
    upload(caller, path)
    for _ in range(2):  # counted, and then remembered
        ((name, found),) = caller.get(f"{path}/stats").json.items()
        assert name.endswith(")")
        assert "(ID: " in name
        assert found["Number of values"] == 2
        assert (found["Min value"], found["Max value"], found["Mean value"]) == (1, 2, 1.5)
        assert found["Sum over values"] == 3
        assert datetime.fromisoformat(found["First event start"]) == NOON - timedelta(hours=2)
        assert datetime.fromisoformat(found["Last event end"]) == NOON - timedelta(hours=1.5)
    ((_, found),) = caller.get(
        f"{path}/stats", event_start_time="2026-03-02T10:15:00Z"
    ).json.items()
    assert found["Number of values"] == 1
    caller.client.delete(f"/api/v3_0{path}/data", headers=caller.headers)
    assert caller.get(f"{path}/stats").json == {}


def test_the_status_says_how_old_the_data_are(member, path):
    (record,) = member.get(f"{path}/status").json["sensors_data"]
    assert (record["stale"], record["staleness"], record["reason"]) == (
        True,
        None,
        "no data recorded",
    )
    upload(member, path)
    (record,) = member.get(f"{path}/status").json["sensors_data"]
    assert record["source_type"] == "user"
    assert record["staleness"] == "PT1H30M"
    assert record["stale"] is True
    assert record["reason"] == (
        "most recent data is 1 hour and 30 minutes old, but should not be more than 30 minutes old"
    )


@pytest.mark.parametrize(
    ("fields", "known_at_ten"),
    [
        ({"belief-time-measured-instantly": "on"}, True),
        ({"belief-time-measured-instantly": "true"}, True),
        ({"belief-time-measured-instantly": "1"}, True),
        ({"belief-time-measured-instantly": "off"}, False),
        ({"belief-time-measured-instantly": ""}, False),
        ({}, False),
    ],
)
def test_values_of_a_file_were_known_at_once_or_are_now(member, path, fields, known_at_ten):
    assert upload(member, path, **fields).status_code == 200
    question = {"start": "2026-03-02T10:00:00Z", "duration": "PT30M", "unit": "kW"}
    early = member.get(f"{path}/data", **question, prior="2026-03-02T10:15:00Z").json["values"]
    assert early == ([1, None] if known_at_ten else [None, None])
    assert values(member, path) == [1, 2]


def several(caller, path, *contents):
    files = [
        (BytesIO(content.encode()), f"{number}.csv", "text/csv")
        for number, content in enumerate(contents)
    ]
    return caller.post(
        f"{path}/data/upload", data={"uploaded-files": files}, content_type="multipart/form-data"
    )


def test_of_several_files_all_are_stored_or_none(member, path, as_user, tenant):
    later = "t,v\n2026-03-02T10:30:00+00:00,3\n"
    answer = several(member, path, ROWS, later.replace("3", "x"))
    assert answer.status_code == 422
    assert "Invalid content in file: 1.csv" in answer.get_data(as_text=True)
    assert values(member, path) == [None, None]
    assert several(member, path, ROWS, later).status_code == 200
    assert values(member, path, "2026-03-02T10:15:00Z") == [2, 3]
    other = ROWS.replace(",2", ",5")
    answer = several(member, path, ROWS, other)
    assert answer.status_code in (403, 422)
    assert values(member, path) == [1, 2]


def test_an_upload_is_recorded(member, path, tenant, installation):
    upload(member, path)
    with installation.database.reading() as session:
        (event,) = session.scalars(
            select(AssetAuditLog.event).where(AssetAuditLog.affected_asset_id == tenant.battery.id)
        )
    assert event == f"Uploaded data to sensor 'power': {tenant.power.id}. Files: power.csv"


def test_statistics_in_the_order_of_the_documentation(member, path):
    upload(member, path)
    (unsorted,) = member.get(f"{path}/stats", sort="false").json.values()
    (ordered,) = member.get(f"{path}/stats", fresh="true").json.values()
    assert unsorted == ordered
    assert ordered["First event start"] == "2026-03-02T11:00:00+01:00"
    document = member.get(f"{path}/stats", sort="false").get_data(as_text=True)
    names = [
        *("First event start", "Last event end", "Last recorded", "Min value"),
        *("Max value", "Mean value", "Sum over values", "Number of values"),
    ]
    assert sorted(names, key=document.index) == names


def test_a_status_names_what_the_sensor_is_to_its_asset(member, path, tenant, installation):
    with installation.database.transaction() as session:
        asset = session.get(Asset, tenant.battery.id)
        asset.flex_context = {"site-power-capacity": {"sensor": tenant.power.id}}
    (record,) = member.get(f"{path}/status").json["sensors_data"]
    assert record["relation"] == ("sensor belongs to this asset;flex context (site-power-capacity)")
    assert (record["id"], record["name"], record["asset_name"], record["resolution"]) == (
        tenant.power.id,
        "power",
        "battery",
        "PT15M",
    )
