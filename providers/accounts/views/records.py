"""Records of an account's calls, newest first."""

from __future__ import annotations

import json
from typing import Any, Final

from django import forms
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import format_when
from panelhub.ui.pagination import Sort, number, take_page
from providers.accounts.call_history import OUTCOMES, outcome_word
from providers.calls.services import OK
from providers.dialects import Action
from providers.hooks import Subject, subjects_of
from providers.models import CallRecord, Provider
from providers.permissions import is_limited_to_clients, seen_by

PAGE_SIZE: Final = 50
NEWEST: Final = Sort("", _("Newest first"), ("pk",), (number,), descending=True)
SEES_TEXTS: Final = "providers.run_jobs"
"""Who may see what went over the wire: it holds links and what a panel wrote of itself."""


class CallFilter(forms.Form):
    """Which records are shown."""

    KINDS: Final = {
        "paid": Q(is_paid=True),
        "failed": ~Q(outcome=OK),
        "reads": Q(is_paid=False),
    }
    kind = forms.ChoiceField(
        required=False,
        label=_("Which"),
        choices=[
            ("", _("All records")),
            ("paid", _("Paid calls")),
            ("reads", _("Failed reads")),
            ("failed", _("All failures")),
        ],
    )
    action = forms.ChoiceField(
        required=False, label=_("Action"), choices=[("", _("Any action")), *((str(one), str(one)) for one in Action)]
    )

    def narrow(self, records: Any) -> Any:
        """``records`` that fit; everything when the form makes no sense."""
        if not self.is_valid():
            return records
        if kind := self.cleaned_data["kind"]:
            records = records.filter(self.KINDS[kind])
        if action := self.cleaned_data["action"]:
            records = records.filter(action=action)
        return records


@require_safe
@permission_required("providers.view_provider", raise_exception=True)
def list_calls(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every paid call and failed read on record, with what went out and what came back."""
    provider = get_object_or_404(seen_by(Provider.objects.defer("api_key"), request.user), pk=pk)
    form = CallFilter(request.GET)
    page = take_page(
        form.narrow(CallRecord.objects.filter(provider=provider)),
        sort=NEWEST,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda found: found.defer("provider"),
        cursor_of=lambda record: [record.pk],
    )
    context = {
        "nav": "providers",
        "provider": provider,
        "form": form,
        "page": page,
        "rows": call_records(page.rows, user=request.user),
    }
    return render(request, "providers/accounts/calls.html", context)


def call_records(records: list[CallRecord], *, user: Any) -> list[dict[str, Any]]:
    """Records as a list shows them to ``user``, with what each paid call was about; one statement."""
    sees_cost = user.has_perm("orders.view_cost")
    # What went out and came back holds rates, charges and balances.
    sees_texts = sees_cost and user.has_perm(SEES_TEXTS)
    now = timezone.now()
    subjects = subjects_of({record.call for record in records if record.call}, user)
    # Texts of a call for other clients than the reader's hold their links, and reads are for all clients at once.
    is_limited = sees_texts and is_limited_to_clients(user)
    shown = {
        record.pk
        for record in records
        if sees_texts and not (is_limited and _is_hidden(subjects.get(record.call, []) if record.call else []))
    }
    return [
        {
            "pk": record.pk,
            "action": record.action,
            "tone": OUTCOMES.get(record.outcome, "bad"),
            "outcome": outcome_word(record.outcome),
            "is_paid": record.is_paid,
            "http_status": record.http_status,
            "took": f"{record.seconds:.2f} s",
            "detail": record.detail if sees_cost else hide_amounts(record.detail),
            "when": format_when(record.at, now).html,
            "request_id": record.request_id,
            "subjects": [one for one in subjects.get(record.call, []) if one.label] if record.call else [],
            "sent": _write_sent(record.sent) if record.pk in shown else "",
            "reply": record.excerpt if record.pk in shown else "",
        }
        for record in records
    ]


def _is_hidden(subjects: list[Subject]) -> bool:
    return not subjects or not all(one.label for one in subjects)


def _write_sent(sent: Any) -> str:
    if not isinstance(sent, dict):
        return ""
    lines = (value if isinstance(value, str) else json.dumps(value) for value in sent.values())
    return "\n".join(f"{name} = {line}" for name, line in zip(sent, lines, strict=True))
