"""The calls that were made for one order, whole: what went out and what came back, secrets masked."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from orders.models import Attempt, Order, ProductOrder
from orders.permissions import seen_by
from providers.accounts.views.records import call_records
from providers.models import CallRecord

MOST: Final = 200


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def of_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the paid calls for an order, its refills and its cancels."""
    order = get_object_or_404(seen_by(Order.objects.only("pk"), request.user), pk=pk)
    mine = Q(order=order.pk) | Q(refill__order=order.pk) | Q(cancellation__order=order.pk)
    title, back = _("Order #%(pk)s") % {"pk": pk}, reverse("orders:detail", args=[pk])
    return _show(request, Attempt.objects.filter(mine), nav="orders", title=title, back=back)


@require_safe
@permission_required("orders.view_productorder", raise_exception=True)
def of_product_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the paid calls for a product order."""
    order = get_object_or_404(seen_by(ProductOrder.objects.only("pk"), request.user), pk=pk)
    title, back = _("Product order #%(pk)s") % {"pk": pk}, reverse("orders:product_detail", args=[pk])
    return _show(request, Attempt.objects.filter(product_order=order.pk), nav="products", title=title, back=back)


def _show(request: HttpRequest, tries: QuerySet[Attempt], **context: Any) -> HttpResponse:
    records = CallRecord.objects.filter(call__in=tries.order_by().values("call")).defer("provider").order_by("-pk")
    rows = call_records(list(records[:MOST]), user=request.user)
    return render(request, "orders/detail/calls.html", {"rows": rows, **context})
