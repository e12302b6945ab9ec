"""What letting a held order out has in common, of a service or of a product: the lock, the person, the price.

Never its author, where a second person is due.

The order's row is locked before the row of a person (:func:`orders.placement.spending_limits.reserve`), as everywhere.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import HubRules, Person, ProductOrder
from orders.placement.price_growth import amounts_now, rate_now
from orders.placement.spending_limits import SECOND_PERSON, threshold_of
from orders.placement.validation import OrderInvalid
from panelhub.security.handed_passwords import handed_lately

PRICE_JUMP = "price_jump"


class PriceMoved(OrderInvalid):
    """The rate is not the one that whoever lets the order out has seen."""

    def __init__(self) -> None:
        super().__init__({"": [_("The price changed. Review it again.")]})


def lock_as_seen(order: Any, *, by: Any) -> Any | None:
    """Return the row of a held ``order``, locked (inside a transaction); ``None`` when it is not held for that any
    more.

    ``order`` is as it was seen, with the rate of its service or product. Raises :class:`PriceMoved` when
    that is another by now, :class:`OrderInvalid` when someone else than ``by`` has to let it out.
    """
    bought = "product" if isinstance(order, ProductOrder) else "service"
    rows = type(order).objects.select_for_update(of=("self",)).select_related(bought)
    current = rows.filter(pk=order.pk, status=statuses.HELD, held_for=order.held_for).first()
    if current is None:
        return None
    if waits_for_another(current, by):
        raise OrderInvalid({"": [_("You placed this order. Another person has to approve it.")]})
    if rate_now(current) != rate_now(order):
        raise PriceMoved
    return current


def mark_of(person: Any) -> tuple[str, dict[str, Any]]:
    """Return what the timeline and the audit record say of an approval by ``person``: words, and data.

    Empty unless someone else set the person's password lately, and so could approve in their name.
    """
    handed = handed_lately(person)
    if handed is None:
        return "", {}
    who = handed.set_by.get_username() if handed.set_by else "?"
    when = date_format(timezone.localtime(handed.set_at), "Y-m-d H:i")
    words = _("%(who)s changed the password of %(person)s on %(when)s.") % {
        "person": person.get_username(),
        "who": who,
        "when": when,
    }
    return words, {"password_set_by": handed.set_by_id, "password_set_at": handed.set_at.isoformat()}


def waits_for_another(order: Any, person: Any) -> bool:
    """Return whether another person than ``person`` has to approve a held order: they are its author, and it is large.

    Author is whoever ordered, and whoever made the token it was ordered with. An order that became expensive by a
    price jump is as large as it is now.
    """
    if order.held_for not in (SECOND_PERSON, PRICE_JUMP) or not is_author(order, person):
        return False
    if order.held_for == SECOND_PERSON:
        return True
    threshold = threshold_of(Person.objects.filter(user=person).first(), HubRules.load())
    if threshold is None:
        return False
    _charge, takes = amounts_now(order)
    # What it takes of a limit is not known without a price and an exchange rate: then no one approves their own.
    return not takes or takes > threshold


def is_author(order: Any, person: Any) -> bool:
    """Whether an order is a person's own: they made it, or they made the token that did."""
    if order.created_by_id is None:
        return False
    return bool(person.pk == order.created_by_id or person.pk == _maker_of_token(order))


def _maker_of_token(order: Any) -> int | None:
    """Who made the token that an order was placed with; loaded with ``sold_as__token`` it costs no statement."""
    try:
        maker: int | None = order.sold_as.token.made_by_id
    except ObjectDoesNotExist:
        return None
    return maker
