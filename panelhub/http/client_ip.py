"""Whose request this is, as an address."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

LONGEST_NAME: Final = 150
_FORWARDED: Final = frozenset({"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"})


def client_ip(request: HttpRequest) -> str:
    """Return the client's address, or "" when there is none.

    X-Forwarded-For is believed for as many entries from its end as there are proxies of ours
    (PANELHUB_PROXIES); anything before them may have been written by the client.
    """
    remote = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.PANELHUB_PROXIES
    if not proxies:
        return remote
    hops = [hop.strip() for hop in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if hop.strip()]
    candidate = hops[-proxies] if len(hops) >= proxies else remote
    try:
        return str(ip_address(candidate))
    except ValueError:
        return remote


def is_from_probe(request: HttpRequest) -> bool:
    """Return whether a request comes from one of the networks of PANELHUB_PROBE_NETWORKS, and not through a proxy
    unseen.
    """
    networks = settings.PANELHUB_PROBE_NETWORKS
    if not networks or (not settings.PANELHUB_PROXIES and _FORWARDED & request.META.keys()):
        return False
    try:
        address = ip_address(client_ip(request))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks)


def tried_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the name of a failed login for storage, cut to the longest a name can be."""
    given = (credentials or {}).get("username") or request.POST.get("username", "")
    return str(given).replace("\x00", "")[:LONGEST_NAME]
