"""Entity addresses: names of sensors that are unique among all installations.

``ea1.2021-01.io.flexmeasures:fm1.42`` is sensor 42 of the host flexmeasures.io, whose owner held
that domain in January 2021 (Universal Smart Energy Framework, type 1 addresses; RFC 3720 names the
scheme). The host is that of the request, the month the one that
``FLEXMEASURES_HOSTS_AND_AUTH_START`` gives for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fmhost.errors import InvalidInput

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_SENSOR = re.compile(r"fm1\.(?P<id>[0-9]{1,18})")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1", "[::1]")


@dataclass(frozen=True, slots=True)
class SensorAddress:
    """An address that was read, before it is known whether it is one of this host.

    :param text: as it was written.
    :param month: ``YYYY-MM`` from which on the authority counts.
    :param domain: the reversed domain.
    """

    text: str
    month: str
    domain: str
    sensor_id: int


def parse_address(text: str) -> SensorAddress:
    """The parts of an entity address.

    :raises InvalidInput: where it is none of a sensor, by its form.
    """
    scheme, _, rest = text.partition(".")
    if scheme != "ea1":
        raise InvalidInput(
            f"A valid type 1 USEF entity address starts with 'ea1', please review {text}"
        )
    authority, _, name = rest.partition(":")
    month, _, domain = authority.partition(".")
    if not _MONTH.fullmatch(month):
        raise InvalidInput(
            "After 'ea1.', a date specification of the format YYYY-MM is expected, please review "
            f"{text}"
        )
    sensor = _SENSOR.fullmatch(name)
    if sensor is None or not domain:
        raise InvalidInput(f"Could not parse sensor {text}.")
    return SensorAddress(text, month, domain, int(sensor["id"]))


@dataclass(frozen=True, slots=True)
class NamingAuthority:
    """Under which name this host gives out addresses.

    :param host: name of the host, without port.
    :param month: since when, ``YYYY-MM``; None where nobody has said it.
    :param fallback: the month to write where nobody has said it.
    """

    host: str
    month: str | None
    fallback: str

    @classmethod
    def of(cls, host: str, auth_start: Mapping[str, str], now: datetime) -> NamingAuthority:
        """The authority of a host.

        :param host: as in the request, with or without port.
        :param auth_start: first month by host (``FLEXMEASURES_HOSTS_AND_AUTH_START``).
        """
        name = re.sub(r":[0-9]*$", "", host)
        if name in _LOCAL_HOSTS:
            name = "localhost"
        following = (now.replace(day=1) + timedelta(days=31)).strftime("%Y-%m")
        month = auth_start.get(name)
        if month is None and name == "localhost":
            month = following
        return cls(name, month, following)

    @property
    def domain(self) -> str:
        """The host name, reversed part by part."""
        return ".".join(reversed(self.host.split(".")))

    def address_of(self, sensor_id: int) -> str:
        """The entity address of a sensor of this installation."""
        return f"ea1.{self.month or self.fallback}.{self.domain}:fm1.{sensor_id}"

    def sensor_id(self, address: SensorAddress) -> int:
        """The id of the sensor, once its address is known to be one of this host.

        Local hosts have no owner who could have held their domain since some month, so for them
        every month will do.

        :raises InvalidInput: where it is an address of another host.
        """
        if self.month is None:
            raise InvalidInput(
                f"Could not find out when authority for {self.host} started. Is "
                "FLEXMEASURES_HOSTS_AND_AUTH_START configured for it?"
            )
        same_month = address.month == self.month or self.host == "localhost"
        if address.domain != self.domain or not same_month:
            raise InvalidInput(
                "A valid type 1 FlexMeasures entity address starts with "
                f"'ea1.{self.month}.{self.domain}:fm1.', please review {address.text}"
            )
        return address.sensor_id
