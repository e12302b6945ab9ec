"""What the field's words mean: the states of orders and refills, and some ninety error texts and keys.

All of it is data. Words are compared without regard to case, blanks, `_`, `-` and `.`; panels send the sentence for
some errors and its key for others ("Not enough funds on balance", `neworder.error.not_enough_funds`). A state that is
not listed is unknown; an error text that is not listed is about the order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from providers.client.types import UNKNOWN_STATUS

_SEPARATORS: Final = re.compile(r"[\s_.\-]+")


def fold_word(text: str) -> str:
    """The text in lower case, with every run of blanks, `_`, `-` and `.` made one blank."""
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFC", text).casefold()).strip()


# --- States -----------------------------------------------------------------------------------------------------------


def _spell(**spellings: str) -> dict[str, str]:
    return {fold_word(word): canon for canon, words in spellings.items() for word in words.split(",")}


ORDER_STATES: Final[Mapping[str, str]] = _spell(
    pending="pending,awaiting",
    processing="processing,process",
    in_progress="in progress,inprogress,progress,active",
    completed="completed,complete,success,done,finished,delivered,concluído",
    partial="partial,partially,partially completed,partial complete",
    canceled="canceled,cancelled,cancel,order cancelled,order canceled",
    refunded="refunded,refund,refunds",
    failed="error,fail,failed",
)

REFILL_STATES: Final[Mapping[str, str]] = _spell(
    pending="pending,awaiting",
    in_progress="in progress,inprogress,processing",
    completed="completed,complete",
    rejected="rejected,canceled,cancelled",
    error="error",
)

# A product order knows no `processing`.
PRODUCT_STATES: Final[Mapping[str, str]] = {
    word: "in_progress" if canon == "processing" else canon for word, canon in ORDER_STATES.items()
}

CALL_WORDS: Final = frozenset({"success", "ok", "true"})
"""In `status` they may speak of the call and not of the order."""


def name_state(word: str, states: Mapping[str, str]) -> str:
    """The canonical state a word stands for; "unknown" when it stands for none."""
    return states.get(fold_word(word), UNKNOWN_STATUS)


# --- Errors -----------------------------------------------------------------------------------------------------------


class Meaning(StrEnum):
    """What an error text is about."""

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
    other = "other"


_FUNDS: Final = "(?:funds?|balance|money|credits?)"

# The first that fits counts. Trouble comes first: a panel that says it does not know what happened is believed,
# whatever it says besides. The account comes before the order, since its words are the more exact ones. The texts are
# folded: all small, and `_`, `-`, `.` are blanks.
_ERRORS: Final[tuple[tuple[Meaning, tuple[str, ...]], ...]] = (
    (
        Meaning.trouble,
        (
            r"\bunknown error",
            r"\binternal (?:server )?error",
            r"\b(?:unexpected|unhandled|fatal|database|sql|server) (?:error|exception)",
            r"\bsqlstate\b|\bdeadlock\b",
            r"\bsomething went wrong",
            r"\berror (?:has )?occurr?ed",
            r"\btimed out\b|\b(?:gateway|request|connection|operation|execution) time ?out",
            r"^(?:error|fail|failed|failure|exception)[!:]?$",
            r"^(?:please )?try (?:again|later|again later)!?$",
        ),
    ),
    (
        Meaning.rate_limit,
        (
            r"\brate ?limit",
            r"\btoo many (?:api )?(?:requests|calls|attempts)",
            r"\brequests? (?:limit|quota) (?:is )?(?:exceeded|reached)",
            r"\bslow down\b",
            r"\berror code:? 1015\b",
        ),
    ),
    (
        Meaning.no_funds,
        (
            rf"\bnot enough {_FUNDS}",
            rf"\b(?:don't|do not|doesn't|does not) have enough {_FUNDS}",
            rf"\binsufficient (?:account )?{_FUNDS}",
            r"\bbalance (?:is )?(?:not enough|insufficient|too low)|\blow balance\b",
            r"số dư không đủ|недостаточно средств",
            r"saldo insuficiente|saldo tidak (?:cukup|mencukupi)",
            r"yetersiz bakiye|bakiye(?:niz)? yetersiz",
        ),
    ),
    (
        Meaning.bad_key,
        (
            r"\b(?:invalid|incorrect|wrong|bad|unknown|missing|expired|inactive) (?:\w+ or )?(?:api )?(?:key|token)\b",
            r"\bapi (?:key|token) (?:is )?(?:invalid|incorrect|wrong|missing|required|expired|disabled|inactive)",
            r"\bapi (?:key|token) (?:is |does )?not (?:found|valid|active|exist)",
            r"\bapi is disabled? for this user\b",
            r"^(?:unauthori[sz]ed|unauthenticated|forbidden|access denied|authentication (?:failed|required))!?$",
        ),
    ),
    (
        Meaning.account_off,
        (
            r"(?:^|\byour |\buser |\bapi |\berror )account (?:has been |is |was )?(?:temporarily |permanently )?"
            r"(?:suspended|banned|blocked|disabled|deactivated|inactive|locked|frozen|not (?:active|activated))",
            r"\bip (?:address )?(?:is )?(?:not (?:allowed|whitelisted)|blocked|banned)",
        ),
    ),
    (
        Meaning.maintenance,
        # A service that is under maintenance is that service's matter.
        (r"^(?!.*(?:\b(?:this|that|the|selected) service\b|^service\b|dịch vụ)).*(?:\bmaintenance\b|bảo trì)",),
    ),
    (
        Meaning.duplicate,
        (
            r"\bactive order\b.*\blink\b",
            r"\bidentical order\b|\btoo many orders\b",
            r"\blink duplicate\b|\bduplicate (?:order|link)",
        ),
    ),
    (
        Meaning.order_id,
        (
            r"\b(?:incorrect|invalid|wrong|unknown) (?:order|refill)(?: task)? ?ids?\b",
            r"\b(?:order|refill)(?: request| task)? not found\b",
            r"\bis not a number\b|^not found$",
        ),
    ),
    (
        Meaning.action,
        (
            r"\b(?:incorrect|invalid|unsupported|unknown) (?:request|action|method)\b",
            r"\baction is (?:invalid|not)|\brequest (?:not found|does not match)\b",
        ),
    ),
    (Meaning.service, (r"\bservice\b|dịch vụ",)),
    (Meaning.quantity, (r"\bquantity\b", r"\bfollow the limit\b", r"\b(?:minimum|maximum)\b")),
    (Meaning.parameter, (r"\bmissing\b|\brequired\b",)),
    (Meaning.link, (r"\blink\b|\burl\b",)),
)

_COMPILED: Final = tuple((meaning, re.compile("|".join(patterns))) for meaning, patterns in _ERRORS)

_BY_STATUS: Final[Mapping[int, Meaning]] = {401: Meaning.bad_key, 402: Meaning.no_funds, 429: Meaning.rate_limit}

_OVERRIDES: Final[Mapping[str, Meaning]] = {
    "refused": Meaning.other,
    "unknown": Meaning.trouble,
    "rate_limit": Meaning.rate_limit,
    "no_funds": Meaning.no_funds,
    "bad_key": Meaning.bad_key,
    "account_off": Meaning.account_off,
    "maintenance": Meaning.maintenance,
}


def name_error(
    texts: Iterable[str], *, http_status: int = 200, account_words: Mapping[str, str] | None = None
) -> Meaning:
    """What an error is about.

    `texts` are all of the panel's words: the sentence, its key, its code. `account_words` are the account's own
    readings (`Dialect.error_words`) and come before the table. Where no word tells, the HTTP status may; an error
    without any word is trouble, since nothing says that it is about the order.
    """
    folded = [fold_word(text) for text in texts if text.strip()]
    for phrase, meaning in (account_words or {}).items():
        if any(fold_word(phrase) in text for text in folded):
            return _OVERRIDES[meaning]
    for meaning, pattern in _COMPILED:
        if any(pattern.search(text) for text in folded):
            return meaning
    return _BY_STATUS.get(http_status, Meaning.other if folded else Meaning.trouble)
