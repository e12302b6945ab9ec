"""Clients in admin: to read, and to choose whose orders a person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from orders.models import Client
from orders.permissions import clients_for
from panelhub.audit.admin import AuditedAdmin
from providers.permissions import CostBlindAdmin

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(Client)
class ClientAdmin(CostBlindAdmin, AuditedAdmin):
    """Clients, to choose whose orders a person sees. They are changed on their own pages."""

    costs = frozenset({"markup"})
    list_display = ("name", "manager", "markup", "created_at")
    list_select_related = ("manager",)
    search_fields = ("name",)
    fields = readonly_fields = ("name", "notes", "markup", "manager", "created_at", "anonymised_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(pk__in=clients_for(request.user).values("pk"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
