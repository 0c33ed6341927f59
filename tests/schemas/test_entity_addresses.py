from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.errors import InvalidInput
from fmhost.schemas.entity_addresses import NamingAuthority, parse_address

NOW = datetime(2026, 12, 31, tzinfo=UTC)
STARTS = {"flexmeasures.io": "2021-01", "company.flexmeasures.io": "2022-05"}


def authority(host: str) -> NamingAuthority:
    return NamingAuthority.of(host, STARTS, NOW)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("flexmeasures.io", "ea1.2021-01.io.flexmeasures:fm1.42"),
        ("company.flexmeasures.io:443", "ea1.2022-05.io.flexmeasures.company:fm1.42"),
        ("localhost:5000", "ea1.2027-01.localhost:fm1.42"),
        ("127.0.0.1:5000", "ea1.2027-01.localhost:fm1.42"),
    ],
)
def test_a_host_gives_out_addresses_and_takes_them_back(host, address):
    assert authority(host).address_of(42) == address
    assert authority(host).sensor_id(parse_address(address)) == 42


@given(st.integers(1, 2**31 - 1))
def test_any_id_survives_its_address(sensor_id):
    host = authority("flexmeasures.io")
    assert host.sensor_id(parse_address(host.address_of(sensor_id))) == sensor_id


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fm1.42", "starts with 'ea1', please review fm1.42"),
        ("", "starts with 'ea1'"),
        ("urn:ea1.2021-01.io.flexmeasures:fm1.42", "starts with 'ea1'"),
        ("ea1.io.flexmeasures:fm1.42", "After 'ea1.', a date specification"),
        ("ea1.2021-13.io.flexmeasures:fm1.42", "After 'ea1.', a date specification"),
        ("ea1.2021-01.io.flexmeasures:fm1.x", "Could not parse sensor ea1."),
        ("ea1.2021-01.io.flexmeasures:fm1.-1", "Could not parse sensor"),
        ("ea1.2021-01.io.flexmeasures:fm0.2:30", "Could not parse sensor"),
        ("ea1.2021-01:fm1.4", "Could not parse sensor"),
        ("ea1.2021-01.io.flexmeasures", "Could not parse sensor"),
    ],
)
def test_what_is_no_address_of_a_sensor_is_refused(text, message):
    with pytest.raises(InvalidInput, match=message):
        parse_address(text)


@pytest.mark.parametrize(
    "text", ["ea1.2020-12.io.flexmeasures:fm1.42", "ea1.2021-01.io.flexmeasures.company:fm1.42"]
)
def test_addresses_of_another_host_are_refused(text):
    with pytest.raises(InvalidInput, match=r"starts with 'ea1.2021-01.io.flexmeasures:fm1.'"):
        authority("flexmeasures.io").sensor_id(parse_address(text))


def test_a_local_host_takes_addresses_of_any_month():
    address = parse_address("ea1.2019-07.localhost:fm1.5")
    assert authority("localhost").sensor_id(address) == 5


def test_a_host_of_which_nobody_said_since_when_says_what_to_configure():
    unknown = authority("example.org")
    assert unknown.address_of(1).startswith("ea1.2027-01.org.example:fm1.")
    with pytest.raises(InvalidInput, match="FLEXMEASURES_HOSTS_AND_AUTH_START"):
        unknown.sensor_id(parse_address(unknown.address_of(1)))
