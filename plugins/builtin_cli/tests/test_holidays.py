"""``fmhost add holidays``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from fmhost.model import Annotation

#: What differs between the kinds of databases is not touched here.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

ADD = ("add", "holidays", "--year", "2026", "--country")


@pytest.fixture
def stored(database: Any) -> Any:
    """All annotations."""

    def read() -> list[Annotation]:
        with database.reading() as session:
            found = session.scalars(select(Annotation).order_by(Annotation.start)).all()
            for each in found:
                assert (each.type, each.source.name) == ("holiday", "holidays")
                assert each.assets
            return list(found)

    return read


def test_the_holidays_of_a_country(toy: Any, stored: Any) -> None:
    printed = toy.ok(*ADD, "NL", "--asset", "3")
    found = stored()
    assert printed.startswith(f"Successfully added {len(found)} holidays, {len(found)} of them new")
    first = found[0]
    # New Year begins with the day in Amsterdam, where the sensor of the battery is
    assert first.start == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert first.end == datetime(2026, 1, 1, 23, tzinfo=UTC)
    again = toy.ok(*ADD, "nl", "--asset-id", "3", "--asset", "2", "--account", "1")
    assert ", 0 of them new, to 3 accounts and assets (Europe/Amsterdam)" in again
    assert [each.id for each in stored()] == [each.id for each in found]


def test_a_part_of_a_country_has_more(toy: Any, stored: Any) -> None:
    toy.ok(*ADD, "DE", "--asset", "2", "--timezone", "europe/berlin")
    country = {each.start for each in stored()}
    toy.ok(*ADD, "DE", "--subdiv", "BY", "--asset", "2", "--timezone", "Europe/Berlin")
    assert country < {each.start for each in stored()}
    before = len(stored())
    toy.ok(*ADD, "DE-BY", "--asset", "2", "--timezone", "Europe/Berlin")
    assert len(stored()) == before


def test_what_is_not_known(toy: Any, stored: Any) -> None:
    asset = ("--asset", "3")
    assert "The holidays of 'XX' are not known" in toy.refused(*ADD, "XX", *asset)
    assert "The holidays of 'DE-QQ' are not known" in toy.refused(*ADD, "DE-QQ", *asset)
    assert "are not known" in toy.refused(*ADD, "NL", *asset, "--category", "magic")
    assert "No asset found with ID 9." in toy.refused(*ADD, "NL", *asset, "--asset", "9")
    for wrong in (
        (*ADD, "NL"),
        (*ADD, "NL", "--country", "DE", "--subdiv", "BY", *asset),
        ("add", "holidays", "--country", "NL", *asset),
        ("add", "holidays", "--year", "20", "--country", "NL", *asset),
    ):
        assert toy(*wrong).exit_code == 2
    assert stored() == []


def test_a_calendar_may_be_a_class(
    toy: Any, stored: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "works_calendar.py").write_text(
        "from datetime import date\n\n\nclass Shutdown:\n"
        "    def __init__(self, month=7):\n        self.month = month\n\n"
        "    def holidays(self, year):\n        return [(date(year, self.month, 1), 'Closed')]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    add = ("add", "holidays", "--year", "2026", "--year", "2027", "--asset", "3")
    own = (*add, "--calendar-class", "works_calendar.Shutdown", "--calendar-kwargs")
    assert "Successfully added 2 holidays" in toy.ok(*own, '{"month": 8}')
    assert [each.content for each in stored()] == ["Closed", "Closed"]
    assert "does not work as a calendar" in toy.refused(*own, '{"year": 8}')
    assert "There is no calendar" in toy.refused(*add, "--calendar-class", "works_calendar.Open")
    assert "There is no calendar" in toy.refused(*add, "--calendar-class", "Open")
    packaged = toy.ok(*add, "--calendar-class", "holidays.NL")
    assert packaged.partition(",")[0] == toy.ok(*add, "--country", "NL").partition(",")[0]


def test_countries_and_calendars_exclude_each_other(toy: Any) -> None:
    add = ("add", "holidays", "--year", "2026", "--asset", "3")
    for wrong in ((), ("--country", "NL", "--calendar-class", "holidays.NL")):
        assert "either --country or --calendar-class" in toy(*add, *wrong).stderr
    workalendar = (*add, "--country", "NL", "--package", "workalendar")
    assert "workalendar is not installed" in toy.refused(*workalendar)
