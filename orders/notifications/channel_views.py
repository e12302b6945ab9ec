"""Pages of channels: what there is and how it does, a form for each way, and a test at the press of a button."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.models import Channel
from orders.notifications.channel_services import ask_for_test, choose_notices, remove_channel, save_channel
from orders.notifications.forms import BY_SLUG, EXPERT, WAYS, Way, way_of
from orders.notifications.types import kinds_for
from panelhub.encryption.vault import SecretUnreadable
from panelhub.http.htmx import is_partial
from panelhub.ui.formatting import format_when

VIEW: Final = "orders.view_channel"
CHANGE: Final = "orders.change_channel"
SECRETS: Final = ("new_url", "password", "token", "webhook")
# What a new channel carries unless its maker chooses otherwise: what costs money or stops work.
USUAL: Final = frozenset({"unconfirmed", "provider_down", "low_balance", "not_alive"})
LONGEST_TIME: Final = 13


@require_safe
@permission_required(VIEW, raise_exception=True)
def list_channels(request: HttpRequest) -> HttpResponse:
    """Show every channel with its last result; one that was just tested is looked at until the result is there."""
    testing, since = request.GET.get("testing", ""), _read_time(request.GET.get("since", ""))
    rows = [
        _row(channel, testing, since)
        for channel in Channel.objects.annotate(people=Count("choices__person", distinct=True))
    ]
    context = {
        "nav": "channels",
        "rows": rows,
        "ways": WAYS,
        "testing": testing,
        "since": request.GET.get("since", ""),
        "is_testing": any(row["is_testing"] for row in rows),
    }
    template = "orders/notifications/_channels.html" if is_partial(request) else "orders/notifications/channels.html"
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.add_channel", raise_exception=True)
@sensitive_post_parameters(*SECRETS)
def add(request: HttpRequest, way: str) -> HttpResponse:
    """Add a channel by the form of its way, with the notices that its maker wants over it."""
    if way not in BY_SLUG:
        raise Http404
    found = BY_SLUG[way]
    form = found.form(request.POST if request.method == "POST" else None, initial={"name": found.label})
    if request.method == "POST" and form.is_valid():
        channel = save_channel(form, by=request.user, request=request)
        choose_notices(channel, request.user, request.POST.getlist("kind"))
        return _after(request, channel)
    wanted = USUAL if request.method != "POST" else frozenset(request.POST.getlist("kind"))
    kinds = [(kind, kind.slug in wanted) for kind in kinds_for(request.user)]
    return _show_form(request, form, found, kinds=kinds)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(CHANGE, raise_exception=True)
@sensitive_post_parameters(*SECRETS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a channel; what its address is made of is typed again, or stays."""
    channel = get_object_or_404(Channel, pk=pk)
    found = _way_of(channel)
    form = found.form(request.POST if request.method == "POST" else None, instance=channel)
    if request.method == "POST" and form.is_valid():
        return _after(request, save_channel(form, by=request.user, request=request))
    return _show_form(request, form, found, channel=Channel.objects.get(pk=pk))


@require_POST
@permission_required(CHANGE, raise_exception=True)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message over a channel, to the reader where it reaches each person."""
    return _send_test(request, get_object_or_404(Channel, pk=pk))


@require_POST
@permission_required("orders.delete_channel", raise_exception=True)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a channel."""
    channel = get_object_or_404(Channel, pk=pk)
    remove_channel(channel, by=request.user, request=request)
    messages.success(request, _("%(name)s is removed.") % {"name": channel.name})
    return redirect("orders:channels")


def _show_form(request: HttpRequest, form: Any, way: Way, **more: Any) -> HttpResponse:
    parts = [form[name] for name in form.fields if name not in ("name", "is_active")]
    context = {"nav": "channels", "form": form, "parts": parts, "way": way, **more}
    return render(request, "orders/notifications/channel.html", context, status=422 if form.errors else 200)


def _after(request: HttpRequest, channel: Channel) -> HttpResponse:
    if "test" in request.POST:
        return _send_test(request, channel)
    messages.success(request, _("Saved."))
    return redirect("orders:channels")


def _send_test(request: HttpRequest, channel: Channel) -> HttpResponse:
    email = str(getattr(request.user, "email", ""))
    if channel.is_personal and not email:
        messages.warning(request, _("Your account has no email address to send a test to."))
        return redirect("orders:channels")
    since = int(timezone.now().timestamp() * 1000)
    ask_for_test(channel, email)
    return redirect(f"{reverse('orders:channels')}?testing={channel.pk}&since={since}")


def _row(channel: Any, testing: str, since: datetime | None) -> dict[str, Any]:
    now = timezone.now()
    moments = [moment for moment in (channel.last_sent_at, channel.last_failure_at) if moment]
    is_tested = since is not None and testing == str(channel.pk)
    return {
        "channel": channel,
        "way": _way_of(channel),
        "sent": format_when(channel.last_sent_at, now).html if channel.last_sent_at else "",
        "failed": format_when(channel.last_failure_at, now).html if channel.last_failure_at else "",
        "is_testing": is_tested and not any(moment >= since for moment in moments),
        "is_tested": is_tested,
    }


def _way_of(channel: Channel) -> Way:
    try:
        return way_of(channel.url)
    except SecretUnreadable:
        return EXPERT


def _read_time(text: str) -> datetime | None:
    """Return a moment from milliseconds since 1970; ``None`` for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_TIME):
        return None
    return datetime.fromtimestamp(int(text) / 1000, tz=UTC)
