"""Schedules, refill windows and tickets in the administration: shown and never edited, since each has its own steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from orders.models import RefillWindow, Schedule, Ticket
from providers.permissions import visible_providers

if TYPE_CHECKING:
    from django.http import HttpRequest

    ShownBase = admin.ModelAdmin[Any]
else:
    ShownBase = admin.ModelAdmin


class ShownAdmin(ShownBase):
    """Rows of the providers that the reader sees, to look at; ``provider_path`` leads to the provider."""

    provider_path = "provider_id"

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_providers(request).narrow(super().get_queryset(request), self.provider_path)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Schedule)
class ScheduleAdmin(ShownAdmin):
    list_display = ("id", "person", "provider", "repeat", "status", "next_at")
    list_filter = ("status", "repeat")
    list_select_related = ("person", "provider")
    fields = readonly_fields = (
        *("person", "provider", "repeat", "time_zone", "start_date", "start_time", "until", "count", "grace_hours"),
        *("status", "next_at", "created_at"),
    )


@admin.register(RefillWindow)
class RefillWindowAdmin(ShownAdmin):
    provider_path = "order__provider_id"
    list_display = ("order", "days", "ends_at", "every_days", "request_at")
    fields = readonly_fields = (
        "order",
        "days",
        "set_by",
        "ends_at",
        "every_days",
        "rule_by",
        "request_at",
        "rule_note",
    )


@admin.register(Ticket)
class TicketAdmin(ShownAdmin):
    list_display = ("id", "provider", "kind", "created_by", "created_at", "answered_at")
    list_select_related = ("provider", "created_by")
    fields = readonly_fields = ("provider", "kind", "created_by", "created_at", "remind_at", "answered_at", "answer")
