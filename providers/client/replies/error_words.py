"""What an error is about: the panel's words held against the one table of listed refusals.

`name_error` gives `Meaning.other` for words that no line of the table knows, and `judge` decides what that means for
each call. Panels send the sentence for some errors and its key for others ("Not enough funds on balance",
`neworder.error.not_enough_funds`), so all the words of a reply count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from providers.client.replies.made_words import says_made
from providers.client.replies.refusals import LISTED, Meaning
from providers.client.replies.vocabulary import fold_error, strip_accents
from providers.dialects.protocol import Action

_COMPILED: Final = tuple((meaning, re.compile("|".join(map(strip_accents, patterns)))) for meaning, patterns in LISTED)

# A refusal is a sentence or two; what goes on is a page, and would take its time to be searched.
_LONGEST: Final = 600

_BY_STATUS: Final[Mapping[int, Meaning]] = {401: Meaning.bad_key, 402: Meaning.no_funds, 429: Meaning.rate_limit}

_OVERRIDES: Final[Mapping[str, Meaning]] = {
    "refused": Meaning.listed,
    "unknown": Meaning.trouble,
    "rate_limit": Meaning.rate_limit,
    "no_funds": Meaning.no_funds,
    "bad_key": Meaning.bad_key,
    "account_off": Meaning.account_off,
    "maintenance": Meaning.maintenance,
}


def name_error(
    texts: Iterable[str],
    *,
    action: Action = Action.balance,
    http_status: int = 200,
    account_words: Mapping[str, str] | None = None,
) -> Meaning:
    """Return what an error is about.

    `texts` are all of the panel's words: the sentence, its key, its code; `action` is the call they answer, because
    only a paid one can have made something. `account_words` are the account's own readings (`Dialect.error_words`) and
    come before the table. Where no word decides, the HTTP status may; an error without any word is trouble, since
    nothing says that it is about the order.
    """
    words = [text for text in texts if text.strip()]
    folded = [fold_error(text)[:_LONGEST].strip(" !?,;:") for text in words]
    for phrase, meaning in (account_words or {}).items():
        if any(fold_error(phrase) in text for text in folded):
            return _OVERRIDES[meaning]
    if says_made(words, action):
        return Meaning.made
    for known, pattern in _COMPILED:
        if any(pattern.search(text) for text in folded):
            return known
    return _BY_STATUS.get(http_status, Meaning.other if folded else Meaning.trouble)


_SECONDS: Final = re.compile(r"(\d{1,5}) ?(?:(m(?!s)|dakika|dk|мин|хв|menit|phut|دقي|分|नि)|\w)")


def read_wait(text: str) -> float | None:
    """Return the seconds a sentence says to wait ("wait 5 seconds", "2 dakika"); None where it names no figure."""
    if (found := _SECONDS.search(fold_error(text))) is None:
        return None
    return float(found[1]) * (60 if found[2] else 1)
