"""Export product orders as CSV or XLSX."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from orders.listing.exports import PRODUCT_COLUMNS, table_of
from orders.listing.views.export import FORMS
from orders.models import ProductOrder
from orders.products.forms import ProductOrderFilter
from orders.products.views.shop import VIEW
from panelhub.audit.services import record
from providers.permissions import visible_providers


@require_safe
@permission_required((VIEW, "orders.export_order"), raise_exception=True)
def export_products(request: HttpRequest, form: str) -> HttpResponseBase:
    """Show every product order that the filter of the address finds, newest first, as ``csv`` or ``xlsx``."""
    if form not in FORMS:
        raise Http404
    visible = visible_providers(request)
    asked = ProductOrderFilter(request.GET, visible=visible, user=request.user)
    found = asked.find(visible.narrow(ProductOrder.objects.all()))
    header, rows = table_of(
        found.order_by("-pk"), sees_cost=request.user.has_perm("orders.view_cost"), columns=PRODUCT_COLUMNS
    )
    record(
        request.user, "product_order.exported", "orders.productorder", asked.canonical(), request=request, format=form
    )
    return FORMS[form](f"product-orders-{timezone.localdate().isoformat()}", header, rows)  # type: ignore[no-any-return]
