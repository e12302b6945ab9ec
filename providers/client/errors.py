"""What can come of a call, other than its value.

    ProviderError
    ├── NotSupported        refused here, before any call: the panel's document has no such action
    ├── NotSent             it surely did not happen: no byte of the request left this machine
    ├── Refused             the panel answered, and nothing was bought
    │   ├── OrderRefused    because of this order, refill, cancel, product order or id, in words that are listed
    │   ├── AccountRefused  because of the account or the panel: key, funds, suspension, maintenance
    │   └── RateLimited     because of too many requests
    └── Unknown             the call may have taken effect: never repeat it by itself

A paid call (add, refill, cancel, add_product_order) may be repeated after NotSent, AccountRefused and RateLimited, and
after nothing else. Reading calls raise the same errors; there Unknown only means "no usable answer".

No error holds the request, and none holds the key: texts are scrubbed of it before they get here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

MAX_EXCERPT: Final = 2_000


class NotSentReason(StrEnum):
    """Why a request never left."""

    refused = "refused"
    unknown_host = "unknown_host"
    connect_timeout = "connect_timeout"
    tls = "tls"
    address = "address"


class AccountProblem(StrEnum):
    """What about the account, or the panel as a whole, stands in the way."""

    bad_key = "bad_key"
    account_off = "account_off"
    no_funds = "no_funds"
    maintenance = "maintenance"


class OrderProblem(StrEnum):
    """What about the order stands in the way, where the words say so; `other` where they do not."""

    service = "service"
    link = "link"
    duplicate = "duplicate"
    quantity = "quantity"
    order_id = "order_id"
    action = "action"
    parameter = "parameter"
    other = "other"


class UnknownReason(StrEnum):
    """Why nothing certain can be said."""

    timeout = "timeout"
    connection_lost = "connection_lost"
    bad_http = "bad_http"
    too_large = "too_large"
    redirect = "redirect"
    server_error = "server_error"
    unreadable = "unreadable"
    no_answer = "no_answer"
    id_and_error = "id_and_error"
    trouble = "trouble"
    rate_limit = "rate_limit"
    made = "made"
    """The words say that the call took effect, or may have."""
    unlisted = "unlisted"
    """A refusal in words that no list knows: not certain for a call that buys."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the call itself.

    `http_status` is None when no status line came. `excerpt` is the start of the body, scrubbed of the key, at most
    `MAX_EXCERPT` characters; empty for replies that hold delivered goods. `seen_id` is an id that could be made out in
    a reply that was otherwise not clean; "" when none. `elapsed` is in seconds.
    """

    http_status: int | None = None
    excerpt: str = ""
    seen_id: str = ""
    elapsed: float = 0.0


class ProviderError(Exception):
    """Anything but a value. `str()` of it is a sentence for staff."""

    is_certain: ClassVar[bool] = True
    """True when it is certain that the call had no effect."""

    error: str = ""
    """The panel's own words, cleaned and scrubbed of the key; "" where it sent none."""

    def __init__(self, message: str = "", *, evidence: Evidence | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.evidence = evidence


class NotSupported(ProviderError):
    """The panel's document has no such action, or the request cannot be written on the wire."""

    @property
    def sentence(self) -> str:
        """Why, in one sentence."""
        return self.message


class NotSent(ProviderError):
    """No byte of the request left this machine."""

    def __init__(
        self,
        message: str = "",
        *,
        reason: NotSentReason = NotSentReason.refused,
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__(message, evidence=evidence)
        self.reason = reason


class Refused(ProviderError):
    """The panel answered with an error and no id. `error` holds its words, cleaned and scrubbed of the key."""

    def __init__(self, message: str = "", *, error: str = "", evidence: Evidence | None = None) -> None:
        super().__init__(message or error, evidence=evidence)
        self.error = error or message


class OrderRefused(Refused):
    """Refused because of the request itself. `problem` says which part of it, as far as the words say."""

    def __init__(
        self,
        message: str = "",
        *,
        error: str = "",
        problem: OrderProblem = OrderProblem.other,
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__(message, error=error, evidence=evidence)
        self.problem = problem


class AccountRefused(Refused):
    """Refused because of the account: every other call of it would have the same result."""

    def __init__(
        self,
        message: str = "",
        *,
        error: str = "",
        kind: AccountProblem = AccountProblem.bad_key,
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__(message, error=error, evidence=evidence)
        self.kind = kind


class RateLimited(Refused):
    """Refused because of too many requests. `retry_after` is what the panel requested, in seconds, uncapped."""

    def __init__(
        self,
        message: str = "",
        *,
        error: str = "",
        retry_after: float | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__(message, error=error, evidence=evidence)
        self.retry_after = retry_after


class Unknown(ProviderError):
    """The call may have taken effect. `error` holds the panel's words, where there were any."""

    is_certain = False

    def __init__(
        self,
        message: str = "",
        *,
        reason: UnknownReason = UnknownReason.unreadable,
        error: str = "",
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__(message, evidence=evidence)
        self.reason = reason
        self.error = error

    @property
    def seen_id(self) -> str:
        """An id that could be made out in the reply; evidence, not an answer. "" when none."""
        return self.evidence.seen_id if self.evidence else ""
