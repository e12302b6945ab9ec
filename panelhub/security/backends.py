"""Who may do what, asked of the database once a page instead of twice."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet

from panelhub.db.prepared import Prepared
from panelhub.security.login_throttle import turn


def _permissions_of(user_pk: int) -> QuerySet[Any, Any]:
    columns = ("content_type__app_label", "codename")
    own = Permission.objects.filter(user=user_pk).order_by().values_list(*columns)
    return own.union(Permission.objects.filter(group__user=user_pk).order_by().values_list(*columns))


_PERMISSIONS: Final = Prepared(_permissions_of)


class RoleBackend(ModelBackend):
    """Django's own backend; a person's permissions and those of their roles come in one statement."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        """Check a password as Django does, a few at a time; who gets no turn is turned away and not counted."""
        with turn() as came:
            if came:
                return super().authenticate(request, username=username, password=password, **kwargs)
        if request is not None:
            request.axes_locked_out = True
        raise PermissionDenied

    def get_all_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in _PERMISSIONS.rows_for(user_obj.pk)}
        known: set[str] = user_obj._perm_cache
        return known
