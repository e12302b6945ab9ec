"""The orders of a filter as a file, of services or of products."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from orders.listing.exports import table_of
from orders.listing.filters import OrderFilter
from orders.listing.queries import search_orders
from orders.models import Order
from panelhub.audit.services import record
from panelhub.ui.exports import send_xlsx, stream_csv
from providers.permissions import visible_providers

FORMS: Final[dict[str, Any]] = {"csv": stream_csv, "xlsx": send_xlsx}


@require_safe
@permission_required("orders.export_order", raise_exception=True)
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Show every order that the filter of the address finds, newest first, as ``csv`` or ``xlsx``."""
    if form not in FORMS:
        raise Http404
    visible = visible_providers(request)
    asked = OrderFilter(request.GET, visible=visible, user=request.user)
    search = asked.search()
    found = search_orders(visible.narrow(Order.objects.all()), search, provider_ids=list(visible.providers))
    header, rows = table_of(
        found.order_by(*search.sort.ordering(backwards=False)), sees_cost=request.user.has_perm("orders.view_cost")
    )
    record(request.user, "order.exported", "orders.order", asked.canonical(), request=request, format=form)
    return FORMS[form](f"orders-{timezone.localdate().isoformat()}", header, rows)  # type: ignore[no-any-return]
