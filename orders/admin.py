"""What administrators set about people: what each sees and spends, the hub's rules, exchange rates.

Orders are not edited here: every change of an order has its own way, with its own record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from orders.models import ApiToken, ExchangeRate, HubRules, Markup, OpenService, Person
from panelhub import audit

if TYPE_CHECKING:
    from django.forms import ModelForm
    from django.http import HttpRequest

    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class AuditedAdmin(ModelAdmin):
    """An admin page whose changes are kept in the audit record."""

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        audit.record(
            request.user,
            f"{obj._meta.model_name}.{'changed' if change else 'added'}",
            obj,
            ", ".join(form.changed_data),
            request=request,
        )


@admin.register(Person)
class PersonAdmin(AuditedAdmin):
    """What a person may see and spend."""

    list_display = ("user", "daily_limit", "second_person_above")
    autocomplete_fields = ("user",)
    filter_horizontal = ("providers",)
    search_fields = ("user__username",)


@admin.register(HubRules)
class HubRulesAdmin(AuditedAdmin):
    """The one row of rules for everybody."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not HubRules.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:  # noqa: FBT001
        obj.pk = 1
        super().save_model(request, obj, form, change)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(AuditedAdmin):
    """What one unit of a currency is worth in the hub's."""

    list_display = ("currency", "day", "rate", "source")
    list_filter = ("currency",)


@admin.register(ApiToken)
class ApiTokenAdmin(AuditedAdmin):
    """Tokens of programs. They are made on their own page, where a new one is shown once; here none is."""

    list_display = ("name", "person", "ends_in", "is_active", "requests_per_minute", "last_used_at")
    list_filter = ("is_active",)
    search_fields = ("name", "person__username")
    list_select_related = ("person",)
    raw_id_fields = ("services",)
    readonly_fields = ("person", "ends_in", "created_at", "last_used_at")
    fields = (
        "name",
        "person",
        "ends_in",
        "is_active",
        "addresses",
        "services",
        "requests_per_minute",
        "refuse_duplicates",
        "created_at",
        "last_used_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("ends in"))
    def ends_in(self, obj: ApiToken) -> str:
        return f"…{obj.tail}"


@admin.register(OpenService)
class OpenServiceAdmin(AuditedAdmin):
    """What programs may order, under which number."""

    list_display = ("id", "name", "service", "product", "is_open", "share", "addition")
    list_filter = ("is_open",)
    search_fields = ("name", "service__name", "product__name")
    list_select_related = ("service", "product")
    raw_id_fields = ("service", "product")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A number that was told to programs is closed, never given away again.
        return False


@admin.register(Markup)
class MarkupAdmin(AuditedAdmin):
    """What is put on a provider's prices for programs."""

    list_display = ("provider", "share", "addition")
    list_select_related = ("provider",)
