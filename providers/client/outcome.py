"""The one list of certain outcomes: what came back from a call, and what that means.

    an id and no error (2xx, 4xx, 5xx)                                   the value
    2xx or 4xx, an error and no id, in listed words about the order      OrderRefused
    the same, about the account or the panel                             AccountRefused
    the same, about the number of requests; or 429                       RateLimited (Unknown where the account says so)
    the same in words that no list knows                                 Unknown for what buys (add, add_product_order),
                                                                         OrderRefused for the rest
    the same in words that say something was or may have been made       Unknown for every paid call
    no byte of the request left: refused, no such host, connect          NotSent
        timeout, TLS failure, an address that is not allowed
    anything else: timeout, reset, 3xx, 5xx without id, HTML, empty,     Unknown
        cut or unreadable body, an id beside an error, neither,
        an error that says no more than that something went wrong

Whatever is not on the list is Unknown. Reading calls are judged by the same list; a batch of a paid call is judged row
by row, and a row that is not certain is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from providers.client.errors import (
    AccountProblem,
    AccountRefused,
    Evidence,
    NotSent,
    NotSentReason,
    OrderProblem,
    OrderRefused,
    ProviderError,
    RateLimited,
    Unknown,
    UnknownReason,
)
from providers.client.exchange import Failure, RawReply, TransportFailure
from providers.client.replies import READERS
from providers.client.replies.envelope import Reply
from providers.client.replies.error_words import name_error, read_wait
from providers.client.replies.json import (
    ErrorReplyError,
    UnusableError,
    decode_body,
    parse_document,
)
from providers.client.replies.refusals import Meaning
from providers.client.replies.vocabulary import REFUSED_ROWS, fold_word
from providers.client.reply_evidence import gather, read_retry_after, with_id
from providers.client.sanitize import Scrubber
from providers.client.types import RefillAccepted, RowError, Rows
from providers.dialects import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one account's replies are read. The scrubber knows the key, so this has no telling repr."""

    decimal_comma: bool = False
    rate_limit_is_unknown: bool = False
    error_words: Mapping[str, str] = field(default_factory=dict)
    state_words: Mapping[str, str] = field(default_factory=dict)
    type_words: Mapping[str, str] = field(default_factory=dict)
    scrubber: Scrubber = field(default_factory=Scrubber, repr=False)


NOT_SENT: Final[Mapping[Failure, tuple[NotSentReason, str]]] = {
    Failure.refused: (NotSentReason.refused, "The panel refused the connection; nothing was sent."),
    Failure.unknown_host: (NotSentReason.unknown_host, "The panel's host name leads nowhere; nothing was sent."),
    Failure.connect_timeout: (NotSentReason.connect_timeout, "The panel could not be reached; nothing was sent."),
    Failure.tls: (NotSentReason.tls, "No safe connection to the panel could be made; nothing was sent."),
    Failure.address: (NotSentReason.address, "The panel's address is not allowed; nothing was sent."),
}

_LOST: Final[Mapping[Failure, tuple[UnknownReason, str]]] = {
    Failure.timeout: (UnknownReason.timeout, "The panel did not answer in time."),
    Failure.connection_lost: (UnknownReason.connection_lost, "The connection broke before the whole answer was here."),
    Failure.bad_http: (UnknownReason.bad_http, "The answer was no valid HTTP."),
    Failure.too_large: (UnknownReason.too_large, "The answer was larger than any such answer may be."),
}

_ACCOUNT: Final[Mapping[Meaning, AccountProblem]] = {
    Meaning.bad_key: AccountProblem.bad_key,
    Meaning.account_off: AccountProblem.account_off,
    Meaning.no_funds: AccountProblem.no_funds,
    Meaning.maintenance: AccountProblem.maintenance,
}

# What costs money: here a refusal must be a listed one.
_BUYS: Final = frozenset({Action.add, Action.add_product_order})
_ABOUT_ORDER: Final[frozenset[str]] = frozenset(OrderProblem)

_SMALL: Final = 1_000_000


def judge(
    action: Action, came_back: RawReply | TransportFailure, *, asked: Sequence[str] = (), rules: Rules | None = None
) -> Any:
    """The value of a call, or one of the errors of `outcomes`; nothing else is ever raised.

    `asked` are the ids in the request (or to be refilled, cancelled); a batch gives `Rows` with answers for
    these alone. `services` gives a pair: the rows, and the number of rows left out.
    """
    rules = rules or Rules()
    if isinstance(came_back, TransportFailure):
        verdict: Any = _judge_failure(action, came_back, rules)
    else:
        verdict = _judge_reply(action, came_back, tuple(asked), rules)
    if isinstance(verdict, ProviderError):
        # Raised here and nowhere below: a traceback must not lead through frames that hold the reply as it came.
        raise verdict
    return verdict


def _judge_failure(action: Action, failure: TransportFailure, rules: Rules) -> ProviderError:
    evidence = gather(
        action, decode_body(failure.partial), rules.scrubber, status=failure.status, elapsed=failure.elapsed
    )
    if failure.failure in NOT_SENT:
        reason, sentence = NOT_SENT[failure.failure]
        return NotSent(failure.sentence or sentence, reason=reason, evidence=evidence)
    unknown, sentence = _LOST[failure.failure]
    return Unknown(sentence, reason=unknown, evidence=evidence)


def _judge_reply(action: Action, raw: RawReply, asked: tuple[str, ...], rules: Rules) -> Any:
    text = decode_body(raw.body)
    document: Any = None
    problem: ErrorReplyError | UnusableError | None = None
    value: Any = None
    try:
        document = _parse_scrubbed(text, rules)
        value = READERS[action](
            Reply(
                document=document,
                http_status=raw.status,
                asked=asked,
                decimal_comma=rules.decimal_comma,
                state_words=rules.state_words,
                type_words=rules.type_words,
            )
        )
    except (ErrorReplyError, UnusableError) as found:
        problem = found
    except RecursionError:
        problem = UnusableError("nested too deep")
    if problem is None and 200 <= raw.status < 300:
        if not isinstance(value, dict):
            return value
        if not action.is_paid and len(value) == len(asked):
            # Evidence is for the ids that are missing, and making it costs more than reading them all.
            return Rows(value)
    evidence = gather(action, text, rules.scrubber, status=raw.status, elapsed=raw.elapsed)
    if not 200 <= raw.status < 300 and not 400 <= raw.status < 600:
        return Unknown(
            f"The panel answered with a redirect (HTTP {raw.status}), which is not followed.",
            reason=UnknownReason.redirect,
            evidence=evidence,
        )
    if isinstance(problem, ErrorReplyError):
        return _judge_error(action, problem, raw, rules, with_id(evidence, action, document))
    if problem is not None:
        readable = document is not None
        return _judge_unusable(action, problem, raw, rules, evidence, readable=readable)
    return _judge_value(action, value, raw, rules, evidence)


def _parse_scrubbed(text: str, rules: Rules) -> Any:
    document = parse_document(text)
    # A key may hide behind JSON's own escapes; a catalogue is too large to be searched for that.
    if rules.scrubber.finds_in(text) or (len(text) < _SMALL and "\\" in text):
        return rules.scrubber.scrub_document(document)
    return document


def _judge_error(
    action: Action, error: ErrorReplyError, raw: RawReply, rules: Rules, evidence: Evidence
) -> ProviderError:
    # A bare JSON string, or JSON within JSON, has not been scrubbed as a document.
    texts = [rules.scrubber.scrub(text) for text in error.texts]
    words = next(filter(None, texts), f"HTTP {raw.status}")
    meaning = name_error(texts, action=action, http_status=raw.status, account_words=rules.error_words)
    if evidence.seen_id:
        return Unknown(
            f"The panel answered with an error and an id at once: {words}",
            reason=UnknownReason.id_and_error,
            error=words,
            evidence=evidence,
        )
    if raw.status >= 500:
        return _server_error(raw, evidence, words)
    if meaning is Meaning.made:
        return Unknown(
            f"The panel's words say that something was made: {words}",
            reason=UnknownReason.made,
            error=words,
            evidence=evidence,
        )
    if raw.status == 429 or meaning is Meaning.rate_limit:
        return _judge_rate_limit(action, words, raw, rules, evidence)
    if meaning is Meaning.trouble:
        return Unknown(
            f"The panel does not know what happened: {words}",
            reason=UnknownReason.trouble,
            error=words,
            evidence=evidence,
        )
    if meaning in _ACCOUNT:
        return AccountRefused(error=words, kind=_ACCOUNT[meaning], evidence=evidence)
    if meaning is Meaning.other and action in _BUYS:
        return Unknown(
            f"The panel refused it in words that no list knows: {words}",
            reason=UnknownReason.unlisted,
            error=words,
            evidence=evidence,
        )
    problem = OrderProblem(meaning) if meaning in _ABOUT_ORDER else OrderProblem.other
    return OrderRefused(error=words, problem=problem, evidence=evidence)


def _judge_rate_limit(action: Action, words: str, raw: RawReply, rules: Rules, evidence: Evidence) -> ProviderError:
    if action.is_paid and rules.rate_limit_is_unknown:
        return Unknown(
            f"Too many requests, which is not taken for a refusal here: {words}",
            reason=UnknownReason.rate_limit,
            error=words,
            evidence=evidence,
        )
    asked_for = read_retry_after(raw.headers.get("retry-after", ""))
    return RateLimited(error=words, retry_after=read_wait(words) if asked_for is None else asked_for, evidence=evidence)


def _judge_unusable(
    action: Action, problem: UnusableError, raw: RawReply, rules: Rules, evidence: Evidence, *, readable: bool
) -> ProviderError:
    if raw.status == 429 and not evidence.seen_id:
        return _judge_rate_limit(action, f"HTTP {raw.status}", raw, rules, evidence)
    if raw.status >= 500:
        return _server_error(raw, evidence)
    return Unknown(
        f"The panel's answer cannot be used: {problem} (HTTP {raw.status}).",
        reason=UnknownReason.no_answer if readable else UnknownReason.unreadable,
        evidence=evidence,
    )


def _judge_value(action: Action, value: Any, raw: RawReply, rules: Rules, evidence: Evidence) -> Any:
    if isinstance(value, dict):
        rows = value
        if action.is_paid:
            judged = {asked: _judge_row(action, row, raw, rules) for asked, row in value.items()}
            rows = {asked: row for asked, row in judged.items() if row is not None}
        return Rows(rows, evidence=evidence) if rows or raw.status < 500 else _server_error(raw, evidence)
    if raw.status >= 500 and isinstance(value, RefillAccepted) and value.refill is None:
        return _server_error(raw, evidence)
    return value


def _judge_row(action: Action, row: Any, raw: RawReply, rules: Rules) -> Any:
    """Return one row of a refill or cancel batch, a refusal with what it is about; None where it is not certain."""
    if not isinstance(row, RowError):
        has_id = (row.refill if isinstance(row, RefillAccepted) else row.cancel) is not None
        return row if raw.status < 500 or has_id else None
    if raw.status >= 500:
        return None
    if fold_word(row.error) in REFUSED_ROWS:
        return row
    meaning = name_error([row.error], action=action, account_words=rules.error_words)
    limited = meaning is Meaning.rate_limit and rules.rate_limit_is_unknown
    if meaning in (Meaning.trouble, Meaning.made) or limited:
        return None
    return RowError(row.error, meaning if meaning in _ABOUT_ORDER else "")


def _server_error(raw: RawReply, evidence: Evidence, words: str = "") -> Unknown:
    return Unknown(
        f"The panel failed (HTTP {raw.status}): {words}" if words else f"The panel failed (HTTP {raw.status}).",
        reason=UnknownReason.server_error,
        error=words,
        evidence=evidence,
    )
