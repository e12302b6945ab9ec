"""One call: who makes it, what was given, and whose rows it may touch."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from orders.api.errors import NOT_ALLOWED, TOO_MANY_IDS, ApiRefused
from orders.api.offers import Money, Shelf, read_number
from orders.models import Order, ProductOrder, Refill
from orders.permissions import seen_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from orders.models import ApiToken

MOST_IDS: Final = 100
# What a status tells of an order; a hundred whole rows would cost twice as much.
_TOLD: Final = (
    *("status", "charge", "expected_charge", "rate", "billed_quantity", "quantity", "start_count", "remains"),
    *("currency", "sold_as__order", "sold_as__factor", "sold_as__addition"),
)


class Call:
    """One call, its token found and counted; ``request`` is where it came from, for the audit record."""

    def __init__(
        self,
        token: ApiToken,
        fields: Mapping[str, str],
        *,
        idempotency_key: str = "",
        request: HttpRequest | None = None,
    ) -> None:
        self.token = token
        self.person: Any = token.person
        self.fields = fields
        self.idempotency_key = idempotency_key
        self.request = request
        self.money = Money()
        self.shelf = Shelf(token, self.money)

    @cached_property
    def sees_cost(self) -> bool:
        """Whether the token's person may see what things cost; no answer has a price otherwise."""
        return bool(self.person.has_perm("orders.view_cost"))

    def need(self, permission: str) -> None:
        """Refuse the call when its person may not do this."""
        if permission and not self.person.has_perm(permission):
            raise ApiRefused(NOT_ALLOWED)

    def field(self, name: str) -> str:
        """A parameter, without blanks around it; "" when it was not given."""
        return self.fields.get(name, "").strip()

    def ids(self, name: str) -> list[str]:
        """The ids of a parameter, as asked and each once; at most a hundred."""
        ids = [part.strip() for part in self.fields.get(name, "").split(",") if part.strip()]
        if not ids:
            raise ApiRefused(f"Missing required parameter: {name}")
        if len(ids) > MOST_IDS:
            raise ApiRefused(TOO_MANY_IDS)
        return list(dict.fromkeys(ids))

    def orders(self) -> QuerySet[Order]:
        """The orders the token's person made, and may see."""
        found: QuerySet[Order] = seen_by(Order.objects.filter(created_by=self.person), self.person)
        return found

    def product_orders(self) -> QuerySet[ProductOrder]:
        """The product orders the token's person made, and may see."""
        found: QuerySet[ProductOrder] = seen_by(ProductOrder.objects.filter(created_by=self.person), self.person)
        return found

    def find_orders(self, ids: Sequence[str]) -> dict[str, Order | None]:
        """The person's orders by the ids as asked; ``None`` for what is not theirs or does not exist."""
        return _find(self.orders().select_related("sold_as").only(*_TOLD), ids)

    def find_product_orders(self, ids: Sequence[str]) -> dict[str, ProductOrder | None]:
        """The twin of :meth:`find_orders` for product orders; goods and what was handed over are not loaded."""
        return _find(self.product_orders().select_related("sold_as").defer("goods", "require", "result"), ids)

    def find_refills(self, ids: Sequence[str]) -> dict[str, Refill | None]:
        """The refills of the person's orders, by the ids as asked."""
        return _find(Refill.objects.filter(order__in=self.orders()), ids)


def keys_of(ids: Sequence[str]) -> dict[str, int]:
    """The ids that can be keys of rows, by how they were written."""
    return {text: key for text in ids if (key := read_number(text)) is not None}


def _find(rows: QuerySet[Any], ids: Sequence[str]) -> dict[str, Any]:
    keys = keys_of(ids)
    found = {row.pk: row for row in rows.filter(pk__in=set(keys.values()))} if keys else {}
    return {text: found.get(keys.get(text, 0)) for text in ids}
