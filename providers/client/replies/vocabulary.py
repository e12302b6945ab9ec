"""What the field's words for states mean, and how words are compared.

All of it is data. Words are compared without regard to case, blanks, `_`, `-` and `.`; a state that is not listed is
unknown, unless the account's own words (`Dialect.state_words`) say what it means. Errors are in `error_words`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from providers.client.types import UNKNOWN_STATUS

_SEPARATORS: Final = re.compile(r"[\s_.\-]+")


# The Turkish i with a dot and i without one become one letter, so that capitals match whatever they were.
_ONE_I: Final = (("i\u0307", "i"), ("ı", "i"))


def fold_word(text: str) -> str:
    """Return the text in lower case, with every run of blanks, `_`, `-` and `.` made one blank."""
    folded = unicodedata.normalize("NFC", text).casefold()
    for letter, plain in _ONE_I:
        folded = folded.replace(letter, plain)
    return _SEPARATORS.sub(" ", folded).strip()


def fold_error(text: str) -> str:
    """Return the text as `fold_word` does, without accents and compatibility forms: "Crédito" and "credito" are one."""
    return strip_accents(fold_word(text))


def strip_accents(text: str) -> str:
    """Return the text without accents, vowel marks and compatibility forms; it may be a regular expression."""
    letters = unicodedata.normalize("NFKD", text).replace("đ", "d").replace("ł", "l").replace("ı", "i")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


# --- States -----------------------------------------------------------------------------------------------------------


def _spell(**spellings: str) -> dict[str, str]:
    return {fold_word(word): canon for canon, words in spellings.items() for word in words.split(",")}


ORDER_STATES: Final[Mapping[str, str]] = _spell(
    pending="pending,awaiting,queue,queued,queueing,queuing,in queue,in the queue,on queue,waiting,new,order pending",
    processing="processing,proccessing,procesing,process,in process,on process,order processing",
    in_progress="in progress,inprogress,progress,in progess,inprogess,in progres,in progresss,active,running,started,"
    "on progress,in proggress,order in progress",
    completed="completed,complete,compleated,complated,completd,competed,"
    "success,done,finished,delivered,concluído,order completed,fully completed",
    partial="partial,partialy,partially,partially completed,partial complete,partial completed,partially complete,"
    "partially refunded,partial refund,partial refunded,partially delivered,partially canceled,partially cancelled",
    canceled="canceled,cancelled,cancel,order cancelled,order canceled,canceled & refunded,cancelled & refunded,"
    "canceled and refunded,cancelled and refunded,canceled/refunded,cancelled/refunded,canceled (refunded),"
    "cancelled (refunded),canceled with refund,cancelled with refund,canceled by user,cancelled by user",
    refunded="refunded,refund,refunds,fully refunded,full refund,order refunded",
    failed="error,fail,failed,order failed",
)

REFILL_STATES: Final[Mapping[str, str]] = _spell(
    pending="pending,awaiting,queued,in queue,in the queue,waiting",
    in_progress="in progress,inprogress,processing,process,in process,in progess,inprogess,in progres,progress",
    completed="completed,complete",
    rejected="rejected,reject,canceled,cancelled,canceled & refunded,cancelled & refunded",
    error="error,fail,failed",
)

# A product order knows no `processing`.
PRODUCT_STATES: Final[Mapping[str, str]] = {
    word: "in_progress" if canon == "processing" else canon for word, canon in ORDER_STATES.items()
}

REFUSED_ROWS: Final = frozenset({"error", "fail", "failed", "failure", "cancel", "refused", "invalid"})
"""A row of a batch that is one of these words is that row's refusal: this is how panels write one, never a state."""

CALL_WORDS: Final = frozenset({"success", "ok", "true"})
"""In `status` they may speak of the call and not of the order."""


_ALSO: Final[Mapping[str, str]] = {"canceled": "rejected", "failed": "error"}


def add_words(states: Mapping[str, str], account_words: Mapping[str, str]) -> Mapping[str, str]:
    """Return `states` with an account's own words; each means what the table says of the state it is mapped to."""
    if not account_words:
        return states
    known = frozenset(states.values())
    own = {}
    for word, state in account_words.items():
        meant = state if state in known else states.get(fold_word(state), _ALSO.get(state, ""))
        if meant in known:
            own[fold_word(word)] = meant
    return {**states, **own}


def name_state(word: str, states: Mapping[str, str]) -> str:
    """Return the canonical state a word stands for; "unknown" when it stands for none."""
    return states.get(fold_word(word), UNKNOWN_STATUS)
