"""What goes over the wire: a reply as plain data, with everything a fault may want to bend."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from providers.sandbox.documents import Text

if TYPE_CHECKING:
    from providers.sandbox.shop.state import PanelState


class Ending(StrEnum):
    """The outcome of the connection after the reply."""

    keep = "keep"
    close = "close"
    reset = "reset"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers, body; times in real seconds."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None  # said instead of the body's own
    silent: bool = False  # nothing is sent at all
    hold: float = 0.0  # waited before the first byte
    drip: float = 0.0  # waited before each byte of the body
    drip_head: bool = False  # the headers drip as well, and never end
    endless: bool = False  # the body is sent again and again
    ending: Ending = Ending.keep

    def head(self) -> bytes:
        """Status line and headers, with the empty line that ends them."""
        length = len(self.body) if self.length is None else self.length
        lines = [f"HTTP/1.1 {self.status} {_phrase(self.status)}", f"Content-Type: {self.content_type}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if not self.endless:
            lines.append(f"Content-Length: {length}")
        if self.ending != Ending.keep:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def json_reply(value: Any, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """Return a reply with a JSON value; Decimal never gets here, money is text or a plain number by now."""
    return Reply(status=status, body=json.dumps(value, ensure_ascii=False).encode(), headers=headers)


def page_reply(text: str, *, status: int = 200) -> Reply:
    """Return a reply with a page of HTML."""
    return Reply(status=status, body=text.encode(), content_type="text/html; charset=utf-8")


def _phrase(status: int) -> str:
    # 524 is Cloudflare's own and in no register.
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "A Timeout Occurred"


class Refusal(Exception):
    """The panel refused: `text` is what it says, and nothing was bought or changed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def refuse(panel: PanelState, occasion: Text, **values: object) -> Refusal:
    """Return the refusal in the panel's own words, to be raised."""
    return Refusal(panel.document.text(occasion, **values))


def whole_number(text: str) -> bool:
    """Return whether the text is a number as panels count: ASCII digits, not more than a database takes."""
    return text.isascii() and text.isdigit() and len(text) <= 18


_WINDOW = 60.0


class SlidingWindow:
    """Lets at most `per_minute` requests through in any sixty seconds; None lets all through."""

    def __init__(self, per_minute: int | None = None) -> None:
        self.per_minute = per_minute
        self._arrivals: deque[float] = deque()

    def admit(self, at: float) -> float | None:
        """None when the request that arrived `at` may pass, else the seconds until one may."""
        if self.per_minute is None:
            return None
        while self._arrivals and self._arrivals[0] <= at - _WINDOW:
            self._arrivals.popleft()
        if len(self._arrivals) < self.per_minute:
            self._arrivals.append(at)
            return None
        return self._arrivals[0] + _WINDOW - at
