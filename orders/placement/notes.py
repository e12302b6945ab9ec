"""What colleagues write down about an order: lines of its timeline that stay as they were written."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from orders.models import Order, OrderEvent, ProductOrder
from orders.placement.validation import OrderInvalid

LONGEST_NOTE: Final = 1_000


def plain_words(text: str) -> str:
    """Return what someone typed, without what no database and no page should hold, such as a NUL."""
    return "".join(mark for mark in text.replace("\r\n", "\n") if mark == "\n" or mark.isprintable()).strip()


def add_note(order: Order | ProductOrder, *, by: Any, text: str) -> OrderEvent:
    """Write a note of ``by`` into the order's timeline. Raises :class:`OrderInvalid` for none, and for too much."""
    plain = plain_words(text)
    if not plain:
        raise OrderInvalid({"note": [_("The note is empty.")]})
    if len(plain) > LONGEST_NOTE:
        raise OrderInvalid({"note": [_("This is too long: at most %(count)s characters.") % {"count": LONGEST_NOTE}]})
    subject = {"product_order" if isinstance(order, ProductOrder) else "order": order}
    return OrderEvent.objects.create(**subject, kind=OrderEvent.Kind.NOTE, actor=by, words=plain)
