"""What each fault of the sandbox means for an order: placed, refused, rate limited, or the account's own trouble."""

from __future__ import annotations

from providers.sandbox import Fault

PLACED = {Fault.id_as_string, Fault.id_nested, Fault.byte_order_mark}
REJECTED = {Fault.refused, Fault.refused_400}
RATE_LIMITED = {
    Fault.rate_limited,
    Fault.rate_limited_retry_after,
    Fault.rate_limited_absurd,
    Fault.rate_limited_text,
}
PAUSES = {
    Fault.bad_key: "bad_key",
    Fault.account_suspended: "account_off",
    Fault.no_funds: "no_funds",
    Fault.maintenance: "maintenance",
}
