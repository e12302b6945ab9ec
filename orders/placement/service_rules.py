"""Service rules: what a service requires and why it may be closed; orders are checked against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from orders import order_types
from orders.order_types import OrderType, Parameter
from providers.dialects import Action
from providers.models import Service

if TYPE_CHECKING:
    from providers.dialects import Dialect


_PLAIN: Final = frozenset({"link", "quantity"})


@dataclass(frozen=True, slots=True)
class Rules:
    """Hold what one service requires, worked out once for any number of orders.

    ``known`` is its type, ``None`` when the hub does not know it; ``closed`` says why it cannot
    be ordered now, ``no_dripfeed`` why ``runs`` and ``interval`` are not offered, or is "".
    """

    service: Service
    known: OrderType | None
    parameters: tuple[Parameter, ...]
    closed: str
    no_dripfeed: str


def rules_of(service: Service, *, dialect: Dialect | None = None) -> Rules:
    """The rules of ``service``, whose provider is loaded; ``dialect`` is that provider's, where it is at hand."""
    dialect = dialect or service.provider.speaks
    known = order_types.order_type(service.type)
    no_dripfeed = why_no_dripfeed(service, dialect=dialect)
    parameters = () if known is None else order_types.parameters_for(known, may_dripfeed=not no_dripfeed)
    return Rules(service, known, parameters, why_closed(service, dialect=dialect), no_dripfeed)


def why_closed(service: Service, *, dialect: Dialect | None = None) -> str:
    """Why a service cannot be ordered now, as a sentence; "" when it can."""
    provider = service.provider
    if not provider.is_active:
        return _("%(provider)s is disabled.") % {"provider": provider}
    if not service.is_available:
        return _("This service is no longer listed by %(provider)s.") % {"provider": provider}
    if service.hold_reason == Service.Hold.RENUMBERED:
        return _(
            "The IDs at %(provider)s look renumbered. This service is closed until a manager reviews the list."
        ) % {"provider": provider}
    if service.hold_reason == Service.Hold.REFUSED:
        return _("%(provider)s rejects every order for this service. It is closed until someone reopens it.") % {
            "provider": provider
        }
    if service.hold_reason:
        return _("This service is closed until a manager accepts its new price.")
    return (dialect or provider.speaks).why_not(Action.add)


def why_no_dripfeed(service: Service, *, dialect: Dialect | None = None) -> str:
    """Why a service is not offered as a drip-feed, as a sentence; "" when it is.

    It is where the provider's own list says so, or its document has ``runs`` and the list does not deny it.
    """
    known = order_types.order_type(service.type)
    if known is not None and not known.dripfeed:
        return _("“%(type)s” orders can’t be drip-fed.") % {"type": known.label}
    dialect = dialect or service.provider.speaks
    if service.dripfeed is False:
        return _("%(provider)s doesn’t offer drip-feed for this service.") % {"provider": service.provider}
    if service.dripfeed or dialect.describes_dripfeed:
        return ""
    return _("The %(document)s doesn’t mention drip-feed.") % {"document": dialect.document}


def may_dripfeed(service: Service) -> bool:
    """Whether ``runs`` and ``interval`` are offered for a service; never for a type that the hub does not know."""
    return order_types.order_type(service.type) is not None and not why_no_dripfeed(service)


def documentation_note(service: Service) -> str:
    """Return a note for people who order a type that the provider's document does not describe; "" when it does.

    A link with a quantity is the protocol itself and needs no note.
    """
    dialect = service.provider.speaks
    known = order_types.order_type(service.type)
    if known is None:
        return _("Unknown type “%(type)s”. Parameters are sent as typed, and the charge can’t be calculated.") % {
            "type": service.type_label or service.type
        }
    special = known.names - _PLAIN
    if special <= (dialect.documented_add or frozenset()) if special else known.slug == "default":
        return ""
    return _("The %(document)s doesn’t document “%(type)s” orders. We send %(names)s as other panels do.") % {
        "document": dialect.document,
        "type": known.label,
        "names": ", ".join(parameter.name for parameter in known.parameters),
    }


def parameters_of(service: Service) -> tuple[Parameter, ...] | None:
    """The parameters of a service's type, or ``None`` when the hub does not know the type."""
    rules = rules_of(service)
    return None if rules.known is None else rules.parameters


def unread_limits(service: Service) -> str:
    """Which limits of a service are stated but cannot be read, as a sentence; "" when all are known."""
    unread = [
        _("%(limit)s “%(text)s”") % {"limit": label, "text": text}
        for label, text in ((_("minimum"), service.min_unread), (_("maximum"), service.max_unread))
        if text
    ]
    if not unread:
        return ""
    return _("We can’t read this service’s limits (%(limits)s). Check them at the provider, then confirm.") % {
        "limits": ", ".join(unread)
    }
