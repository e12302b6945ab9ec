"""Readers of what comes after an order: refills, their states, cancels.

A refusal sits in a different place in each of these replies, always under HTTP 200: in the row, inside `refill`, inside
`status`, inside `cancel`. What can be read as neither accepted nor refused is left out of a batch: the caller treats it
as unconfirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from providers.client.replies.envelope import Reply, answers_by_id, open_own
from providers.client.replies.json import ErrorReplyError, Fields, UnusableError, fold_names, raise_if_error
from providers.client.replies.orders import read_word
from providers.client.replies.scalars import read_id
from providers.client.replies.vocabulary import (
    CALL_WORDS,
    ORDER_STATES,
    REFILL_STATES,
    REFUSED_ROWS,
    add_words,
    fold_word,
    name_state,
)
from providers.client.sanitize import clean_line
from providers.client.types import MAX_ERROR, UNKNOWN_STATUS, CancelAccepted, RefillAccepted, RefillStatusRow, RowError

Accepted = TypeVar("Accepted", RefillAccepted, CancelAccepted)

REFILL_IDS: Final = ("refill", "refill_id", "refillid")
CANCEL_IDS: Final = ("cancel", "cancel_id", "cancelid")
_REFILL_MARKS: Final = (*REFILL_IDS, "success")
_CANCEL_MARKS: Final = (*CANCEL_IDS, "success")
_REFILL_STATUS_MARKS: Final = ("refill_status", "status")
_OWN_REFILL: Final = ("refill", "refill_id", "refillid", "id")
_ACCEPTED_WORDS: Final = CALL_WORDS | {"accepted", "yes", "done"}


def read_refill(reply: Reply) -> RefillAccepted:
    """`refill` of one order."""
    fields, _ = open_own(reply, marks=(*_REFILL_MARKS, "status"), own_id=("order", "order_id"))
    if (accepted := _accepted(fields, REFILL_IDS, RefillAccepted)) is None:
        raise UnusableError("neither accepted nor refused")
    return accepted


def read_refills(reply: Reply) -> dict[str, RefillAccepted | RowError]:
    """`refill` of several orders, by order id; what is neither accepted nor refused is absent."""
    return _read_accepted(reply, _REFILL_MARKS, REFILL_IDS, RefillAccepted)


def read_cancels(reply: Reply) -> dict[str, CancelAccepted | RowError]:
    """`cancel` of one order or several, by order id; what is neither accepted nor refused is absent."""
    return _read_accepted(reply, _CANCEL_MARKS, CANCEL_IDS, CancelAccepted)


def _read_accepted(
    reply: Reply, marks: tuple[str, ...], names: tuple[str, ...], make: Callable[[str | None], Accepted]
) -> dict[str, Accepted | RowError]:
    rows: dict[str, Accepted | RowError | None] = {}
    for order, row in answers_by_id(reply, marks=marks, own_id=("order", "order_id", "orderid", "id")):
        read = _accepted_row(row, names, make)
        # Two rows about one order that say two things say nothing.
        rows[order] = read if order not in rows or rows[order] == read else None
    return {order: read for order, read in rows.items() if read is not None}


def _accepted_row(
    row: Any, names: tuple[str, ...], make: Callable[[str | None], Accepted]
) -> Accepted | RowError | None:
    if isinstance(row, str):
        return _refused_row(clean_line(row, MAX_ERROR))
    if not isinstance(row, dict):
        return None
    try:
        fields = fold_names(row)
        raise_if_error(fields)
        return _accepted(fields, names, make)
    except ErrorReplyError as error:
        # A failure without a word says nothing about what happened to the row.
        return RowError(error.text or "unknown error")


def _refused_row(text: str) -> RowError | None:
    """Return a bare text where an object belongs: the row's refusal, but for a figure and a word that says neither."""
    word = fold_word(text)
    states_something = name_state(text, ORDER_STATES) != UNKNOWN_STATUS and word not in REFUSED_ROWS
    is_figure = read_id(text) is not None and text.isdigit()
    return RowError(text) if text and not (states_something or is_figure or word in _ACCEPTED_WORDS) else None


def _accepted(fields: Fields, names: tuple[str, ...], make: Callable[[str | None], Accepted]) -> Accepted | None:
    """Return what the object accepts; None when it neither accepts nor refuses.

    Raises ErrorReplyError when it refuses.
    """
    name = next((name for name in names if name in fields), None)
    if name is None:
        said = fields.get("success", fields.get("status"))
        sentence = isinstance(said, str) and "success" in fields and bool(said.strip())
        word = fold_word(said) if isinstance(said, str) else ""
        return make(None) if said is True or sentence or word in _ACCEPTED_WORDS else None
    value = fields[name]
    if isinstance(value, dict):
        inner = fold_names(value)
        raise_if_error(inner)
        given = next((read_id(inner[key]) for key in (*names, "id") if key in inner), None)
        return make(given) if given else None
    if value is None:
        return None
    if value is True:
        return make(None)
    if value is False or value == 0 or value == "":
        raise ErrorReplyError(f"{name}: {str(value).lower() or 'nothing'}")
    if (given := read_id(value)) is not None:
        return make(given)
    if isinstance(value, str):
        text = clean_line(value, MAX_ERROR)
        if fold_word(text) in _ACCEPTED_WORDS:
            return make(None)
        # A sentence where an id belongs is a refusal, and so is a plain word of failure.
        if not text.startswith("-"):
            raise ErrorReplyError(text or name)
    return None


def read_refill_status(reply: Reply) -> RefillStatusRow:
    """`refill_status` of one refill."""
    fields, _ = open_own(reply, marks=_REFILL_STATUS_MARKS, own_id=_OWN_REFILL[:-1])
    return _refill_status_row(fields, add_words(REFILL_STATES, reply.state_words))


def read_refill_statuses(reply: Reply) -> dict[str, RefillStatusRow | RowError]:
    """`refill_status` of several refills, by refill id; an id that was not answered is absent."""
    states = add_words(REFILL_STATES, reply.state_words)
    rows: dict[str, RefillStatusRow | RowError] = {}
    for refill, row in answers_by_id(reply, marks=_REFILL_STATUS_MARKS, own_id=_OWN_REFILL):
        if (read := _refill_row(row, states)) is not None:
            rows[refill] = read
    return rows


def _refill_row(row: Any, states: Mapping[str, str]) -> RefillStatusRow | RowError | None:
    if row is None:
        return RowError("null")
    if isinstance(row, str):
        word = clean_line(row, MAX_ERROR)
        state = name_state(word, states)
        is_state = state != UNKNOWN_STATUS and fold_word(word) not in REFUSED_ROWS
        return RefillStatusRow(state, word) if is_state else RowError(word) if word else None
    if not isinstance(row, dict):
        return None
    fields = fold_names(row)
    try:
        raise_if_error(fields)
        return _refill_status_row(fields, states) if any(name in fields for name in _REFILL_STATUS_MARKS) else None
    except ErrorReplyError as error:
        return RowError(error.text or "error")


def _refill_status_row(fields: Mapping[str, Any], states: Mapping[str, str]) -> RefillStatusRow:
    # Where both are there, `status` speaks of the call ("success") and `refill_status` of the refill.
    word = read_word(fields.get("refill_status", fields.get("status")))
    return RefillStatusRow(name_state(word, states), word)
