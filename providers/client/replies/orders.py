"""Readers of orders and product orders: what was placed, where it stands, what was delivered, what is left to spend."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from providers.client.replies.envelope import Reply, answers_by_id, open_one, open_own
from providers.client.replies.json import ErrorReplyError, Fields, UnusableError, first_id, fold_names, raise_if_error
from providers.client.replies.scalars import read_count, read_currency, read_id, read_money
from providers.client.replies.vocabulary import (
    CALL_WORDS,
    ORDER_STATES,
    PRODUCT_STATES,
    REFUSED_ROWS,
    add_words,
    fold_word,
    name_state,
)
from providers.client.sanitize import clean_line, clean_verbatim
from providers.client.types import (
    MAX_ERROR,
    MAX_RESULT,
    MAX_RESULTS,
    MAX_WORD,
    UNKNOWN_STATUS,
    Balance,
    Placed,
    ProductResult,
    ProductStatusRow,
    RowError,
    StatusRow,
)

ORDER_IDS: Final = ("order", "order_id", "orderid", "id")
_FIGURES: Final = ("charge", "start_count", "start_counter", "remains", "remain")
_STATUS_MARKS: Final = ("status", "order_status", *_FIGURES)
_PLAIN_NAMES: Final = frozenset({"status", "charge", "start_count", "remains", "currency"})
_MOST_CHILDREN: Final = 10_000


def read_placed(reply: Reply) -> Placed:
    """`add` and `add_product_order`: the id, and the charge where it comes at once."""
    fields = open_one(reply)
    if isinstance(inner := fields.get("order"), dict):
        nested = fold_names(inner)
        raise_if_error(nested)
        fields = {**fields, **nested, "order": next((nested[name] for name in ORDER_IDS if name in nested), None)}
    if (order := _placed_id(fields, reply.http_status)) is None:
        raise UnusableError("no order id")
    return Placed(
        order=order,
        charge=read_money(fields.get("charge"), decimal_comma=reply.decimal_comma),
        currency=read_currency(fields.get("currency")),
    )


def _placed_id(fields: Fields, http_status: int) -> str | None:
    # Under an error status a bare `id` may well be that of the error or of the request.
    return first_id(fields, ORDER_IDS if http_status < 400 else ORDER_IDS[:-1])


def read_status(reply: Reply) -> StatusRow:
    """`status` of one order."""
    fields, sure = open_own(reply, marks=_STATUS_MARKS)
    states = add_words(ORDER_STATES, reply.state_words)
    return _status_row(fields, states, decimal_comma=reply.decimal_comma, sure=sure)


def read_statuses(reply: Reply) -> dict[str, StatusRow | RowError]:
    """`status` of several orders, by id; an id that was not answered is absent."""
    rows: dict[str, StatusRow | RowError] = {}
    states = add_words(ORDER_STATES, reply.state_words)
    for order, row in answers_by_id(reply, marks=_STATUS_MARKS):
        if plain := _read_plain_row(row, reply, states):
            rows[order] = plain
            continue
        read = _row_of_batch(row, states)
        if isinstance(read, RowError):
            rows[order] = read
        elif isinstance(read, str):
            rows[order] = StatusRow(status=name_state(read, states), word=read)
        elif read and any(name in read for name in _STATUS_MARKS):
            rows[order] = _status_row(read, states, decimal_comma=reply.decimal_comma, sure=row is not reply.document)
    return rows


def _read_plain_row(row: Any, reply: Reply, states: Mapping[str, str]) -> StatusRow | None:
    """Return a row that holds nothing but its state and figures; None when it must be looked at more closely.

    Nearly all rows are such, and a hundred thousand of them are read in a round: the rest of this module comes to the
    same for them, at five times the price.
    """
    if type(row) is not dict or not row.keys() <= _PLAIN_NAMES or row is reply.document:
        return None
    if type(word := row.get("status")) is not str:
        return None
    status, word = _plain_state(word)
    if reply.state_words:
        status = name_state(word, states)
    return StatusRow(
        status=status,
        word=word,
        charge=read_money(row.get("charge"), decimal_comma=reply.decimal_comma),
        start_count=read_count(row.get("start_count")),
        remains=read_count(row.get("remains")),
        currency=read_currency(row.get("currency")),
    )


@lru_cache(maxsize=256)
def _plain_state(value: str) -> tuple[str, str]:
    word = clean_line(value, MAX_WORD)
    return name_state(word, ORDER_STATES), word


def _status_row(fields: Fields, states: Mapping[str, str], *, decimal_comma: bool, sure: bool) -> StatusRow:
    status, word = _state(fields, states, sure=sure)
    return StatusRow(
        status=status,
        word=word,
        charge=read_money(fields.get("charge"), decimal_comma=decimal_comma),
        start_count=read_count(fields.get("start_count", fields.get("start_counter"))),
        remains=read_count(fields.get("remains", fields.get("remain"))),
        currency=read_currency(fields.get("currency")),
        children=_children(fields.get("orders")),
    )


def _state(fields: Fields, states: Mapping[str, str], *, sure: bool) -> tuple[str, str]:
    """Return the canonical state and the panel's word.

    A "success" that may be about the call is no state of the order.
    """
    value = fields.get("order_status", fields.get("status"))
    word = read_word(value)
    about_call = fold_word(word) in CALL_WORDS and "order_status" not in fields
    if isinstance(value, bool) or (about_call and not sure and not any(name in fields for name in _FIGURES)):
        return UNKNOWN_STATUS, word
    return name_state(word, states), word


def read_word(value: Any) -> str:
    """Return a status as it came, as text; raises ErrorReplyError when an error sits where the word belongs."""
    if isinstance(value, dict):
        raise_if_error(fold_names(value))
        return ""
    return "" if value is None or isinstance(value, list) else clean_line(str(value), MAX_WORD)


def _children(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return ()
    return tuple(child for part in value[:_MOST_CHILDREN] if (child := read_id(part)) is not None)


def _row_of_batch(row: Any, states: Mapping[str, str]) -> Fields | RowError | str | None:
    """Return a row as fields, as a bare known word, or as its refusal; None when it says nothing at all."""
    if isinstance(row, list) and len(row) == 1 and isinstance(row[0], dict):
        row = row[0]
    if row is None:
        return RowError("null")
    if isinstance(row, str):
        word = clean_line(row, MAX_ERROR)
        known = name_state(word, states) != UNKNOWN_STATUS and fold_word(word) not in REFUSED_ROWS
        return word if known else RowError(word) if word else None
    if not isinstance(row, dict):
        return None
    fields = fold_names(row)
    try:
        raise_if_error(fields)
        read_word(fields.get("status"))
    except ErrorReplyError as error:
        return RowError(error.text or "error")
    return fields


def read_balance(reply: Reply) -> Balance:
    """`balance`: may be zero, may be negative; a missing one is not zero."""
    fields = open_one(reply)
    if (balance := read_money(fields.get("balance"), decimal_comma=reply.decimal_comma)) is None:
        raise UnusableError("no balance")
    return Balance(balance=balance, currency=read_currency(fields.get("currency")))


# --- Product orders ---------------------------------------------------------------------------------------------------


def read_product_status(reply: Reply) -> ProductStatusRow:
    """`product_order_status` of one product order."""
    fields, sure = open_own(reply, marks=_STATUS_MARKS)
    states = add_words(PRODUCT_STATES, reply.state_words)
    return _product_status_row(fields, states, decimal_comma=reply.decimal_comma, sure=sure)


def read_product_statuses(reply: Reply) -> dict[str, ProductStatusRow | RowError]:
    """`product_order_status` of several, by id; an id that was not answered is absent."""
    rows: dict[str, ProductStatusRow | RowError] = {}
    states = add_words(PRODUCT_STATES, reply.state_words)
    for order, row in answers_by_id(reply, marks=_STATUS_MARKS):
        read = _row_of_batch(row, states)
        if isinstance(read, RowError):
            rows[order] = read
        elif isinstance(read, str):
            rows[order] = ProductStatusRow(status=name_state(read, states), word=read)
        elif read and any(name in read for name in _STATUS_MARKS):
            rows[order] = _product_status_row(
                read, states, decimal_comma=reply.decimal_comma, sure=row is not reply.document
            )
    return rows


def _product_status_row(
    fields: Fields, states: Mapping[str, str], *, decimal_comma: bool, sure: bool
) -> ProductStatusRow:
    status, word = _state(fields, states, sure=sure)
    result, note = fields.get("result"), fields.get("note")
    return ProductStatusRow(
        status=status,
        word=word,
        charge=read_money(fields.get("charge"), decimal_comma=decimal_comma),
        remains=read_count(fields.get("remains", fields.get("remain"))),
        result="\n".join(_items(result)) or None,
        note=clean_line(note, MAX_ERROR) or None if isinstance(note, str) else None,
    )


def read_product_result(reply: Reply) -> ProductResult:
    """`result_product`: the delivered goods, one text each."""
    fields = open_one(reply)
    if "result" not in fields or fields["result"] is None:
        raise UnusableError("no result")
    return ProductResult(items=_items(fields["result"]))


def _items(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else [value]
    texts = (_item(part) for part in parts[:MAX_RESULTS])
    return tuple(text for text in texts if text)


def _item(part: Any) -> str:
    if isinstance(part, dict):
        part = " | ".join(f"{name}: {value}" for name, value in part.items() if not isinstance(value, dict | list))
    return "" if part is None or isinstance(part, bool | list) else clean_verbatim(str(part), MAX_RESULT)
