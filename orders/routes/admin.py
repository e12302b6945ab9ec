"""Routes in the administration, with their services; chains and their timeline are shown and never edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from orders.models import Chain, ChainStep, Route, RouteService
from orders.permissions import chains_for
from panelhub.audit.admin import AuditedAdmin
from providers.permissions import CostBlindAdmin, visible_providers

if TYPE_CHECKING:
    from django.http import HttpRequest

    EntryInlineBase = admin.TabularInline[RouteService, Route]
    StepInlineBase = admin.TabularInline[ChainStep, Chain]
    ChainAdminBase = admin.ModelAdmin[Chain]
else:
    EntryInlineBase = StepInlineBase = admin.TabularInline
    ChainAdminBase = admin.ModelAdmin


class EntryInline(EntryInlineBase):
    """The services of a route at the providers that the reader sees."""

    model = RouteService
    extra = 0
    raw_id_fields = ("service",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_providers(request).narrow(super().get_queryset(request), "service__provider_id")


@admin.register(Route)
class RouteAdmin(CostBlindAdmin, AuditedAdmin):
    """What is offered over several providers, and by which rule one of them is chosen."""

    costs = frozenset({"highest_rate"})
    audited = (
        *("name", "platform", "kind", "rule", "needs_refill", "needs_cancel", "needs_dripfeed", "highest_rate"),
        *("least_completion", "min_quantity", "max_quantity", "patience_minutes", "buys_rest", "is_active"),
    )
    list_display = ("name", "platform", "kind", "rule", "is_active")
    list_filter = ("rule", "is_active")
    search_fields = ("name",)
    readonly_fields = ("created_by", "created_at")
    inlines = (EntryInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        has_chains = obj is not None and Chain.objects.filter(route=obj).exists()
        return not has_chains and super().has_delete_permission(request, obj)


class StepInline(StepInlineBase):
    """The timeline of a chain."""

    model = ChainStep
    extra = 0
    fields = readonly_fields = ("at", "reason", "before", "after", "actor")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Chain)
class ChainAdmin(ChainAdminBase):
    """What was ordered through routes, to look at."""

    list_display = ("id", "route", "status", "reason", "quantity", "created_by", "created_at")
    list_filter = ("status",)
    list_select_related = ("route", "created_by")
    fields = readonly_fields = (
        *("route", "status", "reason", "link", "quantity", "buys_rest", "patience_minutes"),
        *("created_by", "created_at", "finished_at", "client_label"),
    )
    inlines = (StepInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(pk__in=chains_for(request.user).values("pk"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
