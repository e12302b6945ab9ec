"""Keep of a reply what a person needs as evidence: its start without secrets, an id seen in it, the wait it names."""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any, Final

from providers.client.errors import (
    MAX_EXCERPT,
    Evidence,
)
from providers.client.replies import NEW_IDS
from providers.client.replies.json import (
    fold_names,
    spot_id,
)
from providers.client.replies.scalars import read_id
from providers.client.sanitize import Scrubber, clean_verbatim
from providers.dialects import Action

# Delivered goods, and what leads to them, are not stored as evidence.
_SECRET: Final = frozenset({Action.result_product, Action.product_order_status, Action.multi_product_order_status})


def gather(action: Action, text: str, scrubber: Scrubber, *, status: int | None, elapsed: float) -> Evidence:
    # Scrubbed first and cut afterwards, else half a key could stay at the end.
    start = scrubber.scrub_excerpt(text[: 4 * MAX_EXCERPT])
    return Evidence(
        http_status=status,
        excerpt="" if action in _SECRET else clean_verbatim(start, MAX_EXCERPT),
        seen_id=spot_id(start, NEW_IDS.get(action, ())) if action.is_paid else "",
        elapsed=elapsed,
    )


def with_id(evidence: Evidence, action: Action, document: Any) -> Evidence:
    """In a readable error an id counts where the answer would be, not wherever the text happens to hold one."""
    return replace(evidence, seen_id=_find_id(document, NEW_IDS.get(action, ())) if action.is_paid else "")


def _find_id(document: Any, names: tuple[str, ...], depth: int = 0) -> str:
    if isinstance(document, list):
        return next((seen for part in document[:1000] if (seen := _find_id(part, names, depth))), "")
    if not isinstance(document, dict) or depth > 3:
        return ""
    fields = fold_names(document)
    for name in names:
        # Deeper down a bare `id` is the error's, the service's, the user's.
        if (name != "id" or depth == 0) and (own := read_id(fields.get(name))):
            return own
    inner = (part for name, part in fields.items() if name not in ("error", "errors") and isinstance(part, dict | list))
    return next((seen for part in inner if (seen := _find_id(part, names, depth + 1))), "")


def read_retry_after(value: str) -> float | None:
    """The seconds a Retry-After header asks for, whether it is a number or a date; None when it is neither."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, at.timestamp() - time.time())
