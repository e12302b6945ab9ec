"""What administrators see of the hub itself: who did what, and which roles need a second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import Group

from panelhub import audit
from panelhub.audit.redaction import reader_of, redact_events
from panelhub.models import AuditEvent, SecondFactorRule
from panelhub.security.reach import role_reaches_beyond

if TYPE_CHECKING:
    from django.forms import ModelForm
    from django.http import HttpRequest

    AuditAdminBase = admin.ModelAdmin[AuditEvent]
    RuleAdminBase = admin.ModelAdmin[SecondFactorRule]
else:
    AuditAdminBase = RuleAdminBase = admin.ModelAdmin


def _redact(events: Any, request: HttpRequest) -> list[AuditEvent]:
    """Return the events as the reader of ``request`` may see them; they are never saved."""
    rows = list(events)
    fields = ("action", "target_type", "target_id", "summary", "data")
    shown = redact_events([{name: getattr(row, name) for name in fields} for row in rows], reader_of(request))
    for row, one in zip(rows, shown, strict=True):
        row.summary, row.data = one["summary"], one["data"]
    return rows


@admin.register(AuditEvent)
class AuditEventAdmin(AuditAdminBase):
    """The record of who did what: to be read, never to be changed."""

    list_display = ("at", "actor_name", "action", "target_type", "target_id", "summary", "ip")
    list_filter = ("action",)
    search_fields = ("actor_name", "target_id", "summary")
    date_hierarchy = "at"
    show_full_result_count = False

    def get_search_fields(self, request: HttpRequest) -> Any:
        # What is hidden in a summary is not to be guessed by searching for it.
        return self.search_fields if reader_of(request).sees_all else ("actor_name", "target_id")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        found.result_list = _redact(found.result_list, request)
        return found

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        event = super().get_object(request, object_id, from_field)
        return _redact([event], request)[0] if event else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SecondFactorRule)
class SecondFactorRuleAdmin(RuleAdminBase):
    """Which roles need a second factor."""

    list_display = ("role",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not role_reaches_beyond(obj.role, request.user))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not role_reaches_beyond(obj.role, request.user))

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "role":
            within = [role.pk for role in Group.objects.all() if not role_reaches_beyond(role, request.user)]
            kwargs["queryset"] = Group.objects.filter(pk__in=within)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        audit.record(request.user, "second_factor.required", obj, str(obj), request=request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        audit.record(request.user, "second_factor.not_required", obj, str(obj), request=request)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for rule in queryset:
            self.delete_model(request, rule)


# Django looks for modules called `admin` only.
from panelhub.security import admin as security_admin  # noqa: E402, F401
