"""Take a chain one step on: the only code that adds an order to a chain, a transaction of its own and idempotent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orders.models import Chain, ChainStep

if TYPE_CHECKING:
    from orders.models import Order

Status = Chain.Status
Reason = ChainStep.Reason


class CannotStep(Exception):
    """A person's step is not possible now; ``str()`` is a sentence that says why."""


def step_chain(chain_id: int) -> ChainStep | None:
    """Lock a chain, look at its last order again, and buy the next one, hold the chain or close it, if that is due.

    Returns the line of the timeline that says what was done; ``None`` when nothing was. Calls no provider; may be
    repeated and run by several workers at once.
    """
    raise NotImplementedError


def lock_chain(chain_id: int) -> Chain:
    """Return the row of a chain, locked; inside a transaction, before any of its orders is locked."""
    return Chain.objects.select_for_update().get(pk=chain_id)


def move_chain(
    chain: Chain,
    reason: str,
    *,
    to: str,
    words: str = "",
    by: Any = None,
    order: Order | None = None,
    data: dict[str, Any] | None = None,
    **changes: Any,
) -> ChainStep:
    """Write a new state of a locked chain, with its line in the timeline."""
    before = chain.status
    is_waiting = to in {Status.HELD, Status.FLAGGED}
    changes |= {"status": to, "reason": reason if is_waiting else "", "words": words[:1000] if is_waiting else ""}
    for name, value in changes.items():
        setattr(chain, name, value)
    chain.save(update_fields=[*changes])
    return ChainStep.objects.create(
        chain=chain, order=order, reason=reason, before=before, after=to, actor=by, words=words[:1000], data=data or {}
    )
