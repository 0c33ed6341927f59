"""The modes of an installation, beside what other tests tell of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fmhost.services.installation import in_year

MODES = {"FLEXMEASURES_MODE": "demo", "FLEXMEASURES_DEMO_YEAR": 2015}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (datetime(2026, 11, 21, 18, 30, tzinfo=UTC), datetime(2015, 11, 21, 18, 30, tzinfo=UTC)),
        (
            datetime(2028, 2, 29, 1, 2, 3, 4, tzinfo=UTC),
            datetime(2015, 2, 28, 1, 2, 3, 4, tzinfo=UTC),
        ),
    ],
)
def test_the_clock_of_another_year(now, told):
    assert in_year(lambda: now, 2015)() == told


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_demonstration_lives_in_the_year_of_its_data(open_installation, clock):
    assert open_installation(**MODES).now() == clock().replace(year=2015)
    assert open_installation(FLEXMEASURES_DEMO_YEAR=2015).now() == clock()
    assert open_installation(FLEXMEASURES_MODE="demo").now() == clock()
