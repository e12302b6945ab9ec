"""What each action of the API does: thin doors to the functions that pages use."""

from __future__ import annotations

import hashlib
import json
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Sum

from orders import aftercare, states
from orders.access import granted_provider_ids, orders_for, product_orders_for
from orders.api import replies
from orders.api.errors import (
    BAD_ORDER,
    BAD_PRODUCT,
    BAD_REFILL,
    BAD_SERVICE,
    DUPLICATE,
    KEY_REUSED,
    NO_FUNDS,
    TOO_MANY_IDS,
    ApiRefused,
)
from orders.api.shelf import PLACES, Offered, Shelf
from orders.checking import OrderInvalid
from orders.exchange import RateMissing, to_hub
from orders.limits import LimitPassed, spent_today
from orders.models import ApiOrder, HubRules, Person, Refill
from orders.placing import create_order, same_link, withdraw_order
from orders.products import create_product_order
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import QuerySet

    from orders.models import ApiToken, Order, ProductOrder

MOST_IDS: Final = 100
_SPACE: Final = uuid.UUID("6c1d8f5e-0f3b-4a39-9c1e-5a3a8f2f6f10")
_OWN: Final = frozenset({"key", "action", "service", "product", "idempotency_key"})


class Call:
    """One call: who makes it, with which parameters, under which idempotency key."""

    def __init__(self, token: ApiToken, fields: Mapping[str, str], *, idempotency_key: str = "") -> None:
        self.token = token
        self.person = token.person
        self.fields = fields
        self.idempotency_key = (idempotency_key or fields.get("idempotency_key", ""))[:100]

    def orders(self) -> QuerySet[Order]:
        """The orders the token's person made, and may see."""
        return orders_for(self.person).filter(created_by=self.person)

    def product_orders(self) -> QuerySet[ProductOrder]:
        """The product orders the token's person made, and may see."""
        return product_orders_for(self.person).filter(created_by=self.person)

    def need(self, permission: str) -> None:
        """Refuse the call when its person may not do this."""
        if not self.person.has_perm(permission):
            raise ApiRefused("You do not have permission to perform this action")

    def ids(self, name: str) -> list[str]:
        """The ids of a parameter, as asked, at most a hundred."""
        ids = [part.strip() for part in self.fields.get(name, "").split(",") if part.strip()]
        if not ids:
            raise ApiRefused(f"Missing required parameter: {name}")
        if len(ids) > MOST_IDS:
            raise ApiRefused(TOO_MANY_IDS)
        return list(dict.fromkeys(ids))


def _keys(ids: Sequence[str]) -> dict[str, int]:
    return {text: int(text) for text in ids if text.isascii() and text.isdigit() and len(text) < 19}


def list_services(call: Call) -> Any:
    """Every service that is open to the token."""
    return [replies.service_row(offered) for offered in Shelf(call.token).services()]


def list_products(call: Call) -> Any:
    """Every product that is open to the token."""
    return [replies.product_row(offered) for offered in Shelf(call.token).products()]


def add(call: Call) -> Any:
    """Make one order; the same idempotency key gives the same order."""
    call.need("orders.add_order")
    offered = Shelf(call.token).find(call.fields.get("service", "").strip())
    if offered is None or offered.open_as.service is None:
        raise ApiRefused(BAD_SERVICE)
    service = offered.open_as.service

    def make(form_token: uuid.UUID | None) -> Order:
        if call.token.refuse_duplicates and form_token is None:
            twin = same_link(provider_id=service.provider_id, link=call.fields.get("link", ""))
            if twin is not None:
                raise ApiRefused(DUPLICATE)
        fields = {name: value for name, value in call.fields.items() if name not in _OWN}
        return create_order(
            user=call.person, service=service, fields=fields, form_token=form_token, confirm_duplicate=True
        )

    order = _sell(call, offered, make, "order")
    return {"order": order.pk}


def add_product_order(call: Call) -> Any:
    """Make one product order."""
    call.need("orders.add_productorder")
    offered = Shelf(call.token).find(call.fields.get("product", "").strip())
    if offered is None or offered.open_as.product is None:
        raise ApiRefused(BAD_PRODUCT)
    product = offered.open_as.product

    def make(form_token: uuid.UUID | None) -> ProductOrder:
        return create_product_order(
            user=call.person,
            product=product,
            quantity=call.fields.get("quantity", ""),
            require=call.fields.get("require", ""),
            form_token=form_token,
        )

    order = _sell(call, offered, make, "product_order")
    return {"order": order.pk}


def _sell(call: Call, offered: Offered, make: Callable[[uuid.UUID | None], Any], subject: str) -> Any:
    """Make the order and keep its terms, both or neither."""
    digest = hashlib.sha256(
        json.dumps({name: value for name, value in call.fields.items() if name != "key"}, sort_keys=True).encode()
    ).hexdigest()
    form_token = None
    if call.idempotency_key:
        form_token = uuid.uuid5(_SPACE, f"{call.token.pk}:{subject}:{call.idempotency_key}")
    with transaction.atomic():
        try:
            order = make(form_token)
        except OrderInvalid as invalid:
            raise ApiRefused(in_standard_words(invalid, call, offered)) from None
        sold, made = ApiOrder.objects.get_or_create(
            **{subject: order},
            defaults={
                "token": call.token,
                "idempotency_key": f"{subject}:{call.idempotency_key}"[:100] if call.idempotency_key else "",
                "request_hash": digest,
                "factor": offered.terms.factor,
                "addition": offered.terms.addition,
            },
        )
    if not made and sold.request_hash != digest:
        raise ApiRefused(KEY_REUSED)
    return order


def in_standard_words(invalid: OrderInvalid, call: Call, offered: Offered) -> str:
    """What an order form would say at its fields, in the words that clients of the field know."""
    if isinstance(invalid, LimitPassed):
        return NO_FUNDS
    name = next(iter(invalid.errors))
    typed = call.fields.get(name, "").strip()
    thing = offered.open_as.service or offered.open_as.product
    if not name:
        return BAD_SERVICE if offered.open_as.service else BAD_PRODUCT
    if not typed:
        return f"Missing required parameter: {name}"
    if name == "quantity" and thing is not None and typed.isascii() and typed.isdigit():
        if thing.min_quantity is not None and int(typed) < thing.min_quantity:
            return f"Quantity less than minimal {thing.min_quantity}"
        if thing.max_quantity is not None and int(typed) > thing.max_quantity:
            return f"Quantity more than maximum {thing.max_quantity}"
    return {"link": "Bad link", "quantity": "Incorrect quantity"}.get(
        name, f"Incorrect {name}: {invalid.errors[name][0]}"
    )


def status(call: Call) -> Any:
    """The state of one order, or of up to a hundred."""
    currency = HubRules.load().currency
    if "orders" in call.fields:
        found = _find_orders(call, call.ids("orders"))
        return {
            text: replies.order_row(order, getattr(order, "sold_as", None), currency) if order else {"error": BAD_ORDER}
            for text, order in found.items()
        }
    order = _find_orders(call, [call.fields.get("order", "").strip()]).popitem()[1]
    if order is None:
        raise ApiRefused(BAD_ORDER)
    return replies.order_row(order, getattr(order, "sold_as", None), currency)


def _find_orders(call: Call, ids: Sequence[str]) -> dict[str, Any]:
    keys = _keys(ids)
    found = call.orders().select_related("sold_as").in_bulk(set(keys.values()))
    return {text: found.get(keys.get(text, 0)) for text in ids}


def product_order_status(call: Call) -> Any:
    """The state of one product order, or of up to a hundred."""
    if "orders" in call.fields:
        found = _find_product_orders(call, call.ids("orders"))
        return {
            text: replies.product_order_row(order, getattr(order, "sold_as", None)) if order else {"error": BAD_ORDER}
            for text, order in found.items()
        }
    order = _find_product_orders(call, [call.fields.get("order", "").strip()]).popitem()[1]
    if order is None:
        raise ApiRefused(BAD_ORDER)
    return replies.product_order_row(order, getattr(order, "sold_as", None))


def _find_product_orders(call: Call, ids: Sequence[str]) -> dict[str, Any]:
    keys = _keys(ids)
    found = call.product_orders().select_related("sold_as").in_bulk(set(keys.values()))
    return {text: found.get(keys.get(text, 0)) for text in ids}


def refill(call: Call) -> Any:
    """Ask for a refill of one order, or of up to a hundred."""
    call.need("orders.aftercare_order")
    if "orders" in call.fields:
        answers = _refill(call, call.ids("orders"))
        return [
            {"order": _number(text), "refill": {"error": answer} if isinstance(answer, str) else answer}
            for text, answer in answers.items()
        ]
    answer = _refill(call, [call.fields.get("order", "").strip()]).popitem()[1]
    if isinstance(answer, str):
        raise ApiRefused(answer)
    return {"refill": str(answer)}


def _refill(call: Call, ids: Sequence[str]) -> dict[str, int | str]:
    keys = _keys(ids)
    done = aftercare.request_refills(call.orders(), by=call.person, ids=list(keys.values()))
    made = dict(zip(done.orders, done.rows, strict=True))
    reasons = {order: skipped.reason for skipped in done.skipped for order in skipped.orders}
    own = set(call.orders().filter(pk__in=keys.values()).values_list("pk", flat=True))
    return {
        text: made.get(keys[text], reasons.get(keys[text], BAD_ORDER)) if keys.get(text) in own else BAD_ORDER
        for text in ids
    }


def refill_status(call: Call) -> Any:
    """The state of one refill, or of up to a hundred."""
    if "refills" in call.fields:
        found = _find_refills(call, call.ids("refills"))
        return [
            {"refill": _number(text), "status": replies.refill_word(row) if row else {"error": BAD_REFILL}}
            for text, row in found.items()
        ]
    row = _find_refills(call, [call.fields.get("refill", "").strip()]).popitem()[1]
    if row is None:
        raise ApiRefused(BAD_REFILL)
    return {"status": replies.refill_word(row)}


def _find_refills(call: Call, ids: Sequence[str]) -> dict[str, Refill | None]:
    keys = _keys(ids)
    found = Refill.objects.filter(order__in=call.orders(), pk__in=keys.values()).in_bulk()
    return {text: found.get(keys.get(text, 0)) for text in ids}


def cancel(call: Call) -> Any:
    """Cancel up to a hundred orders: what was not sent is taken back, for the rest the provider is asked."""
    call.need("orders.aftercare_order")
    ids = call.ids("orders") if "orders" in call.fields else call.ids("order")
    found = _find_orders(call, ids)
    back = {
        text
        for text, order in found.items()
        if order and order.status in states.UNSENT and withdraw_order(order, by=call.person)
    }
    asked = [order.pk for text, order in found.items() if order and text not in back]
    done = aftercare.request_cancels(call.orders(), by=call.person, ids=asked)
    made = set(done.orders)
    reasons = {order: skipped.reason for skipped in done.skipped for order in skipped.orders}
    rows = []
    for text, order in found.items():
        if text in back or (order and order.pk in made):
            rows.append({"order": _number(text), "cancel": 1})
        else:
            error = reasons.get(order.pk, BAD_ORDER) if order else BAD_ORDER
            rows.append({"order": _number(text), "cancel": {"error": error}})
    return rows


def balance(call: Call) -> Any:
    """What is left of the person's limit today; without one, what the providers hold."""
    rules = HubRules.load()
    person = Person.objects.filter(user=call.person).first()
    if person is not None and person.daily_limit is not None:
        left = max(Decimal(0), person.daily_limit - spent_today(call.person))
    else:
        left = _provider_money(call, rules)
    return {"balance": str(left.quantize(PLACES)), "currency": rules.currency}


def _provider_money(call: Call, rules: HubRules) -> Decimal:
    held = Provider.objects.active().filter(balance__isnull=False)
    granted = granted_provider_ids(call.person)
    if granted is not None:
        held = held.filter(pk__in=granted)
    total = Decimal(0)
    for currency, money in held.order_by().values_list("currency").annotate(total=Sum("balance")):
        try:
            total += to_hub(money, currency, rules=rules)
        except RateMissing:
            continue
    return total


def result_product(call: Call) -> Any:
    """The delivered goods of a product order; the look is kept like any other."""
    from orders.products import show_goods

    order = _find_product_orders(call, [call.fields.get("order", "").strip()]).popitem()[1]
    if order is None:
        raise ApiRefused(BAD_ORDER)
    return {"result": show_goods(order, by=call.person)}


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text
