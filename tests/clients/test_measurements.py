"""The released Python client against ``fmhost run``: data posted, uploaded, read, deleted."""

from __future__ import annotations

from importlib import metadata

import pytest
from flexmeasures_client import FlexMeasuresClient

START = "2026-03-03T00:00:00+01:00"

UNIT_OF_FILES = pytest.mark.skipif(
    metadata.version("flexmeasures-client") == "0.9.0", reason="this client sends files as they are"
)


def test_measurements_are_posted_and_read(boss, site, sensor):
    power = sensor(site("meter"), "power")
    asked = {"start": START, "duration": "PT1H"}
    boss.post_sensor_data(power, values=[1, 2, 3, 4], unit="kW", **asked)
    early = {"prior": "2026-03-02T12:00:00+01:00"}
    boss.post_sensor_data(power, values=[0.01, 0.01, 0.01, 0.01], unit="MW", **asked, **early)
    quarters = boss.get_sensor_data(power, **asked, unit="kW", resolution="PT15M")
    assert quarters == {**asked, "values": [1, 2, 3, 4], "unit": "kW"}
    hour = boss.get_sensor_data(power, **asked, unit="W", resolution="PT1H")
    assert hour["values"] == [2500]
    known = boss.get_sensor_data(
        power, **asked, unit="kW", resolution="PT15M", prior="2026-03-02T18:00:00+01:00"
    )
    assert known["values"] == [10, 10, 10, 10]
    with pytest.warns(DeprecationWarning, match="post_sensor_data"):
        boss.post_measurements(power, START, "PT30M", [7, 8], "kW")
    later = boss.get_sensor_data(power, **asked, unit="kW", resolution="PT15M")
    assert later["values"] == [7, 8, 3, 4]
    with pytest.raises(ValueError, match="422"):
        boss.post_sensor_data(power, values=[1], unit="°C", **asked)


@pytest.mark.parametrize("unit", [None, pytest.param("MW", marks=UNIT_OF_FILES)])
def test_a_file_is_uploaded(boss, site, sensor, tmp_path, unit):
    power = sensor(site(f"file with {unit}"), "power")
    file = tmp_path / "readings.csv"
    file.write_text("event_start,kW\n2026-03-01T00:00:00+01:00,3\n2026-03-01T00:15:00+01:00,5\n")
    _answer, status = boss.post_sensor_data(
        power, file_path=str(file), belief_time_measured_instantly=True, unit=unit
    )
    assert status == 200
    found = boss.get_sensor_data(power, "2026-03-01T00:00:00+01:00", "PT30M", "kW", "PT15M")
    factor = 1000 if unit == "MW" else 1
    assert found["values"] == [3 * factor, 5 * factor]


@pytest.mark.skipif(
    not hasattr(FlexMeasuresClient, "delete_sensor_data"), reason="this client deletes no data"
)
def test_data_are_deleted_and_the_sensor_stays(boss, site, sensor):
    power = sensor(site("emptied"), "power")
    boss.post_sensor_data(power, start=START, duration="PT1H", values=[1, 2, 3, 4], unit="kW")
    boss.delete_sensor_data(
        power, confirm_first=False, start=START, until="2026-03-03T00:30:00+01:00"
    )
    found = boss.get_sensor_data(power, START, "PT1H", "kW", "PT15M")
    assert found["values"] == [None, None, 3, 4]
    boss.delete_sensor_data(power, confirm_first=False)
    found = boss.get_sensor_data(power, START, "PT1H", "kW", "PT15M")
    assert found["values"] == [None] * 4
