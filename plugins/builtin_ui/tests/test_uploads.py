"""Uploading a file: what is told of it before, what is refused, and what is stored."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from fmhost.model import Job, Sensor
from fmhost.services.sensors import count_beliefs

GOOD = b"time,power\n2026-03-01T00:00,1\n2026-03-01T00:15,2\n"
BAD = b"time,power\n2026-03-01T00:00,1\n2026-03-01T00:15,much\n"
#: Pressed to have a look at the file.
LOOK = "look"


@pytest.fixture
def database_kind() -> str:
    """The services behind the page are tested on either database."""
    return "sqlite"


@pytest.fixture
def stored(installation: Any, tenant: Any) -> Any:
    """``stored()``: the number of beliefs on the power sensor."""

    def count() -> int:
        with installation.database.reading() as session:
            return count_beliefs(session, [tenant.power.id])

    return count


def form_of(page: Any) -> tuple[Any, Any]:
    """The form for files, and the button for a look at one."""
    form = page.one("form", "panel")
    (look,) = [each for each in form.all("button") if each.attributes.get("name") == LOOK]
    return form, look


def a_file(content: bytes, name: str = "power.csv") -> tuple[BytesIO, str]:
    return BytesIO(content), name


def test_a_look_at_a_file_stores_nothing(browser: Any, tenant: Any, stored: Any) -> None:
    browser.log_in(tenant.member)
    form, look = form_of(browser.get(f"/sensors/{tenant.power.id}/upload"))
    page = browser.submit(form, look, **{"uploaded-files": a_file(GOOD), "unit": "MW"})
    told = page.one("div", "preview").text
    assert "has 2 rows, of which 2 values would be stored" in told
    assert "on the clock of Europe/Amsterdam" in told
    assert "2026-03-01 00:15 2000.0" in told
    bad = browser.submit(form, look, **{"uploaded-files": a_file(BAD)})
    row = bad.one("table", "stacks").one("tbody").one("tr")
    assert row.text.startswith("Row 3 column 2 (power) 'much' is not a number.")
    none = browser.submit(form, look, **{"uploaded-files": a_file(b"", "")})
    assert "Choose a file." in none.one("div", "preview").text
    assert stored() == 0


def test_a_script_gets_the_preview_alone(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.member)
    path = f"/sensors/{tenant.power.id}/upload"
    form, _ = form_of(browser.get(path))
    proof = form.all("input")[0].attributes["value"]
    data = {"csrf_token": proof, LOOK: "yes", "uploaded-files": a_file(GOOD)}
    answer = browser.client.post(f"{path}?part=preview", data=data)
    assert answer.text.lstrip().startswith('<div class="preview" data-good="yes">')


def test_storing_tells_what_is_wrong_or_leads_to_the_data(
    browser: Any, tenant: Any, stored: Any
) -> None:
    browser.log_in(tenant.member)
    form, _ = form_of(browser.get(f"/sensors/{tenant.power.id}/upload"))
    page = browser.submit(form, **{"uploaded-files": a_file(BAD)})
    assert browser.answer.status_code == 422
    assert "row 3, column 2 (power)" in page.one("div", "error").text
    page = browser.submit(form, **{"uploaded-files": a_file(GOOD), "unit": "EUR"})
    assert "not convertible" in page.one("form", "panel").text
    assert stored() == 0
    page = browser.submit(form, **{"uploaded-files": a_file(GOOD)})
    assert "The data are stored." in page.one("p", "success").text
    assert stored() == 2


def test_what_contradicts_the_stored_is_told_before(browser: Any, tenant: Any, stored: Any) -> None:
    browser.log_in(tenant.member)
    form, look = form_of(browser.get(f"/sensors/{tenant.power.id}/upload"))
    # Both say when the values were known.
    known = b"time,power,belief_time\n2026-03-01T00:00,%d,2026-03-01T01:00\n"
    browser.submit(form, **{"uploaded-files": a_file(known % 1)})
    page = browser.submit(form, look, **{"uploaded-files": a_file(known % 2)})
    assert "The file" in page.one("table", "stacks").one("tbody").text
    assert page.one("div", "preview").attributes["data-good"] == "no"
    again = browser.submit(form, look, **{"uploaded-files": a_file(known % 1)})
    assert again.one("div", "preview").attributes["data-good"] == "yes"
    assert stored() == 1


def test_a_queued_upload_is_watched(browse: Any, tenant: Any, installation: Any) -> None:
    browser = browse(WTF_CSRF_ENABLED=True, FMHOST_LEGACY_JOB_RESPONSES=False)
    browser.log_in(tenant.member)
    form, _ = form_of(browser.get(f"/sensors/{tenant.power.id}/upload"))
    page = browser.submit(form, **{"uploaded-files": a_file(GOOD)})
    job_id = page.one("section", "job").attributes["data-job"]
    with installation.database.reading() as session:
        assert session.get_one(Job, job_id).sensor_id == tenant.power.id
        assert session.get_one(Sensor, tenant.power.id).name == "power"


def test_files_are_for_those_who_may_write_and_have_a_limit(browse: Any, tenant: Any) -> None:
    browser = browse(FLEXMEASURES_MAX_SENSOR_DATA_INGESTION_BYTES=500)
    path = f"/sensors/{tenant.power.id}/upload"
    assert browser.client.post(path, data={}).status_code == 302
    browser.log_in(tenant.other_member)
    browser.get(path, status=403)
    mine = browse(FLEXMEASURES_MAX_SENSOR_DATA_INGESTION_BYTES=500)
    mine.log_in(tenant.member)
    large = {LOOK: "yes", "uploaded-files": a_file(GOOD * 100)}
    assert mine.client.post(path, data=large).status_code == 413
