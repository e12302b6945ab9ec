"""The one table of listed refusals: which words are about what, in the sentences and keys that panels send.

A refusal is certain only when it is listed here. How to add a line: find the kind it belongs to, write the shortest
pattern that no sentence about something else fits, and add the sentence to
`tests/providers/client/data/refusals.jsonl`. Texts and patterns are compared as `words.fold_error` folds texts: small
letters, no accents, and blanks for `_`, `-` and `.`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from providers.client.replies import account_refusals as account
from providers.client.replies import order_refusals as order


class Meaning(StrEnum):
    """What an error text is about; `other` is a text that nothing is known of."""

    made = "made"
    trouble = "trouble"
    rate_limit = "rate_limit"
    no_funds = "no_funds"
    bad_key = "bad_key"
    account_off = "account_off"
    maintenance = "maintenance"
    duplicate = "duplicate"
    order_id = "order_id"
    action = "action"
    service = "service"
    quantity = "quantity"
    parameter = "parameter"
    link = "link"
    listed = "listed"
    other = "other"


TROUBLE: Final = (
    r"\bunknown error",
    r"\binternal (?:server )?error",
    r"\b(?:unexpected|unhandled|fatal|database|sql|server|network|curl|ssl|socket) (?:error|exception)",
    r"\bsqlstate\b|\bdeadlock\b",
    r"\bsomething went wrong",
    r"\berror (?:has )?occurr?ed",
    r"\btimed out\b|\b(?:gateway|request|connection|operation|execution) time ?out|\btimeout\b",
    r"\bno response\b|\b(?:did|does) not (?:respond|answer)\b|\bnot responding\b|\bunreachable\b",
    r"\bconnection (?:error|failed|refused|reset|lost|closed)|\b(?:could not|unable to|failed to) connect",
    r"\bbad gateway\b|^(?:503 )?service (?:is )?(?:temporarily )?unavailable$",
    r"^(?:error|fail|failed|failure|exception|errors?:?)[!:]?$",
    r"^(?:please )?try (?:again|later|again later)!?$",
)

# The first that fits counts. What says that it does not know what happened is believed, whatever it says besides. A
# duplicate comes before the rest, because it often asks to wait; the account comes before the order, since its words
# are the more exact ones. Languages in one line each: es/pt/it/fr/ro, de/nl/pl/cs/hu, tr/uz, ru/uk, ar/fa, id/ms,
# vi/th, zh/ja/ko/hi, as far as a kind needs them.
LISTED: Final[tuple[tuple[Meaning, tuple[str, ...]], ...]] = (
    (Meaning.trouble, TROUBLE),
    (Meaning.duplicate, order.DUPLICATE),
    (Meaning.rate_limit, account.RATE_LIMIT),
    (Meaning.no_funds, account.NO_FUNDS),
    (Meaning.bad_key, account.BAD_KEY),
    (Meaning.account_off, account.ACCOUNT_OFF),
    (Meaning.maintenance, account.MAINTENANCE),
    (Meaning.order_id, order.ORDER_ID),
    (Meaning.action, order.ACTION),
    (Meaning.service, order.SERVICE),
    (Meaning.quantity, order.QUANTITY),
    (Meaning.parameter, order.PARAMETER),
    (Meaning.link, order.LINK),
)
