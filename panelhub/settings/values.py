"""Read single settings from the environment: an empty value counts as unset, a wrong one is refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ

TRUE: Final = frozenset({"1", "true", "yes", "y", "on"})
FALSE: Final = frozenset({"0", "false", "no", "n", "off"})
FEWEST_CHARACTERS: Final = 5
LONGEST_SHOWN: Final = 60
MOST_DAYS: Final = 36_500
_HOST: Final = re.compile(r"\*|\.?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?|\[[0-9A-Fa-f:.]+\]")


def read_text(env: environ.Env, name: str, default: str = "") -> str:
    """Return the setting's text without surrounding blanks, or ``default``."""
    text: str = env.str(name, default="").strip()
    if any(ord(letter) < 32 for letter in text):
        raise refuse(name, "must not hold line breaks or control characters")
    return text or default


def read_list(env: environ.Env, name: str, default: Sequence[str] = ()) -> list[str]:
    """Return the parts of a comma list, without empty ones, or ``default``."""
    return [part.strip() for part in read_text(env, name).split(",") if part.strip()] or list(default)


def read_switch(env: environ.Env, name: str, *, default: bool = False) -> bool:
    """Return whether a setting is on."""
    text = read_text(env, name).lower()
    if text and text not in TRUE | FALSE:
        raise refuse(name, "must be true or false", text)
    return text in TRUE if text else default


def read_number(env: environ.Env, name: str, *, default: int, least: int, most: int, unit: str = "") -> int:
    """Return a whole number between ``least`` and ``most``; ``unit`` is named in the sentence that refuses another."""
    text = read_text(env, name)
    if not text:
        return default
    unit = f" {unit}" if unit else ""
    if not re.fullmatch(r"[+-]?[0-9]{1,12}", text) or not least <= int(text) <= most:
        raise refuse(name, f"must be a whole number from {least} to {most}{unit}", text)
    return int(text)


def read_days(env: environ.Env, name: str, *, default: int | None, least: int = 1) -> int | None:
    """Return for how many days something is kept, or ``default``; None is for ever."""
    if not read_text(env, name):
        return default
    return read_number(env, name, default=least, least=least, most=MOST_DAYS, unit="days")


def read_choice(env: environ.Env, name: str, choices: Collection[str], *, default: str) -> str:
    """Return one of ``choices`` (upper case), however it is written."""
    text = read_text(env, name, default).upper()
    if text not in choices:
        raise refuse(name, f"must be one of {', '.join(choices)}", text)
    return text


def read_time_zone(env: environ.Env, name: str) -> str:
    """Return the name of a time zone; UTC by default."""
    text = read_text(env, name, "UTC")
    if text not in available_timezones():
        raise refuse(name, "must be the name of a time zone, such as UTC or Asia/Ho_Chi_Minh", text)
    return text


def read_url(env: environ.Env, name: str, schemes: Collection[str]) -> str:
    """Return an address that begins with one of ``schemes`` and names a host, or ""."""
    text = read_text(env, name)
    if text:
        check_url(name, text, schemes)
    return text


def read_origin(env: environ.Env, name: str) -> str:
    """Return an origin such as ``https://hub.example.com``, without a slash at its end, or ""."""
    text = read_text(env, name).rstrip("/")
    if text:
        check_origin(name, text)
    return text


def read_origins(env: environ.Env, name: str) -> list[str]:
    """Return a list of origins; a host may begin with ``*.``."""
    origins = read_list(env, name)
    for origin in origins:
        check_origin(name, origin.replace("://*.", "://", 1))
    return origins


def read_networks(env: environ.Env, name: str) -> list[IPv4Network | IPv6Network]:
    """Return a list of networks, such as ``10.0.0.0/8``; an address alone is a network of one."""
    networks = []
    for text in read_list(env, name):
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError as error:
            raise refuse(name, "has to be a comma list of networks such as 10.0.0.0/8", text) from error
    return networks


def read_hosts(env: environ.Env, name: str, default: Sequence[str]) -> list[str]:
    """Return a list of host names without scheme, port and path."""
    hosts = read_list(env, name, default)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise refuse(name, "must hold host names alone, such as hub.example.com", host)
    return hosts


def read_slug(env: environ.Env, name: str) -> str:
    """Return a short name of letters, digits, dots, dashes and underscores, or ""."""
    text = read_text(env, name)
    if not re.fullmatch(r"[A-Za-z0-9._-]{0,60}", text):
        raise refuse(name, "may hold letters, digits, dots, dashes and underscores, 60 at most", text)
    return text


def read_mail_server(env: environ.Env, name: str) -> dict[str, Any]:
    """Return Django's EMAIL_* settings from an address such as ``smtp+tls://user:password@host:587``."""
    text = read_text(env, name, "consolemail://")
    scheme = text.partition("://")[0]
    if scheme not in env.EMAIL_SCHEMES or "://" not in text:
        raise refuse(name, f"must begin with one of {', '.join(f'{known}://' for known in env.EMAIL_SCHEMES)}")
    if scheme.startswith("smtp"):
        check_url(name, text, tuple(env.EMAIL_SCHEMES))
    found: dict[str, Any] = env.email_url_config(text)
    return found


def read_mail_address(env: environ.Env, name: str, default: str) -> str:
    """Return the address that mail is sent from, alone or as ``Name <address>``."""
    text = read_text(env, name, default)
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+|[^<>]*<[^@\s<>]+@[^@\s<>]+>", text):
        raise refuse(name, "must be a mail address, such as hub@example.com", text)
    return text


def check_url(name: str, text: str, schemes: Collection[str]) -> None:
    """Raise ImproperlyConfigured unless ``text`` begins with one of ``schemes`` and names a host."""
    try:
        parts = urlsplit(text)
        is_fit = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_fit = False
    if not is_fit:
        # The address may hold a password, so it is not repeated.
        raise refuse(name, f"must be an address that begins with {' or '.join(f'{s}://' for s in schemes)}")


def check_origin(name: str, text: str) -> None:
    """Raise ImproperlyConfigured unless ``text`` is a scheme and a host, perhaps with a port, and nothing more."""
    check_url(name, text, ("https", "http"))
    parts = urlsplit(text)
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise refuse(name, "must be a scheme and a host alone, such as https://hub.example.com")


def is_monotonous(secret: str) -> bool:
    """Return whether a secret is made of very few different characters, or of one piece repeated."""
    pieces = (secret[:length] for length in range(1, len(secret) // 3 + 1))
    return len(set(secret)) < FEWEST_CHARACTERS or any(
        secret == (piece * (len(secret) // len(piece) + 1))[: len(secret)] for piece in pieces
    )


def refuse(name: str, sentence: str, text: str = "") -> environ.ImproperlyConfigured:
    """Return the error that says what is wrong with a setting; ``text`` is shown and must not be a secret."""
    shown = f", not {text[:LONGEST_SHOWN]!r}" if text else ""
    return environ.ImproperlyConfigured(f"{name} {sentence}{shown}.")
