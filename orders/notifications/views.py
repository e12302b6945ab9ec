"""Notice pages: the list of notices, marking them as read, and each person's notification settings."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.models import Channel, Delivery, NoticeChoice
from orders.notifications.services import deliveries_to
from orders.notifications.types import BY_SLUG, kinds_for
from panelhub.http.htmx import is_partial
from panelhub.ui.formatting import describe_span, format_when
from panelhub.ui.pagination import FIRST_PAGE, Sort, address, number, take_page

SIZE: Final = 50
NEWEST: Final = Sort("newest", "", ("notice_id",), (number,), descending=True)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the reader's notices, newest first: those that are not over,
    or with ``all`` every one of the last 90 days.
    """
    everything = request.GET.get("show") == "all"
    rows = _mine(request)
    if not everything:
        rows = rows.filter(notice__ended_at__isnull=True)
    page = take_page(
        rows,
        sort=NEWEST,
        size=SIZE,
        parameters=request.GET,
        shape=lambda found: found.select_related("notice"),
        cursor_of=lambda row: (row.notice_id,),
    )
    now = timezone.now()
    sees_cost = request.user.has_perm("orders.view_cost")
    context = {
        "nav": "notices",
        "tabs": [
            {"label": _("Now"), "url": address(request.GET, {**FIRST_PAGE, "show": None}), "current": not everything},
            {"label": _("All"), "url": address(request.GET, {**FIRST_PAGE, "show": "all"}), "current": everything},
        ],
        "everything": everything,
        "rows": [_row(delivery, now, sees_cost=sees_cost) for delivery in page.rows],
        "page": page,
        "unread": any(delivery.seen_at is None for delivery in page.rows),
    }
    return render(
        request,
        "orders/notifications/notices.html#list" if is_partial(request) else "orders/notifications/notices.html",
        context,
    )


def _mine(request: HttpRequest) -> QuerySet[Delivery]:
    return deliveries_to(int(request.user.pk or 0), [kind.slug for kind in kinds_for(request.user)])


def _row(delivery: Delivery, now: Any, *, sees_cost: bool) -> dict[str, Any]:
    notice = delivery.notice
    kind = BY_SLUG[notice.kind]
    ended = notice.ended_at
    return {
        "tone": kind.tone if ended is None else "neutral",
        "icon": kind.icon,
        "label": kind.label,
        "text": kind.describe(notice.params, sees_cost=sees_cost),
        "url": kind.address(notice.params),
        "when": format_when(notice.raised_at, now).html,
        "over": describe_span((ended - notice.raised_at).total_seconds()) if ended else "",
        "is_new": delivery.seen_at is None,
    }


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark every notice the reader may see as read."""
    _mine(request).filter(seen_at__isnull=True).update(seen_at=timezone.now())
    return redirect("orders:notices")


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Show which kinds reach the reader over which channels; the hub's own list has them all."""
    kinds = kinds_for(request.user)
    channels = list(Channel.objects.filter(is_active=True).only("name", "is_personal"))
    email = getattr(request.user, "email", "")
    open_to_me = [channel for channel in channels if email or not channel.is_personal]
    if request.method == "POST":
        wanted = set(request.POST.getlist("choice"))
        _keep_choices(
            request.user, {(kind.slug, c.pk) for kind in kinds for c in open_to_me if f"{kind.slug}:{c.pk}" in wanted}
        )
        messages.success(request, _("Notification settings saved."))
        return redirect("orders:notice_choices")
    chosen = set(NoticeChoice.objects.filter(person=request.user.pk).values_list("kind", "channel_id"))
    context = {
        "nav": "notices",
        "channels": [{"name": c.name, "closed": c not in open_to_me} for c in channels],
        "rows": [
            {
                "kind": kind,
                "cells": [
                    {
                        "value": f"{kind.slug}:{channel.pk}",
                        "name": channel.name,
                        "on": (kind.slug, channel.pk) in chosen,
                        "closed": channel not in open_to_me,
                    }
                    for channel in channels
                ],
            }
            for kind in kinds
        ],
        "lacks_email": not email and any(channel.is_personal for channel in channels),
    }
    return render(request, "orders/notifications/notice_choices.html", context)


@transaction.atomic
def _keep_choices(user: Any, wanted: set[tuple[str, int]]) -> None:
    mine = NoticeChoice.objects.filter(person=user.pk)
    known = {(kind, channel): pk for pk, kind, channel in mine.values_list("pk", "kind", "channel_id")}
    mine.filter(pk__in=[pk for pair, pk in known.items() if pair not in wanted]).delete()
    NoticeChoice.objects.bulk_create(
        [NoticeChoice(person=user, kind=kind, channel_id=channel) for kind, channel in wanted - known.keys()],
        ignore_conflicts=True,
    )
