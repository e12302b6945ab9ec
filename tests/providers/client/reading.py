"""Read a reply as the client does."""

from __future__ import annotations

import json
from typing import Any

from providers.client.errors import ProviderError
from providers.client.exchange import RawReply
from providers.client.outcome import Rules, judge
from providers.dialects import Action


def read(action: Action, body: Any, *asked: str, rules: Rules | None = None, status: int = 200) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    try:
        return judge(action, RawReply(status, {}, text.encode()), asked=asked, rules=rules)
    except ProviderError as error:
        return error
