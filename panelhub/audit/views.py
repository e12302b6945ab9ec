"""Who did what, when and from where: the record, newest first."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panelhub.audit.contexts import COLUMNS, SORT, AuditFilter, rows_of
from panelhub.audit.redaction import reader_of, redact_events
from panelhub.http.htmx import is_partial
from panelhub.ui.pagination import FIRST_PAGE, address, take_page

PAGE_SIZE = 50


@require_safe
@permission_required("panelhub.view_auditevent", raise_exception=True)
def list_events(request: HttpRequest) -> HttpResponse:
    """Show the audit record, or its table alone when a filter or a page was chosen on it."""
    form = AuditFilter(request.GET)
    page = take_page(
        form.find(),
        sort=SORT,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda events: events.values(*COLUMNS),
        cursor_of=lambda event: [event["pk"]],
    )
    context = {
        "nav": "audit",
        "form": form,
        "rows": rows_of(redact_events(page.rows, reader_of(request))),
        "page": page,
        "chips": [
            {"name": name, "value": value, "url": address(request.GET, {**FIRST_PAGE, field: None})}
            for field, name, value in form.described()
        ],
        "clear_url": address(QueryDict(), {}),
    }
    return render(
        request, "panelhub/audit/list.html#table" if is_partial(request) else "panelhub/audit/list.html", context
    )
