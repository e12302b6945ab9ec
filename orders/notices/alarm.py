"""What is told when the part of the hub that tells things is dead itself."""

from __future__ import annotations

from orders.notices import sending, watching
from orders.notices.kinds import NOT_ALIVE


def tell_of_dead_parts() -> None:
    """Raise what is dead and send what is due, from whichever process noticed."""
    watching.watch([NOT_ALIVE])
    sending.send_due()
