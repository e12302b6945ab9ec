"""What a role may do, in words: read from its permissions, so that it is true of a role that was changed as well."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

NAMES: Final[dict[str, Any]] = {
    "viewer": lazy("Viewer"),
    "staff": lazy("Staff"),
    "manager": lazy("Manager"),
    "administrator": lazy("Administrator"),
}
ORDERS: Final = "orders.add_order"
# The least that says each; a role is described by those it has, in this order.
ABILITIES: Final[tuple[tuple[str, Any], ...]] = (
    ("orders.view_order", lazy("sees orders, services and providers")),
    ("orders.view_cost", lazy("sees prices and balances")),
    (ORDERS, lazy("places orders")),
    ("orders.aftercare_order", lazy("requests refills and cancels")),
    ("orders.settle_order", lazy("resolves unconfirmed orders")),
    ("orders.approve_order", lazy("approves orders that need a second person")),
    ("orders.export_order", lazy("exports")),
    ("orders.view_goods", lazy("sees delivered products")),
    ("orders.view_ledgerentry", lazy("sees money and enters top-ups")),
    ("orders.view_openservice", lazy("offers services to programs")),
    ("providers.change_provider", lazy("manages providers and their keys")),
    ("auth.change_user", lazy("manages people, roles and limits")),
    ("orders.change_channel", lazy("manages notification channels and hub settings")),
)


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role as it is offered: ``orders`` says whether whoever has it may place orders."""

    pk: int
    name: str
    about: str
    orders: bool
    is_chosen: bool


def role_name(role: Group) -> str:
    """Return the name of a role as people read it."""
    return str(NAMES.get(role.name, role.name))


def describe(names: Collection[str], *, more_than: Collection[str] = ()) -> str:
    """Return what permissions named ``app.codename`` allow, as a sentence that leaves out those in ``more_than``."""
    words = [str(label) for name, label in ABILITIES if name in names and name not in more_than]
    if not words:
        return _("No PanelHub permissions.") if not more_than else ""
    sentence = ", ".join(words)
    return sentence[0].upper() + sentence[1:] + "."


def offer_roles(roles: Collection[Group], chosen: Any = None) -> list[RoleChoice]:
    """Return roles to choose from, each with what it may do; one that has all of the role before says only the rest."""
    offered: list[RoleChoice] = []
    before: frozenset[str] = frozenset()
    last = ""
    for role in roles:
        names = frozenset(
            f"{app}.{codename}" for app, codename in role.permissions.values_list("content_type__app_label", "codename")
        )
        about = describe(names)
        if before and before < names:
            rest = describe(names, more_than=before)
            if rest:
                about = _("As %(role)s, and: %(rest)s") % {"role": last, "rest": rest[:1].lower() + rest[1:]}
        offered.append(RoleChoice(role.pk, role_name(role), about, ORDERS in names, str(role.pk) == str(chosen)))
        before, last = names, role_name(role)
    return offered
