"""Admin pages whose changes and deletions are in the audit record, with old and new values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet

from panelhub import audit

if TYPE_CHECKING:
    from django.forms import BaseForm, ModelForm
    from django.http import HttpRequest

    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class AuditedAdmin(ModelAdmin):
    """An admin page whose changes are kept in the audit record.

    The values of the fields in ``audited`` are kept too, before and after; of others only that they changed, since
    they may be secrets.
    """

    audited: ClassVar[tuple[str, ...]] = ()

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        audit.record(
            request.user,
            f"{obj._meta.model_name}.{'changed' if change else 'added'}",
            obj,
            ", ".join(form.changed_data),
            request=request,
            **changes_of(form, self.audited),
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._record_removal(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self._record_removal(request, obj)
        super().delete_queryset(request, queryset)

    def _record_removal(self, request: HttpRequest, obj: Any) -> None:
        values = {name: [value, None] for name, value in values_of(obj, self.audited).items()}
        audit.record(request.user, f"{obj._meta.model_name}.removed", obj, str(obj), request=request, **values)


def changes_of(form: BaseForm, names: Iterable[str]) -> dict[str, list[Any]]:
    """Return what a valid form changes: by field the value before and after, as JSON has it."""
    changed = set(form.changed_data)
    return {
        name: [plain(form.initial.get(name)), plain(form.cleaned_data.get(name))] for name in names if name in changed
    }


def values_of(obj: Model, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of these fields, as JSON has them."""
    found = {}
    for name in names:
        value = getattr(obj, name)
        found[name] = plain(value.all() if obj._meta.get_field(name).many_to_many else value)
    return found


def plain(value: Any) -> Any:
    """Return a value of a field as JSON has it: rows by key and name, many of them as a sorted list."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Model):
        # Whoever may be forgotten later is named by key alone.
        return str(getattr(value, "audit_name", f"{value.pk} {value}"))
    if isinstance(value, list | tuple | set | frozenset | QuerySet):
        return sorted((plain(one) for one in value), key=str)
    return str(value)
