"""Fixtures: a site with a battery, and the prices of its market."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fmhost.services.installation import Installation
    from fmhost.testing.sites import BatterySite, PriceSeries
    from fmhost.testing.tenants import Tenant

# This module is loaded with every test run, so that whatever is heavy is imported by the fixtures.

#: Local midnight before the moment at which the clock stands.
MIDNIGHT = datetime.fromisoformat("2026-03-02T00:00:00+01:00")


@pytest.fixture
def battery_site(installation: Installation, tenant: Tenant) -> BatterySite:
    """A battery of `tenant.account` with its sensors, and a public market without prices yet."""
    from fmhost.model import Account
    from fmhost.testing.sites import create_battery_site

    with installation.database.transaction() as session:
        owner = session.get_one(Account, tenant.account.id)
        site = create_battery_site(session, account=owner)
        session.expunge_all()
    return site


@pytest.fixture
def day_ahead_prices(installation: Installation, battery_site: BatterySite) -> PriceSeries:
    """Hourly prices of 2026-03-02 and 2026-03-03 (Amsterdam) on the market of `battery_site`."""
    from fmhost.testing.sites import DAY_OF_PRICES, record_series

    values = [*DAY_OF_PRICES, *DAY_OF_PRICES]
    with installation.database.transaction() as session:
        return record_series(installation, session, battery_site.prices, MIDNIGHT, values)
