"""Make the outcome of a call from what came back."""

from __future__ import annotations

import json
from typing import Any

from providers.client.errors import (
    ProviderError,
)
from providers.client.exchange import RawReply
from providers.client.outcome import Rules, judge
from providers.dialects import Action


def come_back(
    action: Action, body: Any, status: int = 200, *, asked: Any = ("7",), rules: Rules | None = None, **headers: str
) -> Any:
    """The value or the error of a reply."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    raw = RawReply(
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        text if isinstance(text, bytes) else text.encode(),
        0.25,
    )
    try:
        return judge(action, raw, asked=asked, rules=rules)
    except ProviderError as error:
        return error
