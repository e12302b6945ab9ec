"""Adoption: take over a provider's id, for an unconfirmed row of ours or as an order that was placed elsewhere.

The click commits a waiting :class:`Settlement` and returns; a worker requests the id's state from the provider,
outside of any transaction, and finishes it (:mod:`orders.settlement.id_confirmation`). An id that a search has just
seen is confirmed already, so it is taken at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Order, PaidCall, ProductOrder, Settlement, WindowSearch
from orders.placement.client_choice import choose_client
from orders.placement.validation import OrderInvalid
from orders.settlement.candidates import status_of
from orders.settlement.id_confirmation import CONFIRMATIONS, State, check_id_is_free, find_waiting, take_over
from orders.settlement.services import (
    CannotSettle,
    being_adopted,
    clean_reason,
    lock_unconfirmed,
    waiting_adoption,
)
from orders.submission.call_types import (
    ORDERS,
    PRODUCT_ORDERS,
    CallType,
    call_type_of,
    provider_of,
)
from panelhub import audit
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS
from providers.client.replies.scalars import read_id
from providers.client.types import StatusRow
from providers.models import Product

if TYPE_CHECKING:
    from django.http import HttpRequest

    from providers.models import Provider

TASK: Final = "orders.settlement.tasks.confirm_adoption"
FRESH: Final = timedelta(hours=1)


def adopt(
    row: PaidCall, *, external_id: str, by: Any, reason: str = "", request: HttpRequest | None = None
) -> Settlement:
    """Say that an unconfirmed ``row`` was placed as ``external_id``; done at once or waiting for the provider's word.

    Raises :class:`CannotSettle` with a sentence, which names the order that has the id already.
    """
    kind, provider = call_type_of(row), provider_of(row)
    external_id = _clean_id(external_id)
    known = _just_seen(row, external_id) if isinstance(row, Order) else None
    reason = clean_reason(reason) or (_("Found by the search.") if known else "")
    if not reason:
        raise CannotSettle(_("Enter a reason. It is saved with the decision."))
    _check_askable(kind, provider)
    try:
        with transaction.atomic():
            current = lock_unconfirmed(kind, row.pk)
            if waiting := waiting_adoption(kind, row.pk):
                raise CannotSettle(being_adopted(waiting))
            check_id_is_free(kind, provider, external_id)
            made = Settlement.objects.create(
                kind=kind.slug,
                way=Settlement.Way.ADOPT,
                state=State.WAITING,
                provider=provider,
                external_id=external_id,
                reason=reason,
                by=by,
                **{kind.subject: current},
            )
            audit.record(by, f"{kind.slug}.adopt", current, reason, request=request, external_id=external_id)
            if known is not None:
                take_over(made, kind, known)
            else:
                notify_worker(TASK, made.pk, queue=CLICKS)
    except IntegrityError:
        raise CannotSettle(_("Another person is adopting %(id)s.") % {"id": external_id}) from None
    return made


def adopt_elsewhere(
    provider: Provider,
    *,
    external_id: str,
    by: Any,
    kind: CallType = ORDERS,
    note: str = "",
    client_label: str = "",
    product: Product | None = None,
    quantity: int | None = None,
    request: HttpRequest | None = None,
) -> Settlement:
    """Take over an order that was placed elsewhere; its state comes in once the provider has confirmed the id.

    ``kind`` is that of orders or of product orders. Of a product order the provider says neither what was bought
    nor how many pieces: that is ``product``, where it is known, and ``quantity``. Raises :class:`CannotSettle` with
    a sentence, which names the order that has the id already.
    """
    external_id = _clean_id(external_id)
    _check_askable(kind, provider)
    details: dict[str, Any] = {"note": note[:2000]}
    if kind is PRODUCT_ORDERS:
        if quantity is None or quantity < 1:
            raise CannotSettle(_("Enter how many items were bought. The provider doesn’t say."))
        details |= {"product": product.pk if product else None, "quantity": quantity}
    try:
        with transaction.atomic():
            client = choose_client(by, client_label)
            details |= {"client": client.pk, "client_label": client.name} if client else {}
            check_id_is_free(kind, provider, external_id)
            if kind is PRODUCT_ORDERS:
                _check_no_product_is_missed(provider, external_id)
            else:
                _check_unused(provider, external_id)
            made = Settlement.objects.create(
                kind=kind.slug,
                way=Settlement.Way.ADOPT,
                state=State.WAITING,
                provider=provider,
                external_id=external_id,
                reason=clean_reason(note),
                details=details,
                by=by,
            )
            audit.record(by, f"{kind.slug}.adopt_elsewhere", provider, request=request, external_id=external_id)
            notify_worker(TASK, made.pk, queue=CLICKS)
    except OrderInvalid as refusal:
        raise CannotSettle(str(refusal)) from None
    except IntegrityError:
        raise CannotSettle(_("Another person is adopting %(id)s.") % {"id": external_id}) from None
    return made


def stop_adoption(made: Settlement, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Stop an adoption that still waits for the provider; ``False`` when it was too late."""
    answer = _("Stopped by %(person)s.") % {"person": by.get_username()}
    with transaction.atomic():
        stopped = find_waiting(made.pk).update(state=State.FAILED, answer=answer, finished_at=timezone.now())
        if stopped:
            audit.record(by, "order.adoption_stopped", made, request=request, external_id=made.external_id)
    return bool(stopped)


def _clean_id(typed: str) -> str:
    text = typed.strip().removeprefix("#")
    if read_id(text) != text:
        raise CannotSettle(_("This isn’t an order ID."))
    return text


def _check_askable(kind: CallType, provider: Provider) -> None:
    how = CONFIRMATIONS.get(kind.slug)
    if how is None:
        raise CannotSettle(_("A cancel has no status to check. Mark it as accepted or not accepted."))
    if not provider.is_active:
        raise CannotSettle(_("%(provider)s is disabled.") % {"provider": provider})
    if not provider.speaks.can(how.action):
        raise CannotSettle(provider.speaks.why_not(how.action))


def _check_no_product_is_missed(provider: Provider, external_id: str) -> None:
    """No search looks for a lost product order, so any of them may have the id."""
    lost = ProductOrder.objects.filter(provider=provider, status=statuses.UNCONFIRMED).order_by("pk").first()
    if lost is not None:
        raise CannotSettle(
            _("Product order #%(pk)s is unconfirmed and may be %(id)s. Resolve it first.")
            % {"id": external_id, "pk": lost.pk}
        )


def _check_unused(provider: Provider, external_id: str) -> None:
    searches = latest_searches(provider)
    lost = Order.objects.filter(provider=provider, status=statuses.UNCONFIRMED)
    unsearched = lost.exclude(pk__in=[search.order_id for search in searches]).order_by("pk").first()
    if unsearched is not None:
        raise CannotSettle(
            _("Order #%(pk)s is unconfirmed, hasn’t been searched for yet, and may be %(id)s. Resolve it first.")
            % {"id": external_id, "pk": unsearched.pk}
        )
    for search in searches:
        if any(found["id"] == external_id and found["fits"] for found in search.candidates):
            raise CannotSettle(
                _("%(id)s may be order #%(pk)s, which is unconfirmed. Resolve it first.")
                % {"id": external_id, "pk": search.order_id}
            )


def latest_searches(provider: Provider) -> list[WindowSearch]:
    """The last finished search of each unconfirmed order at a provider."""
    searches = WindowSearch.objects.filter(
        order__provider=provider, order__status=statuses.UNCONFIRMED, finished_at__isnull=False, failure=""
    ).order_by("id")
    return list({search.order_id: search for search in searches}.values())


def _just_seen(order: Order, external_id: str) -> StatusRow | None:
    """The state of an id as a search of this order has read it within the hour."""
    searches = WindowSearch.objects.filter(order=order, finished_at__gt=timezone.now() - FRESH).order_by("-id")
    for search in searches:
        for found in search.candidates:
            if found["id"] == external_id:
                return status_of(found)
    return None
