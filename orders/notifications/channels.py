"""The ways out of the hub: which addresses administrators may enter, and how one message leaves.

The addresses are Apprise's. It dials by itself, past the guard that stands before the panels, so only ways
that are encrypted are taken: what goes through a chat's own site, `…s://` addresses, and mail.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import apprise
from apprise.manager_plugins import NotificationManager
from django.conf import settings
from django.utils.translation import gettext as _

EMAIL: Final = "{email}"
MAIL: Final = frozenset({"mailto", "mailtos"})
LONGEST_URL: Final = 1000
SECONDS: Final = 10
# Its own log writes whole addresses, with the passwords in them.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a subject of one line, and text."""

    title: str
    body: str


class NotSent(Exception):
    """The message did not leave; says why, without the address."""


def find_fault(url: str) -> str:
    """What is wrong with a channel's address, as a sentence; "" when nothing is."""
    if len(url) > LONGEST_URL:
        return _("This is longer than %(most)s characters.") % {"most": LONGEST_URL}
    schema = url.partition("://")[0].lower()
    if EMAIL in url and schema not in MAIL:
        return _("%(email)s has a meaning in the addresses of mail servers alone.") % {"email": EMAIL}
    way = _open(url, "somebody@example.com")
    if way is None:
        return _("No way to send is known for this address. It looks like mailtos://… or tgram://…")
    if not settings.PANELHUB_ALLOW_PLAIN_CHANNELS and not _is_private(way, schema):
        return _("Only encrypted ways are taken: mail with STARTTLS or TLS, a chat’s own site, or https.")
    return ""


def is_personal(url: str) -> bool:
    """Whether the address stands for each person's own."""
    return EMAIL in url


def send(url: str, message: Message, *, email: str = "") -> None:
    """Send one message; raises :class:`NotSent`. Takes ``SECONDS`` for each step of the way at most."""
    if fault := find_fault(url):
        raise NotSent(fault)
    if is_personal(url) and not email:
        raise NotSent(_("This person has no e-mail address."))
    way = _open(url, email)
    try:
        sent = way is not None and way.notify(
            title=message.title, body=message.body, body_format=apprise.NotifyFormat.TEXT
        )
    except Exception as error:
        # Any of a hundred plugins, on whatever a stranger's site answers.
        raise NotSent(type(error).__name__) from None
    if not sent:
        raise NotSent(_("The mail server or chat did not take it."))


def _open(url: str, email: str) -> Any:
    bound = url.replace(EMAIL, quote(email, safe=""))
    try:
        way = apprise.Apprise.instantiate(bound, suppress_exceptions=True)
    except Exception:
        return None
    if way is not None:
        way.socket_connect_timeout = way.socket_read_timeout = SECONDS
    return way


def _is_private(way: Any, schema: str) -> bool:
    """Whether what is sent this way is encrypted until it has left our network."""
    if schema in MAIL:
        return str(getattr(way, "secure_mode", "")) != "insecure"
    return schema in _encrypted()


def _encrypted() -> frozenset[str]:
    known: set[str] = set()
    for plugin in NotificationManager().plugins():
        names = plugin.secure_protocol or ()
        known.update([names] if isinstance(names, str) else names)
    return frozenset(known)
