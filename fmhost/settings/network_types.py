"""What the value of a setting may look like: networks."""

from __future__ import annotations

from fmhost.settings.value_types import ValueType


class Network(ValueType):
    """An IP address, or a network of them like ``10.0.0.0/8``."""

    title = "an IP address or network"
    example = "10.0.0.0/8"

    def parse(self, text: str) -> str:
        import ipaddress  # seldom needed, and dear

        return str(ipaddress.ip_network(text.strip()))
