"""Admin pages that show nothing of what things cost to people who may not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from django.http import HttpRequest

VIEW_COST = "orders.view_cost"


class CostBlindAdmin:
    """Leaves out the columns and fields in ``costs``, and refuses to look rows up, or sort them, by one of them."""

    costs: ClassVar[frozenset[str]] = frozenset()

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._without_costs(request, super().get_list_display(request))  # type: ignore[misc]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self._without_costs(request, super().get_list_filter(request))  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [
            (name, {**options, "fields": self._without_costs(request, options["fields"])})
            for name, options in super().get_fieldsets(request, obj)  # type: ignore[misc]
        ]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        left_out = super().get_exclude(request, obj) or ()  # type: ignore[misc]
        return left_out if request.user.has_perm(VIEW_COST) else (*left_out, *self.costs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._without_costs(request, super().get_readonly_fields(request, obj))  # type: ignore[misc]

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        if request is not None and not request.user.has_perm(VIEW_COST) and self.costs & set(lookup.split("__")):
            return False
        return bool(super().lookup_allowed(lookup, value, request))  # type: ignore[misc]

    def _without_costs(self, request: HttpRequest, names: Any) -> Any:
        if request.user.has_perm(VIEW_COST):
            return names
        return tuple(name for name in names if name not in self.costs)
