"""The roles of the hub, as Django groups: made at the first start, changeable in admin afterwards.

A version that brings new permissions gives them to the roles once; see :class:`orders.models.RoleMemory`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.db.models import Q

from orders.models import RoleMemory
from panelhub import audit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panelhub.launcher.startup import Startup

VIEWER: Final = frozenset(
    {
        "orders.view_order",
        "orders.view_refill",
        "orders.view_cancellation",
        "orders.view_productorder",
        "orders.view_massorder",
        "orders.view_bundle",
        "orders.view_client",
        "orders.view_schedule",
        "orders.view_route",
        "providers.view_provider",
        "providers.view_service",
        "providers.view_product",
    }
)
STAFF: Final = VIEWER | {
    "orders.add_order",
    "orders.add_massorder",
    "orders.change_massorder",
    "orders.add_schedule",
    "orders.change_schedule",
    "orders.add_productorder",
    "orders.aftercare_order",
    "orders.change_order",
    "orders.view_cost",
    "orders.add_apitoken",
    "orders.add_client",
}
MANAGER: Final = STAFF | {
    "orders.settle_order",
    "orders.approve_order",
    "orders.adopt_order",
    "orders.export_order",
    "orders.raw_order",
    "orders.add_bundle",
    "orders.change_bundle",
    "orders.change_client",
    "orders.view_goods",
    "orders.view_ledgerentry",
    "orders.add_ledgerentry",
    "orders.change_ledgerentry",
    "orders.delete_ledgerentry",
    *(f"orders.{verb}_route" for verb in ("add", "change", "delete")),
    *(f"orders.{verb}_openservice" for verb in ("view", "add", "change")),
    *(f"orders.{verb}_markup" for verb in ("view", "add", "change")),
    "providers.run_jobs",
    "providers.accept_catalogue",
    "providers.change_service",
}
ADMINISTRATOR: Final = MANAGER | {
    *(f"providers.{verb}_provider" for verb in ("add", "change", "delete")),
    *(f"orders.{verb}_apitoken" for verb in ("view", "change")),
    *(f"orders.{verb}_person" for verb in ("view", "add", "change", "delete")),
    "orders.view_chain",
    *(f"orders.{verb}_hubrules" for verb in ("view", "add", "change")),
    *(f"orders.{verb}_channel" for verb in ("view", "add", "change", "delete")),
    *(f"orders.{verb}_exchangerate" for verb in ("view", "add", "change", "delete")),
    *(f"auth.{verb}_user" for verb in ("view", "add", "change")),
    "orders.anonymise_client",
    "auth.view_group",
    *(f"panelhub.{verb}_authenticator" for verb in ("view", "delete")),
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
    """Make the roles that are missing, and give the others what is new in this version."""
    for name in ROLES:
        group, made = Group.objects.get_or_create(name=name)
        _give_what_is_new(group, made=made)


def extend_roles(sender: Any = None, **signal: Any) -> None:
    """After migrations: the roles there are get what is new in this version.

    A receiver of ``post_migrate``, which is sent for one app after the other; it acts once the permissions
    of all of them are there, and not after a flush, which passes no plan.
    """
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if "plan" not in signal or sender is not last:
        return
    if RoleMemory._meta.db_table not in connection.introspection.table_names():
        return
    for group in Group.objects.filter(name__in=ROLES):
        _give_what_is_new(group, made=False)


def _give_what_is_new(group: Group, *, made: bool) -> None:
    """Each permission is given once; what administrators took away since, or made of the role, stays as it is."""
    wanted = ROLES[group.name]
    with transaction.atomic():
        memory, is_first = RoleMemory.objects.select_for_update().get_or_create(role=group.name)
        if is_first and not made:
            # Someone made a role of this name by hand: it is theirs, as far as this version goes.
            memory.granted = sorted(wanted)
            memory.save()
            return
        known = frozenset() if made else frozenset(memory.granted)
        if not wanted - known:
            return
        new = permissions_named(wanted - known)
        group.permissions.add(*new)
        memory.granted = sorted(known | wanted)
        memory.save()
        if not made:
            audit.record(None, "role.extended", group, ", ".join(sorted(wanted - known)))


def permissions_named(names: frozenset[str]) -> list[Permission]:
    """Return the permissions behind ``app.codename`` names; raises ``LookupError`` naming one that does not exist."""
    if not names:
        # No condition at all would find every permission.
        return []
    wanted = Q()
    for name in names:
        app, codename = name.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    found = list(Permission.objects.filter(wanted).select_related("content_type"))
    missing = names - {f"{permission.content_type.app_label}.{permission.codename}" for permission in found}
    if missing:
        raise LookupError(f"No such permission: {', '.join(sorted(missing))}")
    return found
