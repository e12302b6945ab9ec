"""What is told when the part of the hub that tells things is dead itself."""

from __future__ import annotations

from typing import Any

from orders.notifications import delivery
from orders.notifications import services as notifications_services
from orders.notifications.types import BY_SLUG, NOT_ALIVE


def tell_of_handed_password(sender: Any, **signal: Any) -> None:
    """Raise the notice for a person whose password somebody else set; a worker sends it out."""
    notifications_services.watch([BY_SLUG["password_set"]])


def tell_of_dead_parts() -> None:
    """Raise what is dead and send what is due, from whichever process noticed."""
    notifications_services.watch([NOT_ALIVE])
    delivery.send_due()
