"""API orders: the same checks and limits as on the order form, placed once per idempotency key."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from orders.api.request import BAD_PRODUCT, BAD_SERVICE, DUPLICATE, KEY_REUSED, NO_FUNDS, ApiRefused
from orders.models import ApiOrder
from orders.placement.form_tokens import TokenReused
from orders.placement.services import DuplicateLink, create_order, same_link
from orders.placement.spending_limits import LimitPassed
from orders.placement.validation import OrderInvalid
from orders.products.services import create_product_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from orders.api.offers import Offered
    from orders.api.request import Call
    from orders.models import Order, ProductOrder

# By this and a token's idempotency key the token of a form is made, so that both ways share one guard.
_SPACE: Final = uuid.UUID("6c1d8f5e-0f3b-4a39-9c1e-5a3a8f2f6f10")
_NOT_OF_THE_ORDER: Final = frozenset({"key", "action", "service", "product", "idempotency_key"})
_NONE_IF_ZERO: Final = frozenset({"runs", "interval", "posts"})
_NOT_OF_THE_REQUEST: Final = frozenset({"key", "idempotency_key"})


def add(call: Call) -> Any:
    """Make one order; the same idempotency key gives the same order."""
    return _once(call, "order", _add)


def add_product_order(call: Call) -> Any:
    """Make one product order; the same idempotency key gives the same order."""
    return _once(call, "product_order", _add_product_order)


def _once(call: Call, subject: str, make: Callable[[Call, uuid.UUID | None], int]) -> dict[str, int]:
    if not call.idempotency_key:
        return {"order": make(call, None)}
    earlier = _earlier(call, subject)
    if earlier is not None:
        return {"order": earlier}
    try:
        return {"order": make(call, uuid.uuid5(_SPACE, f"{subject}:{call.idempotency_key}"))}
    except ApiRefused:
        # The same call may have been answered a moment ago, by another process: then that order took what was left.
        earlier = _earlier(call, subject)
        if earlier is None:
            raise
        return {"order": earlier}


def _earlier(call: Call, subject: str) -> int | None:
    """Return the order that this key made before; refused when it was for something else."""
    sold = (
        ApiOrder.objects.filter(token=call.token, idempotency_key=_stored_key(call, subject))
        .values_list(f"{subject}_id", "request_hash")
        .first()
    )
    if sold is None:
        return None
    if sold[1] != _digest(call):
        raise ApiRefused(KEY_REUSED)
    return int(sold[0])


def _stored_key(call: Call, subject: str) -> str:
    return f"{subject}:{call.idempotency_key}"


def _digest(call: Call) -> str:
    request_fields = {name: value for name, value in call.fields.items() if name not in _NOT_OF_THE_REQUEST}
    return hashlib.sha256(json.dumps(request_fields, sort_keys=True).encode()).hexdigest()


def _is_zero(value: str) -> bool:
    return bool(value.strip()) and not value.strip().strip("0")


def _source(call: Call) -> str:
    return f"api:{call.token.pk}"


def _add(call: Call, form_token: uuid.UUID | None) -> int:
    offered = call.offer_list.find_service(call.field("service"))
    if offered is None or offered.open_as.service is None:
        raise ApiRefused(BAD_SERVICE)
    service = offered.open_as.service
    if call.token.refuse_duplicates and same_link(
        provider_id=service.provider_id, link=call.field("link"), platform=service.platform
    ):
        raise ApiRefused(DUPLICATE)
    fields = {name: value for name, value in call.fields.items() if name not in _NOT_OF_THE_ORDER}
    # Clients that always send their whole form send 0 for "none", and for posts without end.
    fields = {name: value for name, value in fields.items() if not (name in _NONE_IF_ZERO and _is_zero(value))}

    def make() -> Order:
        return create_order(
            user=call.person,
            service=service,
            fields=fields,
            form_token=form_token,
            source=_source(call),
            # Looked at once more under the link's lock: of two calls at once, neither sees the other's order above.
            confirm_duplicate=not call.token.refuse_duplicates,
        )

    return _sell(call, offered, make, "order")


def _add_product_order(call: Call, form_token: uuid.UUID | None) -> int:
    offered = call.offer_list.find_product(call.field("product"))
    if offered is None or offered.open_as.product is None:
        raise ApiRefused(BAD_PRODUCT)
    product = offered.open_as.product

    def make() -> ProductOrder:
        return create_product_order(
            user=call.person,
            product=product,
            quantity=call.field("quantity"),
            require=call.fields.get("require", ""),
            form_token=form_token,
            source=_source(call),
        )

    return _sell(call, offered, make, "product_order")


def _sell(call: Call, offered: Offered, make: Callable[[], Any], subject: str) -> int:
    """Create the order and store its terms, both or neither."""
    with transaction.atomic():
        try:
            order = make()
        except TokenReused:
            raise ApiRefused(KEY_REUSED) from None
        except DuplicateLink:
            raise ApiRefused(DUPLICATE) from None
        except OrderInvalid as invalid:
            raise ApiRefused(in_standard_words(invalid, call, offered)) from None
        terms = {
            "token": call.token,
            "idempotency_key": _stored_key(call, subject) if call.idempotency_key else "",
            "request_hash": _digest(call),
            "factor": offered.terms.factor,
            "addition": offered.terms.addition,
        }
        if not call.idempotency_key:
            ApiOrder.objects.create(**{subject: order}, **terms)
            return int(order.pk)
        sold, _made = ApiOrder.objects.get_or_create(**{subject: order}, defaults=terms)
    if sold.request_hash != terms["request_hash"]:
        raise ApiRefused(KEY_REUSED)
    return int(order.pk)


def in_standard_words(invalid: OrderInvalid, call: Call, offered: Offered) -> str:
    """Return what an order form would say at its fields, in the words that clients of the field know."""
    if isinstance(invalid, LimitPassed):
        return NO_FUNDS
    name = next(iter(invalid.errors))
    if not name:
        return invalid.errors[name][0]
    typed = call.field(name)
    if not typed:
        return f"Missing required parameter: {name}"
    thing = offered.open_as.thing
    if name == "quantity" and typed.isascii() and typed.isdigit() and len(typed) < 19:
        if thing.min_quantity is not None and int(typed) < thing.min_quantity:
            return f"Quantity less than minimal {thing.min_quantity}"
        if thing.max_quantity is not None and int(typed) > thing.max_quantity:
            return f"Quantity more than maximum {thing.max_quantity}"
    plain = {"link": "Bad link", "quantity": "Incorrect quantity"}
    return plain.get(name) or f"Incorrect {name}: {invalid.errors[name][0]}"
