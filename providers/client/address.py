"""Which addresses a panel may have: https, and on the public internet.

A panel's URL is typed by a person and its name is resolved by a stranger's name server, so it is checked twice:
`check_url` looks at the text, for forms and again before each call; `find_addresses` looks at every address the name
leads to, once for each new connection, and the connection is made to what was checked, so that a name server that
changes its mind in between (DNS rebinding) gains nothing.

Two things lift both checks: `allow_private`, for tests and closed networks, and an `exempt_origin` that equals the
URL's origin to the letter, for the sandbox that runs next to the hub.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
import unicodedata
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

import idna

Address = tuple[socket.AddressFamily, tuple[Any, ...]]
"""What `socket.connect` needs: the family and the address with its port."""

HTTPS_PORTS: Final = frozenset({443, 2053, 2083, 2087, 2096, 8443})
"""The ports https panels are served on: the standard one, and those the common CDNs and hosting panels add."""

# Nothing that two URL parsers could read in two ways.
_NETLOC: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#@%,;<>\"'`{}|^]+)(?::[0-9]{1,5})?")
_LONGEST_URL: Final = 500
_KEY_NAMES: Final = frozenset({"key", "api_key", "apikey", "api_token", "token", "password", "pass"})
_LOCAL_SUFFIXES: Final = (
    *(".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".home", ".corp", ".private"),
    *(".arpa", ".onion"),
)

# What the ipaddress module counts as global and is not, or not in every version of it.
_NEVER: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers; a cloud's metadata lives at 100.100.100.200
        "168.63.129.16/32",  # a cloud's metadata at a public address
        "192.0.0.0/24",
        "192.88.99.0/24",
        "224.0.0.0/3",
        "::/64",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # Teredo, benchmarking and other protocol assignments
        "2001:db8::/32",
        "3fff::/20",
    )
)
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(ValueError):
    """The URL or the address is not allowed; `sentence` says why, for a form."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check_url(url: str, allow_private: bool = False, exempt_origin: str = "") -> None:  # noqa: FBT001, FBT002
    """Raise AddressRefused unless a panel may be reached under this URL, as far as its text shows. Resolves no name."""
    parts = _split(url)
    if exempt_origin and origin_of(url) == _origin_or_none(exempt_origin):
        return
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise AddressRefused("The URL must start with https://.")
    if allow_private:
        return
    if _port(parts) not in HTTPS_PORTS:
        raise AddressRefused(f"Port {_port(parts)} is not one that https panels are served on.")
    host = _plain_host(parts)
    if (literal := _literal_address(host)) is not None:
        if not is_public(literal):
            raise AddressRefused(f"{literal} is not a public address.")
    elif "." not in host or host == "localhost" or host.endswith(_LOCAL_SUFFIXES):
        raise AddressRefused(f"{host} is a name inside a network, not on the public internet.")


def may_be_private(url: str, *, allow_private: bool, exempt_origin: str) -> bool:
    """Return whether the addresses behind this URL need not be public."""
    return allow_private or (bool(exempt_origin) and origin_of(url) == _origin_or_none(exempt_origin))


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, in lower case and with the port always written. Raises AddressRefused."""
    parts = _split(url)
    return f"{parts.scheme}://{_plain_host(parts)}:{_port(parts)}"


def _origin_or_none(url: str) -> str | None:
    try:
        return origin_of(url)
    except AddressRefused:
        return None


def _split(url: str) -> SplitResult:
    if not url or len(url) > _LONGEST_URL:
        raise AddressRefused(f"The URL must have between 1 and {_LONGEST_URL} characters.")
    if any(character <= " " or character == "\\" or not character.isprintable() for character in url):
        raise AddressRefused("The URL must not hold blanks, control characters or backslashes.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused("This is not a valid URL.") from None
    if parts.scheme not in ("https", "http") or not host or port == 0:
        raise AddressRefused("The URL must start with https:// and name a host.")
    if "@" in parts.netloc:
        raise AddressRefused("The URL must not hold a user name or a password.")
    if "%" in parts.netloc:
        raise AddressRefused("The URL's host must not hold a percent sign.")
    if not _NETLOC.fullmatch(parts.netloc):
        raise AddressRefused("This is not a valid URL.")
    if parts.fragment or any(name.lower() in _KEY_NAMES for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        raise AddressRefused("The URL must not hold the key or a #fragment: the key has its own field.")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _plain_host(parts: SplitResult) -> str:
    """Return the host as it will be resolved: other scripts' digits and dots made plain, names in punycode, no last
    dot.
    """
    host = unicodedata.normalize("NFKC", parts.hostname or "").lower().rstrip(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii").rstrip(".")
        except (idna.IDNAError, UnicodeError):
            raise AddressRefused("The URL's host is not a valid name.") from None
    if not host:
        raise AddressRefused("The URL must name a host.")
    return host


def _literal_address(host: str) -> str | None:
    """Return the address a host is, in whatever notation: 127.1, 0x7f.1 and 2130706433 are 127.0.0.1.

    None for a name.
    """
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError, ValueError):
        return None


def is_public(address: str) -> bool:
    """Return whether an address is a single host's on the public internet; for v6 that holds a v4 address, whether that
    is.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if parsed not in _GLOBAL_V6:
            return False
    if parsed.is_multicast or not parsed.is_global:
        return False
    return not any(parsed in network for network in _NEVER if network.version == parsed.version)


def find_addresses(host: str, port: int, *, seconds: float, allow_private: bool) -> list[Address]:
    """Return every address of the host, checked. Raises AddressRefused when one is not public, OSError when there is
    none.

    Waits `seconds` at most: the system's resolver knows no deadline, so it runs in a thread that may be left
    behind.
    """
    found: list[Address] = []
    for family, _, _, _, address in _resolve(host, port, seconds):
        if not allow_private and not is_public(str(address[0])):
            raise AddressRefused(f"{host} leads to {address[0]}, which is not a public address.")
        if (family, address) not in found:
            found.append((family, address))
    if not found:
        raise OSError("no address")
    return found


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    if _literal_address(host) is not None:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    outcome: list[list[Any] | BaseException] = []

    def ask() -> None:
        try:
            outcome.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as problem:
            outcome.append(problem)

    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise TimeoutError("the name was not resolved in time")
    if isinstance(outcome[0], BaseException):
        raise OSError("the name was not resolved") from outcome[0]
    return outcome[0]
