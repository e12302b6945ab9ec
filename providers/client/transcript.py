"""Record a paid call for people to look at later: all of it, but for what is secret, and bounded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from providers.client.exchange import RawReply, TransportFailure
from providers.client.outcome import Rules
from providers.client.replies.json import ErrorReplyError, UnusableError, decode_body, parse_document
from providers.client.sanitize import Scrubber, clean_verbatim
from providers.dialects import Action

MOST_KEPT: Final = 16_000
LONGEST_VALUE: Final = 4_000
MASK: Final = "•••"
MASKED: Final = frozenset({"key", "require"})
CUT: Final = " […]"
_UNREADABLE: Final = (ErrorReplyError, UnusableError, RecursionError, ValueError)
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
# An answer to a product order holds these; what else it holds may be what was bought.
_NO_GOODS: Final = frozenset(
    {
        "order",
        "order_id",
        "orderid",
        "id",
        "status",
        "error",
        "errors",
        "message",
        "success",
        "charge",
        "currency",
        "balance",
    }
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What went out and what came back, without the key and without what a buyer handed over.

    `reply` is "" when nothing came; `http_status` None when not even a status line did.
    """

    sent: Mapping[str, str]
    http_status: int | None
    reply: str


def keep_exchange(
    action: Action,
    wire_name: str,
    parameters: Mapping[str, str],
    came_back: RawReply | TransportFailure,
    rules: Rules,
) -> Exchange:
    """Return the record of one paid call. Never raises: a call must not fail for being written down."""
    body = came_back.body if isinstance(came_back, RawReply) else came_back.partial
    text = decode_body(body[: 4 * MOST_KEPT])
    if action is Action.add_product_order:
        text = _without_goods(text)
    # Scrubbed first and cut afterwards, else half a key could stay at the end.
    reply = clean_verbatim(_readable(rules.scrubber.scrub_excerpt(text), rules.scrubber), MOST_KEPT)
    return Exchange(sent=_mask(wire_name, parameters, rules.scrubber), http_status=came_back.status, reply=reply)


def _mask(wire_name: str, parameters: Mapping[str, str], scrubber: Scrubber) -> dict[str, str]:
    kept = {"key": MASK, "action": wire_name}
    left = MOST_KEPT
    for name, value in parameters.items():
        shown = MASK if name in MASKED else clean_verbatim(scrubber.scrub(value), LONGEST_VALUE)
        if len(shown) > left or len(value) > LONGEST_VALUE:
            shown = shown[: max(0, left)] + CUT
        left -= len(shown)
        kept[clean_verbatim(name, 100)] = shown
    return kept


def _readable(text: str, scrubber: Scrubber) -> str:
    """JSON with its escapes resolved, in which a key could hide and words in other alphabets cannot be read."""
    if "\\" not in text:
        return text
    try:
        return json.dumps(scrubber.scrub_document(parse_document(text)), ensure_ascii=False, default=str)
    except _UNREADABLE:
        return scrubber.scrub(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\\/", "/"))


def _without_goods(text: str) -> str:
    try:
        return json.dumps(_mask_goods(parse_document(text)), ensure_ascii=False, default=str) if text.strip() else ""
    except _UNREADABLE:
        # Unreadable, so no one can say what of it is goods.
        return MASK


def _mask_goods(document: Any, depth: int = 0) -> Any:
    if isinstance(document, list):
        return [_mask_goods(part, depth + 1) for part in document] if depth < 3 else MASK
    if isinstance(document, dict):
        return {
            name: value
            if name.strip().lower() in _NO_GOODS and not isinstance(value, dict | list)
            else (_mask_goods(value, depth + 1) if name.strip().lower() in {"data", *_NO_GOODS} else MASK)
            for name, value in document.items()
        }
    return document if isinstance(document, int) else MASK
