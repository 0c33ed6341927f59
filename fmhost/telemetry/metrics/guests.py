"""Who may ask for the figures."""

from __future__ import annotations

import hmac
import ipaddress

from fmhost.settings import Settings


def has_guests(settings: Settings) -> bool:
    """Whether anybody may ask."""
    return bool(settings["FMHOST_METRICS_TOKEN"] or settings["FMHOST_METRICS_NETWORKS"])


def is_guest(settings: Settings, address: str | None, authorization: str | None) -> bool:
    """Whether somebody who asks from this address, with this header, may.

    :param address: of the client; anything but an IP address is in none of the networks.
    """
    try:
        client = ipaddress.ip_address(address or "")
    except ValueError:
        client = None
    networks = settings["FMHOST_METRICS_NETWORKS"]
    if client is not None and any(client in ipaddress.ip_network(each) for each in networks):
        return True
    token = settings["FMHOST_METRICS_TOKEN"]
    sent = (authorization or "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(sent.encode(), token.encode())
