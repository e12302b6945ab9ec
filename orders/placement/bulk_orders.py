"""Add many checked orders at once, with the first line of their timelines: three statements, however many there are.

The callers decide who may order, what fits the limits and which token makes each order the only one of its kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from orders import statuses
from orders.links import key_of
from orders.models import Order, OrderEvent
from orders.placement.pricing import PLACES
from panelhub.background.dispatch import notify_worker
from panelhub.db.bulk import insert_rows
from panelhub.db.ids import new_id
from panelhub.schedule import CLICKS

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from orders.models import Client
    from orders.placement.spending_limits import Reservation
    from orders.placement.validation import Checked
    from providers.models import Service

SUBMIT: Final = "orders.submission.tasks.submit_provider"
COLUMNS: Final = (
    "uid", "form_token", "provider", "service", "link", "target_key", "quantity", "parameters", "status", "held_for",
    "reserved", "expected_charge", "billed_quantity", "rate", "currency", "request_id", "note", "client",
    "client_label", "markup",
)  # fmt: skip
# A click's id and the number behind it have room for 64 characters.
_LONGEST_CLICK: Final = 52


@dataclass(frozen=True, slots=True)
class NewOrder:
    """One order to be added: checked, and allowed by the limits. ``token`` is one that only it can have."""

    token: uuid.UUID
    service: Service
    checked: Checked
    taken: Reservation
    request_id: str = ""
    note: str = ""
    client: Client | None = None

    @property
    def status(self) -> str:
        """Return the state it begins in: held for a second person, or queued."""
        return statuses.HELD if self.taken.held_for else statuses.QUEUED

    def row(self) -> tuple[Any, ...]:
        """Return its values of :data:`COLUMNS`."""
        service, checked, taken = self.service, self.checked, self.taken
        return (
            new_id(),
            self.token,
            service.provider_id,
            service.pk,
            checked.link,
            key_of(checked.link),
            checked.quantity,
            checked.parameters,
            self.status,
            taken.held_for,
            None if taken.reserved is None else taken.reserved.quantize(PLACES),
            checked.price.expected,
            checked.price.billed_quantity,
            service.rate,
            service.provider.currency,
            self.request_id,
            self.note,
            self.client.pk if self.client else None,
            self.client.name if self.client else "",
            self.client.markup if self.client else None,
        )


def request_id_of(click: str, number: int) -> str:
    """Return the request id of one of many orders that one click made; "" without a click."""
    return f"{click[:_LONGEST_CLICK]}.{number}" if click else ""


def insert_orders(new: Sequence[NewOrder], *, buyer_id: int | None, **constants: Any) -> dict[uuid.UUID, int]:
    """Add orders of ``buyer_id`` inside a transaction, and notify the workers once it is committed.

    ``constants`` are more columns of all of them. Returns their keys by token. A token that is taken raises
    ``IntegrityError``.
    """
    if not new:
        return {}
    now = timezone.now()
    insert_rows(Order, COLUMNS, [one.row() for one in new], created_by=buyer_id, created_at=now, **constants)
    state_of = {one.token: one.status for one in new}
    found = Order.objects.filter(form_token__in=list(state_of)).values_list("form_token", "pk")
    made = {token: pk for token, pk in found if token is not None}
    insert_rows(
        OrderEvent,
        ["order", "after"],
        [(pk, state_of[token]) for token, pk in made.items()],
        kind=OrderEvent.Kind.CREATED,
        actor=buyer_id,
        at=now,
    )
    for provider_id in sorted({one.service.provider_id for one in new}):
        notify_worker(SUBMIT, provider_id, queue=CLICKS)
    return made
