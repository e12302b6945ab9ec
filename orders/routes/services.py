"""Order through a route, and what people do with a chain: stop it, let it go on, buy elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orders.placement.form_tokens import ORDER_FORM

if TYPE_CHECKING:
    import uuid
    from datetime import datetime
    from decimal import Decimal

    from orders.models import Chain, Route
    from providers.models import Service


def place_chain(
    *,
    user: Any,
    route: Route,
    link: str,
    quantity: int,
    ceiling: Decimal | None = None,
    pinned: Service | None = None,
    form_token: uuid.UUID | None = None,
    source: str = ORDER_FORM,
    not_before: datetime | None = None,
    confirm_duplicate: bool = False,
    note: str = "",
    client_label: str = "",
) -> Chain:
    """Make a chain with its first order, queued (or held for a second person) and committed.

    ``ceiling`` is the most that the whole chain may cost, in the hub's currency; by default what the most expensive
    candidate that fits would cost. The same ``form_token`` of the same person gives the same chain. Raises
    :class:`OrderInvalid` with sentences per parameter ("" when no service fits), :class:`DuplicateLink` and
    :class:`TokenReused` as :func:`orders.placement.services.create_order` does.
    """
    raise NotImplementedError


def stop_chain(chain: Chain, *, by: Any, reason: str = "") -> bool:
    """Stop a chain: nothing more is bought, and an order that is not sent yet is withdrawn. False when it had ended."""
    raise NotImplementedError


def continue_chain(chain: Chain, *, by: Any, reason: str = "") -> bool:
    """Let a held or flagged chain go on by itself (flagged: a person checked it). False when it is neither."""
    raise NotImplementedError


def close_chain(chain: Chain, *, by: Any, reason: str) -> bool:
    """Close a flagged chain as done after a person checked it. False when it is not flagged."""
    raise NotImplementedError


def buy_elsewhere(chain: Chain, *, by: Any, reason: str, service: Service | None = None) -> Chain:
    """Add the next order by the decision of a person, at ``service`` or the first candidate; the reason is stored.

    For what the chain never does by itself: an order that was closed as unknown or settled as not placed (once a
    late reply can no longer come), a failed or refunded one. Raises :class:`CannotStep` with a sentence.
    """
    raise NotImplementedError
