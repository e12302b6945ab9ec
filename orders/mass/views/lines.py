"""One line of a mass order: typed again on the page where it stands."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from orders.mass import contexts
from orders.mass.line_mends import cells_of, mend_line
from orders.mass.queries import find_mass_order, may_act
from orders.mass.services import MENDABLE, NotNow
from orders.mass.views.batch import head_context, rows_for
from orders.models import MassLine
from panelhub.http.htmx import is_partial


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.view_massorder", raise_exception=True)
def mend(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """GET shows the cells of a line in place of its row; POST checks what was typed and shows the row again."""
    batch = find_mass_order(request, pk)
    if not may_act(request.user, batch):
        raise PermissionDenied
    found = get_object_or_404(MassLine.objects.select_related("service__provider"), mass_order=batch, number=number)
    if request.method != "POST":
        context = {
            "batch": batch,
            "line": found,
            "cells": cells_of(found),
            "may_mend": batch.status in MENDABLE and found.order_id is None,
        }
        template = "orders/mass/line.html#cells" if is_partial(request) else "orders/mass/line.html"
        return render(request, template, context)
    fault = ""
    try:
        mend_line(batch, found, request.POST.dict(), by=request.user, request=request)
    except NotNow as reason:
        fault = str(reason)
    if not is_partial(request):
        if fault:
            messages.error(request, fault)
        return redirect(reverse("orders:mass_detail", args=[batch.pk]) + f"#line-{found.pk}")
    values = MassLine.objects.filter(pk=found.pk).values(*contexts.COLUMNS)
    rows = rows_for(request, batch, list(values), changed=True)
    context = {**head_context(request, batch), "rows": rows, "head_moved": True, "step_fault": fault}
    return render(request, "orders/mass/detail.html#live", context)
