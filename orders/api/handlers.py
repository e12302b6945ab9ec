"""API handlers: status, refill and cancel actions, as thin wrappers around the services that the pages use."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from orders.aftercare import services as aftercare_services
from orders.api import serializers
from orders.api.offers import PLACES
from orders.api.request import BAD_ORDER, BAD_REFILL, NOT_ALLOWED, ApiRefused, Call, keys_of
from orders.models import Person
from orders.permissions import providers_for
from orders.placement.reserved_amounts import spent_today
from orders.placement.services import withdraw_orders
from orders.products.services import show_goods
from panelhub import audit
from panelhub.db.aggregates import MoneySum

if TYPE_CHECKING:
    from collections.abc import Sequence


def list_services(call: Call) -> Any:
    """Return every service that is open to the token."""
    return [serializers.service_row(offered, sees_cost=call.sees_cost) for offered in call.offer_list.services()]


def list_products(call: Call) -> Any:
    """Return every product that is open to the token."""
    return [serializers.product_row(offered, sees_cost=call.sees_cost) for offered in call.offer_list.products()]


def status(call: Call) -> Any:
    """Return the state of one order, or of up to a hundred."""
    if "orders" in call.fields:
        found = call.find_orders(call.ids("orders"))
        return {
            text: serializers.order_row(order, call.money, sees_cost=call.sees_cost) if order else {"error": BAD_ORDER}
            for text, order in found.items()
        }
    order = _one(call.find_orders([call.field("order")]), BAD_ORDER)
    return serializers.order_row(order, call.money, sees_cost=call.sees_cost)


def product_order_status(call: Call) -> Any:
    """Return the state of one product order, or of up to a hundred."""
    if "orders" in call.fields:
        found = call.find_product_orders(call.ids("orders"))
        return {
            text: serializers.product_order_row(order, call.money, sees_cost=call.sees_cost)
            if order
            else {"error": BAD_ORDER}
            for text, order in found.items()
        }
    order = _one(call.find_product_orders([call.field("order")]), BAD_ORDER)
    return serializers.product_order_row(order, call.money, sees_cost=call.sees_cost)


def result_product(call: Call) -> Any:
    """Return the delivered goods of a product order; the access is recorded like any other."""
    order = _one(call.find_product_orders([call.field("order")]), BAD_ORDER)
    try:
        return {"result": show_goods(order, by=call.person, request=call.request)}
    except PermissionDenied:
        raise ApiRefused(NOT_ALLOWED) from None


def refill(call: Call) -> Any:
    """Request a refill of one order, or of up to a hundred."""
    if "orders" in call.fields:
        return [
            {"order": _number(text), "refill": {"error": answer} if isinstance(answer, str) else answer}
            for text, answer in _refill(call, call.ids("orders")).items()
        ]
    answer = _one(_refill(call, [call.field("order")]), BAD_ORDER)
    if isinstance(answer, str):
        raise ApiRefused(answer)
    return {"refill": str(answer)}


def _refill(call: Call, ids: Sequence[str]) -> dict[str, int | str]:
    """Return by requested id: the key of the refill that was created, or why none was."""
    keys = keys_of(ids)
    done = aftercare_services.request_refills(
        call.orders(), by=call.person, ids=list(keys.values()), request=call.request
    )
    made = dict(zip(done.orders, done.rows, strict=True))
    reasons = _reasons(done)
    return {text: made.get(keys.get(text, 0), reasons.get(keys.get(text, 0), BAD_ORDER)) for text in ids}


def _reasons(done: aftercare_services.Requested) -> dict[int, str]:
    """Return why nothing was requested for an order; orders that do not exist are left out, so that they get the
    standard's error.
    """
    return {order: skipped.reason for skipped in done.skipped for order in skipped.orders if order not in done.missing}


def refill_status(call: Call) -> Any:
    """Return the state of one refill, or of up to a hundred."""
    if "refills" in call.fields:
        found = call.find_refills(call.ids("refills"))
        return [
            {"refill": _number(text), "status": serializers.refill_word(row) if row else {"error": BAD_REFILL}}
            for text, row in found.items()
        ]
    return {"status": serializers.refill_word(_one(call.find_refills([call.field("refill")]), BAD_REFILL))}


def cancel(call: Call) -> Any:
    """Cancel up to a hundred orders: what was not sent is withdrawn, for the rest the provider is queried.

    The refusal of one order, requested as ``order``, is the answer; of many each has its own.
    """
    is_one = "orders" not in call.fields
    ids = call.ids("order" if is_one else "orders")
    keys = keys_of(ids)
    with transaction.atomic():
        good = set(withdraw_orders(call.orders(), ids=keys.values(), by=call.person))
        if good:
            audit.record(
                call.person, "order.withdrawn", None, request=call.request, asked=len(keys), orders=sorted(good)
            )
    reasons: dict[int, str] = {}
    if asked := sorted(set(keys.values()) - good):
        done = aftercare_services.request_cancels(call.orders(), by=call.person, ids=asked, request=call.request)
        good |= set(done.orders)
        reasons = _reasons(done)
    if is_one and len(ids) == 1 and keys.get(ids[0], 0) not in good:
        raise ApiRefused(reasons.get(keys.get(ids[0], 0), BAD_ORDER))
    return [
        {"order": _number(text), "cancel": 1 if key in good else {"error": reasons.get(key, BAD_ORDER)}}
        for text, key in ((text, keys.get(text, 0)) for text in ids)
    ]


def balance(call: Call) -> Any:
    """Return what is left of the person's limit today; without a limit, what the providers hold.

    Either says what an order costs, as the difference of two answers.
    """
    call.need("orders.view_cost")
    person = Person.objects.filter(user=call.person).first()
    if person is not None and person.daily_limit is not None:
        left = max(Decimal(0), person.daily_limit - spent_today(call.person))
    else:
        left = _provider_money(call)
    return {"balance": str(left.quantize(PLACES)), "currency": call.money.currency}


def _provider_money(call: Call) -> Decimal:
    """Return the balances of the person's providers together; those in a currency without a rate are left out."""
    held = providers_for(call.person).filter(is_active=True, balance__isnull=False)
    sums = held.order_by().values_list("currency").annotate(total=MoneySum("balance"))
    return sum(((call.money.worth(currency) or Decimal(0)) * total for currency, total in sums), Decimal(0))


def _one(found: dict[str, Any], error: str) -> Any:
    """Return the only answer there is; refused with ``error`` when nothing was found."""
    (answer,) = found.values()
    if answer is None:
        raise ApiRefused(error)
    return answer


def _number(text: str) -> int | str:
    return keys_of([text]).get(text, text)
