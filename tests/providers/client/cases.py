"""The reply cases: bodies panels send, or could send, and what each must be read as.

One JSON object a line in `data/reply_cases.jsonl`: `id`, `action`, `http_status`, `content_type`, `body`, `request`
(the ids asked), and `expect`: the value's fields; or `error`, the panel's words ("*" for any); or `unusable`, when
nothing may be read out of it. `expect_missing` are ids that stay unanswered, `ambiguous` says that a paid call may have
taken effect, `retry_safe` that it surely has not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from providers.client.errors import ProviderError, Refused, Unknown
from providers.client.exchange import RawReply
from providers.client.outcome import Rules, judge
from providers.client.types import (
    Balance,
    CancelAccepted,
    Placed,
    ProductResult,
    ProductStatusRow,
    RefillAccepted,
    RefillStatusRow,
    RowError,
    StatusRow,
)
from providers.dialects import Action

PATH = Path(__file__).parent / "data" / "reply_cases.jsonl"
MONEY = ("rate", "charge", "balance")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One line of the file."""

    id: str
    action: str
    http_status: int
    content_type: str
    body: str
    expect: Any
    request: dict[str, Any] = field(default_factory=dict)
    expect_missing: list[str] = field(default_factory=list)
    ambiguous: bool = False
    retry_safe: bool = False
    note: str = ""

    @property
    def asked(self) -> list[str]:
        """The ids that were polled."""
        for name in ("orders", "refills"):
            if name in self.request:
                return [str(one) for one in self.request[name]]
        return [self.request[name] for name in ("order", "refill") if name in self.request]

    @property
    def call(self) -> Action:
        """The action as we call it: the wire has one name for one product order and for several."""
        several = self.action == "product_order_status" and "orders" in self.request
        return Action.multi_product_order_status if several else Action(self.action)


def load_cases() -> list[Case]:
    """Return all cases of the file."""
    return [Case(**json.loads(line)) for line in PATH.read_text(encoding="utf-8").splitlines()]


def play(case: Case, rules: Rules | None = None) -> Any:
    """Return the value the case's reply is read as, or the error it raises."""
    raw = RawReply(case.http_status, {"content-type": case.content_type}, case.body.encode("utf-8", "surrogatepass"))
    try:
        return judge(case.call, raw, asked=case.asked, rules=rules)
    except ProviderError as error:
        return error


def describe(outcome: Any) -> Any:
    """Return an outcome in the file's own terms, to be compared with `expect` by `matches`."""
    if isinstance(outcome, Refused):
        return {"error": outcome.error}
    if isinstance(outcome, Unknown):
        return {"error": outcome.error} if outcome.error else {"unusable": str(outcome)}
    if type(outcome) is tuple:
        names = "id name type category rate min max refill cancel dripfeed"
        return [_select(row._asdict(), names) for row in outcome[0]]
    if isinstance(outcome, dict):
        return {asked: describe(row) for asked, row in outcome.items()}
    return _DESCRIBE[type(outcome)](outcome)


_DESCRIBE: dict[type, Callable[[Any], Any]] = {
    Placed: lambda value: {"order": value.order},
    StatusRow: lambda value: _select(value._asdict(), "charge start_count status remains currency"),
    RowError: lambda value: {"error": value.error},
    RefillAccepted: lambda value: {"refill": value.refill},
    CancelAccepted: lambda value: {"cancel": value.cancel},
    RefillStatusRow: lambda value: {"status": value.status},
    Balance: asdict,
    ProductStatusRow: lambda value: _select(asdict(value), "charge status remains result note"),
    ProductResult: lambda value: {"result": list(value.items)},
}


def _select(fields: dict[str, Any], names: str) -> dict[str, Any]:
    return {name: fields[name] for name in names.split()}


def matches(expected: Any, got: Any) -> bool:
    """Return whether an outcome is the expected one: money by its value, the advice in `unusable` not at all."""
    if isinstance(expected, list):
        return isinstance(got, list) and len(expected) == len(got) and all(map(matches, expected, got))
    if not isinstance(expected, dict):
        return bool(expected == got)
    if not isinstance(got, dict) or set(expected) != set(got):
        return False
    return all(_same(name, value, got[name]) for name, value in expected.items())


def _same(name: str, expected: Any, got: Any) -> bool:
    if name == "unusable":
        return True
    if name == "error" and expected == "*":
        return bool(got)
    if name in MONEY and expected is not None:
        return isinstance(got, Decimal) and got == Decimal(expected)
    return matches(expected, got)
