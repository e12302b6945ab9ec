"""Which lines of a mass order, and which open orders, are for the same target."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Max

from orders.links import NoLink, handle_keys, key_of, read_link
from orders.models import Order
from orders.permissions import granted_client_ids, orders_for
from orders.placement.services import STILL_OPEN

if TYPE_CHECKING:
    from providers.models import Service


@dataclass(frozen=True, slots=True)
class Target:
    """What the link of a line opens, at whose provider: its key, and those under which the same may be known besides.

    ``shared`` is the same for a bare name and for the profile that it opens on the platform of the service.
    """

    provider_id: int
    platform: str
    key: bytes
    others: tuple[bytes, ...]
    shared: bytes


def target_of(service: Service, text: str) -> Target:
    """Return what a checked link opens, for a service."""
    others: list[bytes] = []
    is_name = False
    try:
        link = read_link(text)
        others, is_name = handle_keys(link, service.platform), link.is_name
    except NoLink:
        pass
    key = key_of(text) or b""
    shared = others[0] if is_name and others else key
    return Target(service.provider_id, service.platform, key, tuple(others), shared)


class OpenOrders:
    """The newest open orders by provider, key of the link and platform of the service."""

    def __init__(self, found: Iterable[tuple[int, bytes, str | None, int]]) -> None:
        self._any: dict[tuple[int, bytes], int] = {}
        self._of_platform: dict[tuple[int, bytes, str], int] = {}
        for provider_id, key, platform, pk in found:
            # PostgreSQL's driver gives a view of the bytes.
            plain = bytes(key)
            self._any[provider_id, plain] = max(pk, self._any.get((provider_id, plain), 0))
            self._of_platform[provider_id, plain, platform or ""] = pk

    def hidden_from(self, user: Any) -> set[int]:
        """Return the keys of those that ``user`` does not see; one statement for who is limited to clients."""
        if user is None or granted_client_ids(user) is None or not self._any:
            return set()
        keys = set(self._any.values()) | set(self._of_platform.values())
        return keys - set(orders_for(user).filter(pk__in=keys).values_list("pk", flat=True))

    def find(self, target: Target) -> int | None:
        """Return the newest open order for what a line is for; ``None`` when there is none."""
        found = [self._any.get((target.provider_id, target.key))]
        found += [self._of_platform.get((target.provider_id, key, target.platform)) for key in target.others]
        return max((pk for pk in found if pk), default=None)


def open_orders_for(targets: Collection[Target]) -> OpenOrders:
    """Return the newest open order at each of these providers for each of these targets; one statement."""
    if not targets:
        return OpenOrders(())
    keys = {key for target in targets for key in (target.key, *target.others)}
    found = (
        Order.objects.filter(
            target_key__in=keys, provider_id__in={target.provider_id for target in targets}, status__in=STILL_OPEN
        )
        .order_by()
        .values_list("provider_id", "target_key", "service__platform")
        .annotate(newest=Max("pk"))
    )
    return OpenOrders(found)
