"""Decide who approves a held order: never its author, where a second person is due."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from orders.models import HubRules, Person
from orders.placement.price_growth import amounts_now
from orders.placement.spending_limits import SECOND_PERSON, threshold_of

PRICE_JUMP = "price_jump"


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
