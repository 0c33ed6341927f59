"""Call the API in the name of somebody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from fmhost.model import Sensor
from fmhost.testing.distributions import plugin
from fmhost.testing.hosting import site as site

#: Charges with the power that the flex-model names [kW]; tells what it takes as given.
CONSTANT = plugin(
    "constant",
    """
    manifest = Manifest(
        name="constant",
        schedulers={"Constant": Driver("acme_constant.scheduler:Constant")},
    )
    """,
    {
        "scheduler.py": """
            import numpy as np
            from fmhost.plugin import InvalidInput, Scheduler, ScheduleResult, UnknownPrices

            class Constant(Scheduler):
                __author__ = "Acme"
                __version__ = "3"

                def deserialize_flex_config(self):
                    for number, entry in enumerate(self.entries()):
                        power = entry.get("soc-at-start", 1)
                        place = "" if self.sensor else f"flex-model.{number}."
                        if not isinstance(power, (int, float)):
                            raise InvalidInput(
                                f"Cannot convert value '{power}' to a valid quantity.",
                                field=f"{place}soc-at-start",
                            )

                def entries(self):
                    return [self.flex_model] if self.sensor else self.flex_model

                def compute(self):
                    if "consumption-price" in self.flex_context:
                        raise UnknownPrices("Prices unknown for planning window.")
                    given = "inflexible-device-sensors"
                    if given in self.flex_context:
                        self.info[given] = self.flex_context[given]
                    return [
                        ScheduleResult(
                            sensor=self.sensor or self.reader.output_sensor(
                                entry["sensor"], field="sensor"
                            ),
                            start=self.start,
                            resolution=self.resolution,
                            values=np.full(
                                (self.end - self.start) // self.resolution,
                                float(entry.get("soc-at-start", 1)),
                            ),
                            unit="kW",
                        )
                        for entry in self.entries()
                    ]
            """
    },
)


@dataclass
class Caller:
    """A client with the headers of a user, and the API's prefix before every path."""

    client: Any
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any):
        return self.client.get(f"/api/v3_0{path}", headers=self.headers, query_string=query)

    def post(self, path: str, body: Any = None, **options: Any):
        if body is not None:
            options["json"] = body
        return self.client.post(f"/api/v3_0{path}", headers=self.headers, **options)

    def patch(self, path: str, body: Any):
        return self.client.patch(f"/api/v3_0{path}", headers=self.headers, json=body)

    def delete(self, path: str):
        return self.client.delete(f"/api/v3_0{path}", headers=self.headers)


@pytest.fixture
def nobody(client) -> Caller:
    """Calls without a login."""
    return Caller(client)


@pytest.fixture
def as_user(client, log_in):
    """Calls in the name of a user."""
    return lambda user: Caller(client, log_in(user))


@pytest.fixture
def member(as_user, tenant) -> Caller:
    """Calls in the name of a plain member of the account."""
    return as_user(tenant.member)


@pytest.fixture
def constant(site):
    """The scheduler ``Constant`` is installed."""
    site.install(CONSTANT)


@pytest.fixture
def waiting_installation(constant, open_installation, redis_url):
    """Opens an installation whose jobs wait in Redis until a test runs them."""
    return lambda **settings: open_installation(FLEXMEASURES_REDIS_URL=redis_url, **settings)


@pytest.fixture
def constant_power(installation, tenant) -> Sensor:
    """The power sensor of the battery, which ``Constant`` schedules."""
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        sensor.set_attribute("custom-scheduler", "Constant")
    return tenant.power
