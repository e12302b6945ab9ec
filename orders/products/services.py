"""Orders of digital products: from the check of what was typed to the look at what was delivered.

Sending goes the way of every paid call (:mod:`orders.submission.services`), states come from tracking.
What a buyer hands over (``require``) and what is delivered (goods) are secrets: encrypted in
their columns, in no log, no record of calls, no export; each access to the goods is recorded.
Source: smmvna.com API v2 document, ``add_product_order``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import OrderEvent, ProductOrder
from orders.order_types import QUANTITY
from orders.placement.approval import lock_as_seen, mark_of
from orders.placement.client_choice import choose_client
from orders.placement.fields import Errors, Unfit, clean
from orders.placement.form_tokens import TokenReused, tokens_of
from orders.placement.price_growth import agree_to_amounts
from orders.placement.pricing import TooDear, price_of_pieces
from orders.placement.reserved_amounts import target_of
from orders.placement.services import plain_words
from orders.placement.spending_limits import Spending, reserve
from orders.placement.validation import OrderInvalid
from orders.products.goods import Goods, goods_of
from panelhub import audit
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS
from providers.dialects import Action

if TYPE_CHECKING:
    import uuid
    from datetime import datetime
    from decimal import Decimal

    from django.http import HttpRequest

    from providers.models import Product

SUBMIT: Final = "orders.submission.tasks.submit_provider"
SHOP: Final = "shop"
LONGEST_REQUIRE: Final = 5_000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class CheckedProduct:
    """A checked order of a product. ``require`` is in no repr."""

    quantity: int
    require: str
    charge: Decimal

    def __repr__(self) -> str:
        return f"<CheckedProduct {self.quantity}>"


def why_closed(product: Product) -> str:
    """Return why a product (its provider loaded) cannot be ordered now, as a sentence; "" when it can."""
    provider = product.provider
    if not provider.is_active:
        return _("%(provider)s is disabled.") % {"provider": provider}
    if not product.is_available:
        return _("This product is no longer listed by %(provider)s.") % {"provider": provider}
    if product.in_stock is False or product.inventory == 0:
        return _("This product is out of stock.")
    return provider.speaks.why_not(Action.add_product_order)


def check_product(product: Product, *, quantity: str | int, require: str = "") -> CheckedProduct:
    """Check an order of ``product`` (its provider loaded) as typed; raises :class:`OrderInvalid`."""
    errors: Errors = {}
    if closed := why_closed(product):
        errors[""] = [closed]
    pieces = _check_quantity(product, str(quantity), errors)
    handed_over = _check_require(product, require, errors)
    try:
        charge = price_of_pieces(product.rate, pieces)
    except TooDear:
        errors.setdefault("quantity", []).append(_("This number is too large."))
    if errors:
        raise OrderInvalid(errors)
    return CheckedProduct(pieces, handed_over, charge)


def _check_quantity(product: Product, typed: str, errors: Errors) -> int:
    try:
        text = clean(QUANTITY, typed)
    except Unfit as fault:
        errors["quantity"] = [str(fault)]
        return 0
    if not text:
        errors["quantity"] = [_("This field is required.")]
        return 0
    pieces = int(text)
    if product.min_quantity is not None and pieces < product.min_quantity:
        sentence, limit = _("%(count)s is below the minimum of %(limit)s."), product.min_quantity
    elif product.max_quantity is not None and pieces > product.max_quantity:
        sentence, limit = _("%(count)s is above the maximum of %(limit)s."), product.max_quantity
    elif product.inventory is not None and 0 < product.inventory < pieces:
        sentence, limit = _("Only %(limit)s are in stock."), product.inventory
    else:
        return pieces
    errors["quantity"] = [sentence % {"count": pieces, "limit": limit}]
    return pieces


def _check_require(product: Product, typed: str, errors: Errors) -> str:
    """Return what the buyer hands over; for a product that requires nothing, nothing is sent along."""
    if not product.require:
        return ""
    text = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        errors["require"] = [_("This field is required.")]
    elif len(text) > LONGEST_REQUIRE:
        errors["require"] = [_("This is too long: at most %(count)s characters.") % {"count": LONGEST_REQUIRE}]
    elif _CONTROL.search(text):
        errors["require"] = [_("This contains characters that can’t be sent.")]
    return text


def create_product_order(
    *,
    user: Any,
    product: Product,
    quantity: str | int,
    require: str = "",
    form_token: uuid.UUID | None = None,
    source: str = SHOP,
    not_before: datetime | None = None,
    note: str = "",
    client_label: str = "",
) -> ProductOrder:
    """Make one order of ``product`` (its provider loaded), queued and committed.

    The same ``form_token`` of the same person and ``source`` gives the same order, however often it is posted, and
    :class:`TokenReused` with other content; nothing is sent before ``not_before``. Raises
    :class:`OrderInvalid` with sentences for ``quantity``, ``require`` or the whole.
    """
    if form_token is not None:
        # The token that an earlier version stored for a form still open since then was not scoped.
        kept_as = tokens_of(form_token, user=user, source=source)
        form_token = kept_as[0]
        made = ProductOrder.objects.filter(form_token__in=kept_as, created_by=user).first()
        if made is not None:
            return _same_as(made, product, quantity, require)
    checked = check_product(product, quantity=quantity, require=require)
    try:
        with transaction.atomic():
            client = choose_client(user, client_label)
            (taken,) = reserve(user, [Spending(checked.charge, product.provider.currency, target_of(product))])
            order = ProductOrder.objects.create(
                provider_id=product.provider_id,
                product=product,
                quantity=checked.quantity,
                require=checked.require,
                status=statuses.HELD if taken.held_for else statuses.QUEUED,
                held_for=taken.held_for,
                reserved=taken.reserved,
                expected_charge=checked.charge,
                currency=product.provider.currency,
                created_by=user,
                form_token=form_token,
                not_before=not_before,
                note=plain_words(note),
                client=client,
                markup=client.markup if client else None,
            )
            OrderEvent.objects.create(product_order=order, kind="created", actor=user, after=order.status)
            notify_worker(SUBMIT, product.provider_id, queue=CLICKS)
    except IntegrityError:
        made = ProductOrder.objects.filter(form_token=form_token).first() if form_token else None
        if made is None:
            raise
        return _same_as(made, product, quantity, require)
    return order


def _same_as(made: ProductOrder, product: Product, quantity: str | int, require: str) -> ProductOrder:
    """``made``, if it has the content that was typed; raises :class:`TokenReused` if it has another."""
    typed = (product.pk, str(quantity).strip(), _check_require(product, require, {}))
    if (made.product_id, str(made.quantity), made.require) != typed:
        raise TokenReused
    return made


def withdraw_product_order(order: ProductOrder, *, by: Any) -> bool:
    """Take an order back before it is sent; ``False`` when it was too late."""
    with transaction.atomic():
        moved = ProductOrder.objects.filter(pk=order.pk, status__in=statuses.UNSENT).update(
            status=statuses.WITHDRAWN, claim=None
        )
        if moved:
            _note_move(order, by=by, before=order.status, after=statuses.WITHDRAWN)
    return bool(moved)


def approve_product_order(order: ProductOrder, *, by: Any) -> bool:
    """Let a held order out, as :func:`orders.placement.services.approve_order` does."""
    with transaction.atomic():
        current = lock_as_seen(order, by=by)
        if current is None:
            return False
        ProductOrder.objects.filter(pk=order.pk).update(
            status=statuses.QUEUED, held_for="", error="", approved_by=by, **agree_to_amounts(current, by)
        )
        words, data = mark_of(by)
        _note_move(order, by=by, before=statuses.HELD, after=statuses.QUEUED, words=words, data=data)
        notify_worker(SUBMIT, order.provider_id, queue=CLICKS)
    return True


def _note_move(order: ProductOrder, *, by: Any, before: str, after: str, **more: Any) -> None:
    OrderEvent.objects.create(product_order=order, kind="state", actor=by, before=before, after=after, **more)


def show_goods(order: ProductOrder, *, by: Any, request: HttpRequest | None = None) -> list[str]:
    """Return the delivered goods, those of an earlier delivery last; the access is recorded before they are returned.

    Raises ``PermissionDenied`` for whoever may not see them.
    """
    goods = look_at_goods(order, by=by, request=request)
    return [*goods.items, *goods.earlier]


def look_at_goods(order: ProductOrder, *, by: Any, request: HttpRequest | None = None) -> Goods:
    """Return what :func:`show_goods` does, with the goods of the last delivery and of earlier ones apart."""
    if not by.has_perm("orders.view_goods"):
        raise PermissionDenied
    goods = goods_of(order)
    with transaction.atomic():
        OrderEvent.objects.create(product_order=order, kind="goods", actor=by, words=_("viewed the delivered goods"))
        audit.record(by, "goods.seen", order, f"delivered goods of product order {order.pk}", request)
    return goods
