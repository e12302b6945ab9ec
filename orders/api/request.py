"""One call: who makes it, what was given, and whose rows it may touch."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from orders.api.offers import Money, OfferList, read_number
from orders.models import Order, ProductOrder, Refill
from orders.permissions import seen_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from orders.models import ApiToken

MOST_IDS: Final = 100
# What a status shows of an order; a hundred whole rows would cost twice as much.
_STATUS_COLUMNS: Final = (
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
        self.offer_list = OfferList(token, self.money)

    @cached_property
    def sees_cost(self) -> bool:
        """Whether the token's person may see what things cost; no answer has a price otherwise."""
        return bool(self.person.has_perm("orders.view_cost"))

    def need(self, permission: str) -> None:
        """Refuse the call when its person may not do this."""
        if permission and not self.person.has_perm(permission):
            raise ApiRefused(NOT_ALLOWED)

    def field(self, name: str) -> str:
        """Return a parameter, without blanks around it; "" when it was not given."""
        return self.fields.get(name, "").strip()

    def ids(self, name: str) -> list[str]:
        """Return the ids of a parameter, as requested and each once; at most a hundred."""
        ids = [part.strip() for part in self.fields.get(name, "").split(",") if part.strip()]
        if not ids:
            raise ApiRefused(f"Missing required parameter: {name}")
        if len(ids) > MOST_IDS:
            raise ApiRefused(TOO_MANY_IDS)
        return list(dict.fromkeys(ids))

    def orders(self) -> QuerySet[Order]:
        """Return the orders the token's person made, and may see."""
        found: QuerySet[Order] = seen_by(Order.objects.filter(created_by=self.person), self.person)
        return found

    def product_orders(self) -> QuerySet[ProductOrder]:
        """Return the product orders the token's person made, and may see."""
        found: QuerySet[ProductOrder] = seen_by(ProductOrder.objects.filter(created_by=self.person), self.person)
        return found

    def find_orders(self, ids: Sequence[str]) -> dict[str, Order | None]:
        """Return the person's orders by the requested ids; ``None`` for what is not theirs or does not exist."""
        return _find(self.orders().select_related("sold_as").only(*_STATUS_COLUMNS), ids)

    def find_product_orders(self, ids: Sequence[str]) -> dict[str, ProductOrder | None]:
        """Return the twin of :meth:`find_orders` for product orders; goods and what was handed over are not loaded."""
        return _find(self.product_orders().select_related("sold_as").defer("goods", "require", "result"), ids)

    def find_refills(self, ids: Sequence[str]) -> dict[str, Refill | None]:
        """Return the refills of the person's orders, by the requested ids."""
        return _find(Refill.objects.filter(order__in=self.orders()), ids)


def keys_of(ids: Sequence[str]) -> dict[str, int]:
    """Return the ids that can be keys of rows, by how they were written."""
    return {text: key for text in ids if (key := read_number(text)) is not None}


def _find(rows: QuerySet[Any], ids: Sequence[str]) -> dict[str, Any]:
    keys = keys_of(ids)
    found = {row.pk: row for row in rows.filter(pk__in=set(keys.values()))} if keys else {}
    return {text: found.get(keys.get(text, 0)) for text in ids}


BAD_KEY: Final = "Invalid API key"


ACCOUNT_OFF: Final = "Account suspended"


BAD_ACTION: Final = "Incorrect request"


POST_ONLY: Final = "Send a POST request with the parameters in its body"


NOT_IN_ADDRESS: Final = "Send the parameters in the body of the request, not in its address"


UNAVAILABLE: Final = "This is not available for this order"


NOT_ALLOWED: Final = "You do not have permission for this action"


BAD_SERVICE: Final = "Incorrect service ID"


BAD_PRODUCT: Final = "Incorrect product ID"


BAD_ORDER: Final = "Incorrect order ID"


BAD_REFILL: Final = "Refill not found"


TOO_MANY_IDS: Final = "Maximum 100 orders"


NO_FUNDS: Final = "Not enough funds on balance"


RATE_LIMIT: Final = "Too many requests"


DUPLICATE: Final = "You have active order with this link. Please wait until order being completed."


KEY_REUSED: Final = "This idempotency key was used with other parameters"


KEY_TOO_LONG: Final = "The idempotency key is too long: at most %d characters"


# Says to whoever reads it that nothing is known of what was done; `providers.client.replies.vocabulary` reads it so.
TROUBLE: Final = "Internal error"


class ApiRefused(Exception):
    """The call is refused; ``str()`` is the sentence. ``status`` and ``retry_after`` go with HTTP."""

    def __init__(self, error: str, *, status: int = 200, retry_after: int = 0) -> None:
        super().__init__(error)
        self.status = status
        self.retry_after = retry_after


MOST_FIELDS: Final = 60


MOST_BYTES: Final = 1_000_000
"""A body that holds the longest list of comments fits; one that is meant to fill the memory does not."""


LONGEST_KEY: Final = 80


_IDS: Final = frozenset({"orders", "refills"})


_ARRAY: Final = re.compile(r"(\w{1,40})\[\d{0,4}\]")


# What no database column and no provider takes.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def read_fields(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of a call as text; raises :class:`ApiRefused` when there is no reading it."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MOST_BYTES:
        raise ApiRefused(BAD_ACTION, status=413)
    try:
        fields = _read_json(request.body) if request.content_type == "application/json" else _read_form(request)
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError, UnicodeError):
        raise ApiRefused(BAD_ACTION, status=400) from None
    if not fields and request.GET:
        raise ApiRefused(NOT_IN_ADDRESS)
    if len(fields) > MOST_FIELDS:
        raise ApiRefused(BAD_ACTION, status=400)
    return {_UNSTORABLE.sub("", name): _UNSTORABLE.sub("", value) for name, value in fields.items()}


def read_idempotency_key(request: HttpRequest, fields: Mapping[str, str]) -> str:
    """Return the idempotency key of a call, from its header or its parameter; "" when it has none.

    One that is too long is refused: cut short, two different ones could count as the same.
    """
    key = (request.headers.get("Idempotency-Key") or fields.get("idempotency_key", "")).strip()
    if len(key) > LONGEST_KEY:
        raise ApiRefused(KEY_TOO_LONG % LONGEST_KEY)
    return _UNSTORABLE.sub("", key)


def _read_form(request: HttpRequest) -> dict[str, str]:
    """Return the form; arrays as PHP writes them, ``orders[]`` or ``orders[0]``, become one list like any other."""
    fields: dict[str, str] = {}
    arrays: dict[str, list[str]] = {}
    for name, values in request.POST.lists():
        array = _ARRAY.fullmatch(name)
        if array or (name in _IDS and len(values) > 1):
            arrays.setdefault(array[1] if array else name, []).extend(str(value) for value in values)
        else:
            fields[name] = str(values[-1]) if values else ""
    return {name: _joined(name, values) for name, values in arrays.items()} | fields


def _joined(name: str, values: list[str]) -> str:
    """Return the entries of a list as a form would carry it: ids with commas, others line by line."""
    return ("," if name in _IDS else "\n").join(values)


def _read_json(body: bytes) -> dict[str, str]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiRefused(BAD_ACTION, status=400) from None
    if not isinstance(given, dict):
        raise ApiRefused(BAD_ACTION, status=400)
    return {name.removesuffix("[]"): _as_text(name.removesuffix("[]"), value) for name, value in given.items()}


def _as_text(name: str, value: Any) -> str:
    if isinstance(value, list):
        return _joined(name, [_as_scalar(part) for part in value])
    return _as_scalar(value)


def _as_scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (str, int, float)) else ""
