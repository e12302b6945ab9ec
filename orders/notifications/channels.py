"""The ways out of the hub: which addresses administrators may enter, and how one message leaves.

The addresses are Apprise's. Of its hundred ways those named in ``WAYS`` are taken, with the parameters named there:
others read files of this machine, switch the verification of TLS off, or lead elsewhere than they say. What is dialed
goes through :mod:`orders.notifications.guard`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import quote

import apprise
from apprise.manager_plugins import NotificationManager
from apprise.utils.parse import parse_url
from django.conf import settings
from django.utils.translation import gettext as _

from orders.notifications.guard import dialing, guard_modules
from providers.client.address import AddressRefused, check_url

EMAIL: Final = "{email}"
MAIL: Final = frozenset({"mailto", "mailtos"})
LONGEST_URL: Final = 1000
SECONDS: Final = 20
# The ports of mail servers: a channel is no way to knock at others.
MAIL_PORTS: Final = frozenset({25, 465, 587, 2465, 2525, 2587})
_SHAPE: Final = frozenset({"format", "overflow", "user", "pass"})
_MAIL: Final = frozenset({"to", "cc", "bcc", "from", "name", "reply", "mode", "smtp"})
_MATTERMOST: Final = frozenset({"to", "channel", "channels", "botname", "team", "mode"})
_ROCKET_CHAT: Final = frozenset({"to", "mode", "webhook", "avatar"})
_NTFY: Final = frozenset({"to", "priority", "auth", "token", "mode", "xtags"})
_WORKFLOWS: Final = frozenset({"id", "sig", "ver", "api-version", "wrap"})
# Schemes that lead to a server of one's own, and the scheme that it is spoken to with.
OWN_SERVER: Final = {
    **dict.fromkeys(("jsons", "mmosts", "rockets", "ntfys", "gotifys", "matrixs", "workflow", "workflows"), "https"),
    **dict.fromkeys(("json", "mmost", "rocket", "ntfy", "gotify", "matrix"), "http"),
}
# Each way that is taken, with its parameters.
WAYS: Final = {
    **dict.fromkeys(MAIL, _MAIL),
    "tgram": frozenset({"to", "thread", "topic", "silent", "preview", "mdv"}),
    "slack": frozenset({"to", "token", "mode", "footer", "timestamp"}),
    "discord": frozenset({"thread", "footer", "tts", "avatar"}),
    "zulip": frozenset({"to", "token"}),
    "zalo": frozenset({"to", "token"}),
    "line": frozenset({"to"}),
    "lark": frozenset[str](),
    "pover": frozenset({"to", "priority", "sound", "expire", "interval"}),
    "pbul": frozenset({"to"}),
    "gchat": frozenset({"workspace", "key", "token", "thread"}),
    **dict.fromkeys(("wxteams", "webex"), frozenset({"to", "token", "mode"})),
    **dict.fromkeys(("workflow", "workflows"), _WORKFLOWS),
    **dict.fromkeys(("jsons", "json"), frozenset({"method"})),
    **dict.fromkeys(("mmosts", "mmost"), _MATTERMOST),
    **dict.fromkeys(("rockets", "rocket"), _ROCKET_CHAT),
    **dict.fromkeys(("ntfys", "ntfy"), _NTFY),
    **dict.fromkeys(("gotifys", "gotify"), frozenset({"priority"})),
    **dict.fromkeys(("matrixs", "matrix"), frozenset({"to", "token", "mode", "msgtype"})),
}
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
    """Return what is wrong with a channel's address, as a sentence; "" when nothing is. Resolves no name."""
    if len(url) > LONGEST_URL:
        return _("This is longer than %(most)s characters.") % {"most": LONGEST_URL}
    scheme = url.partition("://")[0].lower()
    if EMAIL in url and scheme not in MAIL:
        return _("%(email)s only works in mail server URLs.") % {"email": EMAIL}
    if scheme not in WAYS:
        return _("This URL isn’t supported. Supported: %(ways)s.") % {"ways": ", ".join(sorted(WAYS))}
    if fault := _find_fault_with_parameters(url, scheme):
        return fault
    way = _open(url, "person@example.com")
    if way is None:
        return _("This URL isn’t supported. Use one such as mailtos://… or tgram://…")
    if not settings.PANELHUB_ALLOW_PLAIN_CHANNELS and not _is_private(way, scheme):
        return _("Only encrypted channels are allowed: mail with STARTTLS or TLS, a chat service, or https.")
    return _find_fault_with_server(way, scheme)


def is_personal(url: str) -> bool:
    """Return whether the address stands for each person's own."""
    return EMAIL in url


def send(url: str, message: Message, *, email: str = "") -> None:
    """Send one message; raises :class:`NotSent`. Takes ``SECONDS`` at most, and reaches public addresses alone."""
    if fault := find_fault(url):
        raise NotSent(fault)
    if is_personal(url) and not email:
        raise NotSent(_("This person has no email address."))
    way = _open(url, email)
    with dialing(seconds=SECONDS, allow_private=settings.PANELHUB_ALLOW_PLAIN_CHANNELS) as dial:
        try:
            sent = way is not None and way.notify(
                title=message.title, body=message.body, body_format=apprise.NotifyFormat.TEXT
            )
        except Exception as error:
            # Any of a hundred plugins, on whatever a stranger's site answers.
            raise NotSent(dial.refusal or type(error).__name__) from None
    if not sent:
        raise NotSent(dial.refusal or _("The mail server or chat rejected it."))


def _find_fault_with_parameters(url: str, scheme: str) -> str:
    # As Apprise itself reads them: names with + - : in front set headers, parameters and fields of what is sent.
    found = parse_url(url.replace(EMAIL, "person%40example.com"), verify_host=False) or {}
    names = {name.lower() for name in found.get("qsd", {})}
    for kind in ("qsd+", "qsd-", "qsd:"):
        names.update(f"{kind[-1]}{name}" for name in found.get(kind, {}))
    if strange := sorted(names - WAYS[scheme] - _SHAPE):
        return _("These parameters aren’t allowed: %(names)s.") % {"names": ", ".join(strange)}
    server = {name.lower(): value for name, value in found.get("qsd", {}).items()}.get("smtp", "")
    if server and server.lower() != str(found.get("host")).lower():
        return _("smtp= isn’t allowed. Put the mail server in the URL.")
    return ""


def _find_fault_with_server(way: Any, scheme: str) -> str:
    is_open = settings.PANELHUB_ALLOW_PLAIN_CHANNELS
    spoken = OWN_SERVER.get(scheme, "https")
    port = getattr(way, "port", None)
    host = ""
    if scheme in MAIL:
        if not is_open and port not in MAIL_PORTS:
            return _("Port %(port)s isn’t a mail server port.") % {"port": port}
        # Only the host is looked at here.
        host, port = str(way.smtp_host), None
    elif scheme in OWN_SERVER and getattr(way, "mode", "") != "cloud":
        host = str(way.host)
    if not host:
        return ""
    try:
        check_url(f"{spoken}://{host}{f':{port}' if port else ''}/", allow_private=is_open)
    except AddressRefused as refused:
        return refused.sentence
    return ""


def _open(url: str, email: str) -> Any:
    _guard_ways()
    bound = url.replace(EMAIL, quote(email, safe=""))
    try:
        way = apprise.Apprise.instantiate(bound, suppress_exceptions=True)
    except Exception:
        return None
    if way is not None:
        way.verify_certificate = True
        way.socket_connect_timeout = way.socket_read_timeout = SECONDS
    return way


def _is_private(way: Any, scheme: str) -> bool:
    """Return whether what is sent this way is encrypted until it has left our network."""
    if scheme in MAIL:
        return str(getattr(way, "secure_mode", "")) != "insecure"
    return OWN_SERVER.get(scheme, "https") == "https"


@cache
def _guard_ways() -> None:
    """Let no plugin of ``WAYS`` dial by itself."""
    for plugin in NotificationManager().plugins():
        if _schemes_of(plugin) & WAYS.keys():
            guard_modules(plugin)


def _schemes_of(plugin: Any) -> set[str]:
    found: set[str] = set()
    for names in (plugin.protocol, plugin.secure_protocol):
        found.update([names] if isinstance(names, str) else names or ())
    return found
