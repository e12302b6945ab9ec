"""What keeps a run to itself: no one else's database or broker, and no connection that leaves this machine."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final

FOREIGN: Final = ("DATABASE_URL", "CELERY_BROKER_URL")


class ForeignServer(Exception):
    """The run was pointed at a server that is not its own; the text says so to a person."""


def refuse_foreign(environment: Mapping[str, str]) -> None:
    """Raise ForeignServer when the environment names a database or a broker."""
    for name in FOREIGN:
        if environment.get(name):
            raise ForeignServer(
                f"{name} is set. The fault run kills its servers and starts them again, so it works on servers of its "
                f"own alone and takes no other: run it without {name}."
            )


def stay_on_this_machine() -> None:
    """Refuse, from now on and in this process, every connection and name look-up that leads elsewhere."""
    sys.addaudithook(_refuse_strangers)


def _refuse_strangers(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        raise PermissionError(f"The fault run dials nothing outside this machine, and not {host!r}.")


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in {None, "", "localhost"}:
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False
