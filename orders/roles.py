"""The roles of the hub, as Django groups: made at the first start, changeable in admin afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panelhub.startup import Startup

VIEWER: Final = frozenset(
    {
        "orders.view_order",
        "orders.view_refill",
        "orders.view_cancellation",
        "orders.view_productorder",
        "orders.view_massorder",
        "providers.view_provider",
        "providers.view_service",
        "providers.view_product",
    }
)
STAFF: Final = VIEWER | {
    "orders.add_order",
    "orders.add_massorder",
    "orders.change_massorder",
    "orders.add_productorder",
    "orders.aftercare_order",
    "orders.change_order",
    "orders.view_cost",
    "orders.add_apitoken",
}
MANAGER: Final = STAFF | {
    "orders.settle_order",
    "orders.approve_order",
    "orders.adopt_order",
    "orders.export_order",
    "orders.raw_order",
    "orders.view_goods",
    "orders.view_ledgerentry",
    "orders.add_ledgerentry",
    "orders.change_ledgerentry",
    "orders.delete_ledgerentry",
    *(f"orders.{verb}_openservice" for verb in ("view", "add", "change")),
    *(f"orders.{verb}_markup" for verb in ("view", "add", "change")),
    "providers.run_jobs",
    "providers.accept_catalogue",
}
ADMINISTRATOR: Final = MANAGER | {
    *(f"providers.{verb}_provider" for verb in ("add", "change", "delete")),
    *(f"orders.{verb}_apitoken" for verb in ("view", "change")),
    *(f"orders.{verb}_person" for verb in ("view", "add", "change", "delete")),
    *(f"orders.{verb}_hubrules" for verb in ("view", "add", "change")),
    *(f"orders.{verb}_exchangerate" for verb in ("view", "add", "change", "delete")),
    *(f"auth.{verb}_user" for verb in ("view", "add", "change")),
    "auth.view_group",
    "panelhub.view_auditevent",
    "panelhub.view_jobrun",
    *(f"panelhub.{verb}_secondfactorrule" for verb in ("view", "add", "delete")),
}
ROLES: Final[Mapping[str, frozenset[str]]] = {
    "viewer": VIEWER,
    "staff": STAFF,
    "manager": MANAGER,
    "administrator": ADMINISTRATOR,
}


def ensure_roles(startup: Startup | None = None) -> None:
    """Make the roles that are missing; a role that exists keeps what administrators made of it."""
    for name, wanted in ROLES.items():
        group, made = Group.objects.get_or_create(name=name)
        if made:
            group.permissions.set(permissions_named(wanted))


def permissions_named(names: frozenset[str]) -> list[Permission]:
    """The permissions behind ``app.codename`` names; raises ``LookupError`` naming one that does not exist."""
    wanted = Q()
    for name in names:
        app, codename = name.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    found = list(Permission.objects.filter(wanted).select_related("content_type"))
    missing = names - {f"{permission.content_type.app_label}.{permission.codename}" for permission in found}
    if missing:
        raise LookupError(f"No such permission: {', '.join(sorted(missing))}")
    return found
