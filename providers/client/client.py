"""One method for each documented action: typed values in, typed values or a `ProviderError` out. One call each, always.

A client is cheap; make one where one is needed. Pooled connections, the SSL context and so on live in the transport.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

from providers.client.errors import NotSupported
from providers.client.exchange import RawReply, TransportFailure
from providers.client.outcome import Rules, judge
from providers.client.replies.scalars import read_id
from providers.client.sanitize import Scrubber, clean_line
from providers.client.transcript import Exchange, keep_exchange
from providers.client.transport import MAX_BODY, MAX_CATALOGUE, Route, Transport, shared_transport
from providers.client.types import (
    Balance,
    CancelAccepted,
    Placed,
    ProductResult,
    ProductRow,
    ProductStatusRow,
    RefillAccepted,
    RefillStatusRow,
    RowError,
    Rows,
    ServiceRow,
    StatusRow,
)
from providers.dialects import Action, Dialect

USER_AGENT: Final = "Mozilla/5.0 (compatible; PanelHub/1.0)"
"""Some panels' firewalls turn away what does not look like a browser; this does, and says who it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account at one panel, as far as the wire must know it.

    `decimal_comma`: its money is written `15,000` for fifteen. `rate_limit_is_unknown`: its "too many requests" is not
    taken for a refusal of a paid call. `allow_private` and `exempt_origin`: see `address`.
    """

    name: str
    dialect: Dialect
    api_url: str
    api_key: str = field(repr=False)
    decimal_comma: bool = False
    rate_limit_is_unknown: bool = False
    allow_private: bool = False
    exempt_origin: str = ""
    user_agent: str = USER_AGENT


class CatalogueReply:
    """A service list as it came. `body_hash` (SHA-256, hex) costs no parsing; the rows are parsed when read."""

    def __init__(self, raw: RawReply, rules: Rules) -> None:
        self.body_hash = hashlib.sha256(raw.body).hexdigest()
        self.size = len(raw.body)
        self._raw = raw
        self._rules = rules

    @property
    def rows(self) -> list[ServiceRow]:
        """The services, in the panel's order. Raises ProviderError when the reply is no service list."""
        return self._read[0]

    @property
    def skipped(self) -> int:
        """How many rows were left out because they have no id or no usable rate. Raises as `rows` does."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[list[ServiceRow], int]:
        return cast("tuple[list[ServiceRow], int]", judge(Action.services, self._raw, rules=self._rules))


class PanelClient:
    """Speaks to one account's panel. Every method raises `ProviderError` and nothing else for what the panel does.

    An action the dialect lacks raises `NotSupported` before any call; a batch that is empty, too large or holds what is
    no id raises ValueError, since that is the caller's mistake.
    """

    def __init__(self, account: Account, *, transport: Transport | None = None) -> None:
        self.account = account
        self._transport = transport or shared_transport()
        self._rules = self._rules_without()
        self.exchange: Exchange | None = None
        """The last paid call of this client."""

    def __repr__(self) -> str:
        return f"<PanelClient {self.account.name!r}>"

    # --- Reading ------------------------------------------------------------------------------------------------------

    def services(self, *, offset: int | None = None) -> list[ServiceRow]:
        """Return the service list. `offset` asks for the rows from there on, at panels that serve it in pages."""
        return self.services_raw(offset=offset).rows

    def services_raw(self, *, offset: int | None = None) -> CatalogueReply:
        """Return the service list, parsed only when its rows are requested: an unchanged one is known by its hash."""
        parameters = {} if offset is None else {"offset": str(offset)}
        came_back = self._post(Action.services, parameters, max_body=MAX_CATALOGUE)
        if isinstance(came_back, TransportFailure):
            judge(Action.services, came_back, rules=self._rules)
        return CatalogueReply(cast("RawReply", came_back), self._rules)

    def balance(self) -> Balance:
        """Return what is left on the account."""
        return cast("Balance", self._call(Action.balance, {}))

    def status(self, order: str) -> StatusRow:
        """Return where one order stands. Raises OrderRefused when the panel does not know it."""
        return cast("StatusRow", self._call_for(Action.status, [order]))

    def statuses(self, orders: Sequence[str]) -> Rows[StatusRow | RowError]:
        """Return where several orders stand, by id; ids that were not answered are absent."""
        return cast("Rows[StatusRow | RowError]", self._call_for(Action.multi_status, orders))

    def refill_status(self, refill: str) -> RefillStatusRow:
        """Return where one refill stands."""
        return cast("RefillStatusRow", self._call_for(Action.refill_status, [refill]))

    def refill_statuses(self, refills: Sequence[str]) -> Rows[RefillStatusRow | RowError]:
        """Return where several refills stand, by refill id; ids that were not answered are absent."""
        return cast("Rows[RefillStatusRow | RowError]", self._call_for(Action.multi_refill_status, refills))

    def products(self) -> list[ProductRow]:
        """Return the product list."""
        return cast("list[ProductRow]", self._call(Action.products, {}, max_body=MAX_CATALOGUE))

    def product_status(self, order: str) -> ProductStatusRow:
        """Return where one product order stands."""
        return cast("ProductStatusRow", self._call_for(Action.product_order_status, [order]))

    def product_statuses(self, orders: Sequence[str]) -> Rows[ProductStatusRow | RowError]:
        """Return where several product orders stand, by id; ids that were not answered are absent."""
        return cast("Rows[ProductStatusRow | RowError]", self._call_for(Action.multi_product_order_status, orders))

    def product_result(self, order: str) -> ProductResult:
        """Return the delivered goods of a product order: secret."""
        return cast("ProductResult", self._call_for(Action.result_product, [order]))

    # --- Paying -------------------------------------------------------------------------------------------------------

    def add(self, parameters: Mapping[str, str]) -> Placed:
        """Place an order. `parameters` hold `service` and what its type needs, under their documented names."""
        return cast("Placed", self._call(Action.add, parameters))

    def refill(self, order: str) -> RefillAccepted:
        """Request a refill of one order."""
        return cast("RefillAccepted", self._call_for(Action.refill, [order]))

    def refills(self, orders: Sequence[str]) -> Rows[RefillAccepted | RowError]:
        """Request refills of several orders; an order that is absent from the answer is unconfirmed."""
        return cast("Rows[RefillAccepted | RowError]", self._call_for(Action.multi_refill, orders))

    def cancel(self, orders: Sequence[str]) -> Rows[CancelAccepted | RowError]:
        """Request the cancellation of orders; an order that is absent from the answer is unconfirmed."""
        return cast("Rows[CancelAccepted | RowError]", self._call_for(Action.cancel, orders))

    def add_product_order(self, product: str, quantity: int, require: str = "") -> Placed:
        """Order a product. `require` is what the buyer hands over: personal, and left out of every error."""
        parameters = {"product": product, "quantity": str(quantity)}
        if require:
            parameters["require"] = require
        return cast("Placed", self._call(Action.add_product_order, parameters, secrets=_lines(require)))

    # --- The call -----------------------------------------------------------------------------------------------------

    def _call_for(self, action: Action, ids: Sequence[str]) -> Any:
        self._check(action)
        asked = _check_ids(ids, limit=self.account.dialect.limit(action))
        return self._call(action, {self.account.dialect.ids_parameter(action): ",".join(asked)}, asked=asked)

    def _call(
        self,
        action: Action,
        parameters: Mapping[str, str],
        *,
        asked: Sequence[str] = (),
        secrets: Iterable[str] = (),
        max_body: int = MAX_BODY,
    ) -> Any:
        rules = self._rules_without(secrets) if secrets else self._rules
        came_back = self._post(action, parameters, max_body=max_body)
        if action.is_paid:
            self.exchange = keep_exchange(action, self.account.dialect.wire_name(action), parameters, came_back, rules)
        return judge(action, came_back, asked=asked, rules=rules)

    def _post(self, action: Action, parameters: Mapping[str, str], *, max_body: int) -> RawReply | TransportFailure:
        self._check(action)
        account = self.account
        if not all(_is_sendable(text) for text in parameters.values()):
            raise NotSupported("What is to be sent holds characters that no text may hold.")
        return self._transport.post(
            Route(
                url=account.api_url,
                keep_as=account.name,
                user_agent=clean_line(account.user_agent, 200) or USER_AGENT,
                allow_private=account.allow_private,
                exempt_origin=account.exempt_origin,
            ),
            {"key": account.api_key, "action": account.dialect.wire_name(action), **parameters},
            paid=action.is_paid,
            max_body=max_body,
        )

    def _check(self, action: Action) -> None:
        if not self.account.dialect.can(action):
            raise NotSupported(self.account.dialect.why_not(action))

    def _rules_without(self, secrets: Iterable[str] = ()) -> Rules:
        return Rules(
            decimal_comma=self.account.decimal_comma,
            rate_limit_is_unknown=self.account.rate_limit_is_unknown,
            error_words=self.account.dialect.error_words,
            state_words=self.account.dialect.state_words,
            type_words=self.account.dialect.type_words,
            scrubber=Scrubber((self.account.api_key, *secrets)),
        )


def _check_ids(ids: Sequence[str], *, limit: int) -> tuple[str, ...]:
    asked = tuple(ids)
    if not asked or len(asked) > limit:
        raise ValueError(f"One call takes from 1 to {limit} ids, not {len(asked)}.")
    for one in asked:
        if not isinstance(one, str) or read_id(one) != one:
            raise ValueError(f"{one!r} is no id.")
    return asked


def _is_sendable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _lines(text: str) -> tuple[str, ...]:
    """Return a text and its lines: a panel may echo the whole of it, or one of them."""
    return tuple({text, *(line.strip() for line in text.splitlines())} - {""})
