"""What each provider can do and how it is written: the documents as data, and what an account's overrides change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.dialects.documents import DIALECTS
from providers.dialects.overrides import apply_overrides
from providers.dialects.protocol import BATCH, PAID, Action, ActionSpec, Capability, Dialect, capabilities

__all__ = [
    "BATCH",
    "DIALECTS",
    "PAID",
    "Action",
    "ActionSpec",
    "Capability",
    "Dialect",
    "capabilities",
    "resolve",
]


def resolve(slug: str, overrides: Mapping[str, Any] | None = None) -> Dialect:
    """Return the dialect of one account: the document's, changed by what is known of that account.

    `overrides` may hold
      "actions": {action: {"name": wire name, "ids_parameter": ..., "limit": ids a call}},
      "limits":  {action: ids a call},
      "without": [action, ...] not to be called there,
      "errors":  {text: meaning} with a meaning of `overrides.MEANINGS`; the text is looked for anywhere in an error.
      "states":  {word: state} with a state of `protocol.STATES`, for orders, refills and product orders,
      "types":   {word: slug} with the slug of an order type (which there are, orders know).
    An action the dialect lacks cannot be added: use the `standard` dialect for a panel that does more than its
    document. Raises ValueError with a sentence a form can show.
    """
    if (dialect := DIALECTS.get(slug)) is None:
        raise ValueError(f"There is no dialect called “{slug}”.")
    return dialect if overrides is None else apply_overrides(dialect, overrides)
