"""Finding anything: what the palette shows, and the same as a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orders.palette.contexts import LONGEST_SEARCH, find_anything
from panelhub.http.htmx import is_partial


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Show what the letters ``q`` may mean; each kind of thing only for those who may open it."""
    text = request.GET.get("q", "")
    groups = find_anything(request, text)
    context = {"q": text[:LONGEST_SEARCH], "groups": groups, "count": sum(len(group.found) for group in groups)}
    return render(
        request, "orders/palette/page.html#found" if is_partial(request) else "orders/palette/page.html", context
    )
