"""CSV files: what is read, and how what cannot be read is reported."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.beliefs.files import CsvOptions, FileContent, read_csv
from fmhost.domain.arrays import to_datetime
from fmhost.errors import InvalidInput, UnreadableFile


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Write a file and give its path."""

    def write(text: str | bytes, name: str = "prices.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def listed(content: FileContent) -> dict[str, float]:
    starts = [f"{to_datetime(start):%Y-%m-%dT%H:%M}" for start in content.event_start]
    return dict(zip(starts, content.event_value.tolist(), strict=True))


PLAIN = "time,price\n2026-03-01T10:00:00,10\n2026-03-01T11:00:00,-2.5e1\n"


def test_a_plain_file_is_read_in_utc(file: Any) -> None:
    content = read_csv(file(PLAIN))
    assert listed(content) == {"2026-03-01T10:00": 10, "2026-03-01T11:00": -25}
    assert content.belief_time is None
    assert content.lines.tolist() == [2, 3]


def test_datetimes_without_offset_are_on_the_clock_of_the_zone(file: Any) -> None:
    content = read_csv(file(PLAIN), CsvOptions(timezone="Asia/Kathmandu"))
    assert list(listed(content)) == ["2026-03-01T04:15", "2026-03-01T05:15"]
    content = read_csv(
        file("t,v\n2026-03-01T10:00+01:00,1\n2026-07-01 10:00:00Z,2\n"),
        CsvOptions(timezone="Asia/Kathmandu"),
    )
    assert list(listed(content)) == ["2026-03-01T09:00", "2026-07-01T10:00"]


def test_an_hour_that_the_clock_shows_twice_is_told_apart_by_its_order(file: Any) -> None:
    rows = "".join(f"2026-10-25T{hour},1\n" for hour in ("01:00", "02:00", "02:00", "03:00"))
    content = read_csv(file("t,v\n" + rows), CsvOptions(timezone="Europe/Amsterdam"))
    assert [f"{to_datetime(start):%H}" for start in content.event_start] == ["23", "00", "01", "02"]


def test_a_time_that_the_clock_never_shows_is_refused(file: Any) -> None:
    path = file("t,v\n2026-03-29T01:00,1\n2026-03-29T02:00,2\n")
    with pytest.raises(UnreadableFile, match=r"row 3, column 1 \(t\): the clock of Europe/Amst"):
        read_csv(path, CsvOptions(timezone="Europe/Amsterdam"))


def test_other_notations_and_positions(file: Any) -> None:
    text = (
        "exported on Monday\r\n"
        "id;when;what;amount;formed\r\n"
        '1;2026-03-01T10:00Z;price;"1.234,5";2026-02-28T12:00Z\r\n'
        "2;2026-03-01T10:00Z;volume;7;2026-02-28T12:00Z\r\n"
        "\r\n"
        "3;2026-03-01T11:00Z; price ; 2 ;2026-02-28T13:00Z\r\n"
    )
    options: dict[str, Any] = {
        "delimiter": ";",
        "decimal": ",",
        "thousands": ".",
        "skiprows": 2,
        "datecol": 1,
        "valuecol": 3,
        "beliefcol": 4,
    }
    for column in ("what", "2"):
        content = read_csv(file(text), CsvOptions(**options, filters=((column, "price"),)))
        assert listed(content) == {"2026-03-01T10:00": 1234.5, "2026-03-01T11:00": 2}
        assert content.lines.tolist() == [3, 6]
        assert content.belief_time is not None
        assert [to_datetime(time).hour for time in content.belief_time] == [12, 13]


def test_rows_and_columns_without_a_header(file: Any) -> None:
    text = "\ufeff2026-03-01T10:00Z\t1\n2026-03-01T11:00Z\t2\n2026-03-01T12:00Z\tx\n"
    for delimiter in ("\t", "\\t", "tab"):
        content = read_csv(file(text), CsvOptions(skiprows=0, nrows=2, delimiter=delimiter))
        assert list(listed(content).values()) == [1, 2]


def test_missing_values_are_left_out(file: Any) -> None:
    text = "t,v\n2026-03-01T10:00,\n2026-03-01T11:00,NA\n2026-03-01T12:00,---\n2026-03-01T13:00,4\n"
    options = CsvOptions(keep_default_na=True, na_values=("---",))
    assert listed(read_csv(file(text), options)) == {"2026-03-01T13:00": 4}
    for keep, declared, cell in ((False, ("---",), "NA"), (True, (), "---")):
        with pytest.raises(UnreadableFile, match=f"column 2 .v.: '{cell}' is not a number"):
            read_csv(file(text), CsvOptions(keep_default_na=keep, na_values=declared))


@pytest.mark.parametrize(
    ("rows", "options", "where"),
    [
        (
            "2026-03-01T10:00,1\n2026-03-01T11:00,x\n",
            {},
            "row 3, column 2 (v): 'x' is not a number.",
        ),
        ("2026-03-01T10:00,nan\n", {}, "row 2, column 2 (v): 'nan' is not a number."),
        ("2026-03-01T10:00,1e999\n", {}, "row 2, column 2 (v): '1e999' is not a number."),
        ("2026-03-01T10:00,1_000\n", {}, "row 2, column 2 (v): '1_000' is not a number."),
        ('2026-03-01T10:00,"1,5"\n', {}, "row 2, column 2 (v): '1,5' is not a number."),
        (
            "2026-03-01T10:00,1.5\n",
            {"decimal": ";"},
            "row 2, column 2 (v): '1.5' is not a number.",
        ),
        ("01/03/2026,1\n", {}, "row 2, column 1 (t): '01/03/2026' is not a datetime."),
        (",1\n", {}, "row 2, column 1 (t): '' is not a datetime."),
        ("2026-02-30T10:00,1\n", {}, "row 2, column 1 (t): '2026-02-30T10:00' is not a datetime."),
        (
            "2026-03-01T10:00Z,1\n2026-03-01T11:00,2\n",
            {},
            "row 3, column 1 (t): '2026-03-01T11:00' has no offset from UTC, unlike those before.",
        ),
        (
            "2026-03-01T11:00,2\n\n2026-03-01T10:00Z,1\n",
            {},
            "row 4, column 1 (t): '2026-03-01T10:00Z' has an offset from UTC, unlike those before.",
        ),
        (
            "2026-03-01T10:00,1\n2026-03-01T11:00\n",
            {},
            "row 3, column 2 (v): the column is missing, as the row has 1 column.",
        ),
        (
            "2026-03-01T10:00,1\n",
            {"valuecol": 5},
            "row 2, column 6: the column is missing, as the row has 2 columns.",
        ),
        ('2026-03-01T10:00,"1\n', {}, "row 2: unexpected end of data."),
        (
            "0001-01-01T00:00+14:00,1\n",
            {},
            "row 2, column 1 (t): The datetime 0001-01-01T00:00:00+14:00 lies outside the years "
            "1 to 9999.",
        ),
    ],
)
def test_a_bad_cell_is_reported_by_file_row_column_and_reason(
    file: Any, rows: str, options: dict[str, Any], where: str
) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_csv(file("t,v\n" + rows), CsvOptions(**options))
    assert refused.value.message == f"prices.csv, {where}"


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("", "a.csv", "it has no rows"),
        ("t,v\n", "a.csv", "it has no rows after 1 skipped lines"),
        ("\n\n,\n", "a.csv", "it has no rows after 1 skipped lines"),
        (b"t,v\n2026-03-01T10:00,\xff\n", "a.csv", "it is not a text in UTF-8"),
        ("PK", "a.XLSX", "it is no Excel file"),
        ("PK", "a.xls", ".xls is a format that is not read"),
    ],
)
def test_files_without_readable_rows_are_refused(
    file: Any, text: str | bytes, name: str, reason: str
) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_csv(file(text, name))
    assert refused.value.message == f"{name} cannot be read: {reason}."
    assert refused.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "no.csv", tmp_path):
        with pytest.raises(UnreadableFile, match=f"{path.name} cannot be read"):
            read_csv(path)


def test_a_filter_that_matches_nothing_or_names_no_column_is_refused(file: Any) -> None:
    with pytest.raises(UnreadableFile, match="no row with 'x' in column 'price'"):
        read_csv(file(PLAIN), CsvOptions(filters=(("price", "x"),)))
    with pytest.raises(InvalidInput, match="Its columns are: time, price"):
        read_csv(file(PLAIN), CsvOptions(filters=(("volume", "x"),)))


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ",,"},
        {"decimal": ""},
        {"decimal": ","},
        {"decimal": ";", "thousands": ";"},
        {"skiprows": -1},
        {"valuecol": -1},
    ],
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        CsvOptions(**options)


def test_an_unknown_zone_is_refused(file: Any) -> None:
    with pytest.raises(InvalidInput, match="Invalid timezone"):
        read_csv(file(PLAIN), CsvOptions(timezone="utopia"))


def test_values_may_be_moments_or_durations(file: Any) -> None:
    moments = file("t,v\n2026-03-01T10:00,1970-01-02T00:00:00.5\n")
    assert read_csv(moments, kind="datetime").event_value.tolist() == [86400.5]
    day_first = file("t,v\n2026-03-01T10:00,02/01/1970 01:00\n2026-03-01T11:00,3-1-1970\n")
    found = read_csv(day_first, CsvOptions(timezone="Europe/Amsterdam"), kind="dayfirst datetime")
    assert found.event_value.tolist() == [86400, 172800 - 3600]
    durations = file('t,v\n2026-03-01T10:00,1:30\n2026-03-01T11:00,"1 day, 0:00:10"\n')
    assert read_csv(durations, kind="timedelta").event_value.tolist() == [5400, 86410]
    for text in ("t,v\n2026-03-01T10:00,PT1M\n", "t,v\n2026-03-01T10:00,-0:01:00\n"):
        assert abs(read_csv(file(text), kind="timedelta").event_value[0]) == 60
    with pytest.raises(UnreadableFile, match="is not a duration"):
        read_csv(file("t,v\n2026-03-01T10:00,long\n"), kind="timedelta")


def test_reading_a_file_needs_no_pandas(file: Any) -> None:
    probe = (
        "import sys, pathlib\n"
        "from fmhost.beliefs.files import read_csv\n"
        f"read_csv(pathlib.Path({str(file(PLAIN))!r}))\n"
        "assert 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
    )
)
def test_what_is_written_reads_back_the_same(rows: list[tuple[datetime, float]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        lines = [f"{start.replace(tzinfo=UTC).isoformat()},{value!r}" for start, value in rows]
        path.write_text("t,v\n" + "\n".join(lines))
        content = read_csv(path)
    assert [to_datetime(s) for s in content.event_start] == [s.replace(tzinfo=UTC) for s, _ in rows]
    np.testing.assert_array_equal(content.event_value, [value for _, value in rows])
