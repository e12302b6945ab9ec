"""Faults on the wire: each takes the reply a panel would have sent and gives the one that is sent."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from providers.sandbox.api.replies import Ending, Reply, json_reply, page_reply
from providers.sandbox.faults.faults import Fault
from providers.sandbox.faults.rules import Rule

Bend = Callable[[Reply, Rule], Reply]

_PAGE = "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1><hr>nginx</body></html>"
_CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    "<body>Checking your browser before accessing the panel.</body></html>"
)
_NOTICE = (
    b"<br />\n<b>Notice</b>:  Undefined index: runs in <b>/home/panel/public_html/api.php</b>"
    b" on line <b>212</b><br />\n"
)
_BOMB_MEGABYTES = 100
_TITLES = {
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
    524: "Error 524: A timeout occurred",
}


def bend_reply(reply: Reply, rule: Rule) -> Reply:
    """Return the reply after the fault, or as it was when the fault is not about the wire."""
    bend = _BENDS.get(rule.fault)
    return reply if bend is None else bend(reply, rule)


def _instead(other: Reply) -> Bend:
    return lambda reply, rule: other


def _refusal(text: str, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Bend:
    return _instead(json_reply({"error": text}, status=status, headers=headers))


def _body(change: Callable[[bytes], bytes]) -> Bend:
    return lambda reply, rule: replace(reply, body=change(reply.body))


def _redirect(status: int) -> Bend:
    def bend(reply: Reply, rule: Rule) -> Reply:
        return Reply(status=status, content_type="text/html", headers=(("Location", rule.location or "/elsewhere"),))

    return bend


def _server_errors() -> dict[Fault, Bend]:
    bends: dict[Fault, Bend] = {}
    for status, title in _TITLES.items():
        page = page_reply(_PAGE.format(title=title), status=status)
        error = json_reply({"error": title.partition(" ")[2]}, status=status)
        for when in ("before", "after"):
            bends[Fault[f"html_{status}_{when}_accept"]] = _instead(page)
            bends[Fault[f"json_{status}_{when}_accept"]] = _instead(error)
    return bends


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = b" " * 1_000_000
    return b"".join([packer.compress(blanks) for _ in range(_BOMB_MEGABYTES)]) + packer.flush()


def _gzip_bomb(reply: Reply, rule: Rule) -> Reply:
    return Reply(body=_bomb(), headers=(("Content-Encoding", "gzip"),))


def _cut_short(reply: Reply, rule: Rule) -> Reply:
    half = reply.body[: len(reply.body) // 2]
    return replace(reply, body=half, length=len(reply.body), ending=Ending.close)


def _reset_in_body(reply: Reply, rule: Rule) -> Reply:
    return replace(_cut_short(reply, rule), ending=Ending.reset)


_SILENCE = Reply(silent=True, ending=Ending.close)
_RESET = Reply(silent=True, ending=Ending.reset)

_BENDS: Mapping[Fault, Bend] = {
    Fault.close_before_reading: _instead(_RESET),  # unread bytes turn a close into a reset
    Fault.close_before_accept: _instead(_SILENCE),
    Fault.reset_before_accept: _instead(_RESET),
    Fault.hang_before_accept: lambda reply, rule: replace(_SILENCE, hold=rule.seconds),
    Fault.close_after_accept: _instead(_SILENCE),
    Fault.reset_after_accept: _instead(_RESET),
    Fault.reset_in_body: _reset_in_body,
    Fault.hang_after_accept: lambda reply, rule: replace(_SILENCE, hold=rule.seconds),
    Fault.dripping_body: lambda reply, rule: replace(reply, drip=rule.seconds, ending=Ending.close),
    Fault.dripping_head: lambda reply, rule: replace(reply, drip=rule.seconds, drip_head=True, ending=Ending.close),
    **_server_errors(),
    Fault.redirect_301: _redirect(301),
    Fault.redirect_302: _redirect(302),
    Fault.redirect_303: _redirect(303),
    Fault.redirect_307: _redirect(307),
    Fault.redirect_308: _redirect(308),
    Fault.empty_body: _body(lambda body: b""),
    Fault.html_200: _instead(page_reply(_CHALLENGE)),
    Fault.cut_body: _body(lambda body: body[: len(body) // 2]),
    Fault.cut_body_wrong_length: _cut_short,
    Fault.php_notice: _body(lambda body: _NOTICE + body),
    Fault.byte_order_mark: _body(lambda body: b"\xef\xbb\xbf" + body),
    Fault.deep_nesting: _body(lambda body: b"[" * 200_000 + b"]" * 200_000),
    Fault.huge_number: _body(lambda body: re.sub(rb'"#huge#"', b"7" * 5_000, body)),
    Fault.gzip_bomb: _gzip_bomb,
    Fault.endless_body: lambda reply, rule: replace(reply, body=b" " * 65_536, endless=True, ending=Ending.close),
    Fault.many_headers: lambda reply, rule: replace(
        reply, headers=tuple((f"X-Padding-{index}", "0") for index in range(100_000))
    ),
    Fault.rate_limited: _refusal("Too many requests", status=429),
    Fault.rate_limited_retry_after: lambda reply, rule: json_reply(
        {"error": "Too many requests"}, status=429, headers=(("Retry-After", f"{rule.seconds:.0f}"),)
    ),
    Fault.rate_limited_absurd: _refusal(
        "Too many requests", status=429, headers=(("Retry-After", "Wed, 21 Oct 2099 07:28:00 GMT"),)
    ),
    Fault.rate_limited_text: _refusal("Rate limit exceeded"),
    Fault.bad_key: _refusal("Invalid API key"),
    Fault.account_suspended: _refusal("Your account has been suspended."),
    Fault.no_funds: _refusal("Not enough funds on balance"),
    Fault.maintenance: _refusal("Maintenance"),
    Fault.refused: _refusal("You have active order with this link. Please wait until order being completed."),
    Fault.unlisted: _refusal("Please speak to the desk"),
    Fault.poison_id: _refusal("Incorrect order IDs"),
    Fault.refused_400: _refusal("The link is private", status=400),
}
