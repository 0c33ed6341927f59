"""The panel on the page of a sensor, in the whole application."""

from __future__ import annotations

import pytest

from fmhost.model import Job
from fmhost.testing.tenants import PASSWORD


@pytest.fixture
def page(app, tenant):
    """The page of a sensor, as a member sees it."""
    client = app.test_client()
    answer = client.post(
        "/api/requestAuthToken", json={"email": tenant.member.email, "password": PASSWORD}
    )
    token = answer.get_json()["auth_token"]

    def look(sensor):
        found = client.get(f"/sensors/{sensor.id}", headers={"Authorization": token})
        assert found.status_code == 200, found.text
        return found.text

    return look


def test_the_last_evaluation_is_on_the_page_of_its_sensor(installation, tenant, page):
    assert "Accuracy of forecasts" not in page(tenant.power)
    result = {
        "forecaster": "RegressionForecaster",
        "baseline": None,
        "forecasts": 12,
        "start": "2026-03-01T00:00:00+00:00",
        "end": "2026-03-04T00:00:00+00:00",
        "unit": "kW",
        "horizons": [
            {
                "horizon": "PT6H",
                "accuracy": 0.901,
                "mae": 1.0,
                "rmse": 2.0,
                "coverage": 0.79,
                "nominal": 0.8,
                "baseline": None,
            }
        ],
    }
    with installation.database.transaction() as session:
        session.add(
            Job(
                kind="forecast-evaluation",
                queue="forecasting",
                state="finished",
                arguments={},
                arguments_hash="x",
                result=result,
                sensor_id=tenant.power.id,
                created_at=installation.now(),
                ended_at=installation.now(),
            )
        )
    found = page(tenant.power)
    assert "Accuracy of forecasts" in found
    assert "<td>90.1%</td>" in found
    assert "Accuracy of forecasts" not in page(tenant.status)
