"""What administrators set about people: what each sees and spends, the hub's rules, exchange rates.

Orders are not edited here: every change of an order has its own way, with its own record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from orders.models import ExchangeRate, HubRules, Person
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
