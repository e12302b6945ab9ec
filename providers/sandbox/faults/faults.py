"""Every way a panel can misbehave, by name.

A fault knows two things. `accepts`: does the panel do what was asked before it misbehaves, so that a paid call
has been paid for? `actions`: the calls it makes sense for; empty means any.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

_ANY: frozenset[str] = frozenset()
_ONE_ID = frozenset({"add", "add_product_order"})
_PAID = _ONE_ID | {"refill", "multi_refill", "cancel"}
_STATUS = frozenset({"status", "multi_status", "product_order_status"})
_REFILL_STATUS = frozenset({"refill_status", "multi_refill_status"})
_BATCH = _STATUS | _REFILL_STATUS | {"refill", "multi_refill", "cancel"}
_LIST = frozenset({"services"})
_BALANCE = frozenset({"balance"})
_LOOKS = frozenset({"balance", "status"})


class Fault(StrEnum):
    """A misbehaviour; `fault.accepts` and its docstring say whether the call was accepted."""

    accepts: bool
    actions: frozenset[str]

    def __new__(cls, value: str, accepts: bool, actions: frozenset[str], doc: str) -> Self:  # noqa: FBT001
        """Return a member whose value is its name and whose docstring is its own."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.accepts = accepts
        member.actions = actions
        member.__doc__ = f"{'Accepted, but' if accepts else 'Not accepted:'} {doc}"
        return member

    # The connection
    close_before_reading = "close_before_reading", False, _ANY, "the connection ends with the request unread."
    close_before_accept = "close_before_accept", False, _ANY, "the connection is closed without an answer."
    reset_before_accept = "reset_before_accept", False, _ANY, "the connection is reset without an answer."
    hang_before_accept = "hang_before_accept", False, _ANY, "nothing is said for `seconds`."
    close_after_accept = "close_after_accept", True, _ANY, "the connection is closed without an answer."
    reset_after_accept = "reset_after_accept", True, _ANY, "the connection is reset without an answer."
    reset_in_body = "reset_in_body", True, _ANY, "the connection is reset in the middle of the answer."
    hang_after_accept = "hang_after_accept", True, _ANY, "nothing is said for `seconds`."
    dripping_body = "dripping_body", True, _ANY, "the body comes a byte every `seconds`."
    dripping_head = "dripping_head", True, _ANY, "the headers come a byte every `seconds` and do not end."

    # Errors of the server
    json_500_before_accept = "json_500_before_accept", False, _ANY, "500 with an error in JSON."
    json_500_after_accept = "json_500_after_accept", True, _ANY, "500 with an error in JSON."
    html_500_before_accept = "html_500_before_accept", False, _ANY, "500 with a page of HTML."
    html_500_after_accept = "html_500_after_accept", True, _ANY, "500 with a page of HTML."
    json_502_before_accept = "json_502_before_accept", False, _ANY, "502 with an error in JSON."
    json_502_after_accept = "json_502_after_accept", True, _ANY, "502 with an error in JSON."
    html_502_before_accept = "html_502_before_accept", False, _ANY, "502 with a page of HTML."
    html_502_after_accept = "html_502_after_accept", True, _ANY, "502 with a page of HTML."
    json_503_before_accept = "json_503_before_accept", False, _ANY, "503 with an error in JSON."
    json_503_after_accept = "json_503_after_accept", True, _ANY, "503 with an error in JSON."
    html_503_before_accept = "html_503_before_accept", False, _ANY, "503 with a page of HTML."
    html_503_after_accept = "html_503_after_accept", True, _ANY, "503 with a page of HTML."
    json_504_before_accept = "json_504_before_accept", False, _ANY, "504 with an error in JSON."
    json_504_after_accept = "json_504_after_accept", True, _ANY, "504 with an error in JSON."
    html_504_before_accept = "html_504_before_accept", False, _ANY, "504 with a page of HTML."
    html_504_after_accept = "html_504_after_accept", True, _ANY, "504 with a page of HTML."
    json_524_before_accept = "json_524_before_accept", False, _ANY, "524 with an error in JSON."
    json_524_after_accept = "json_524_after_accept", True, _ANY, "524 with an error in JSON."
    html_524_before_accept = "html_524_before_accept", False, _ANY, "524 with a page of HTML."
    html_524_after_accept = "html_524_after_accept", True, _ANY, "524 with a page of HTML."

    # Redirects: whoever follows them sends the key elsewhere
    redirect_301 = "redirect_301", False, _ANY, "301 to `location`."
    redirect_302 = "redirect_302", True, _ANY, "302 to `location`, where a GET finds an order id."
    redirect_303 = "redirect_303", True, _ANY, "303 to `location`."
    redirect_307 = "redirect_307", False, _ANY, "307 to `location`, which would be sent the key."
    redirect_308 = "redirect_308", True, _ANY, "308 to `location`, which would be sent the key."

    # Bodies that cannot be read
    empty_body = "empty_body", True, _ANY, "200 with nothing in it."
    html_200 = "html_200", True, _ANY, "200 with a page of HTML."
    cut_body = "cut_body", True, _ANY, "half of the body, with the length of that half."
    cut_body_wrong_length = "cut_body_wrong_length", True, _ANY, "half of the body, with the length of all of it."
    php_notice = "php_notice", True, _ANY, "a notice of PHP in front of the JSON."
    byte_order_mark = "byte_order_mark", True, _ANY, "a byte order mark in front of the JSON."
    null_body = "null_body", True, _ANY, "the JSON value null."
    deep_nesting = "deep_nesting", True, _ANY, "two hundred thousand nested lists."
    huge_number = "huge_number", True, _ANY, "a number of five thousand digits in place of every id and figure."
    not_a_number = "not_a_number", True, _ANY, "NaN in place of every id and figure."
    gzip_bomb = "gzip_bomb", True, _ANY, "a few hundred kilobytes that inflate to 100 MB."
    endless_body = "endless_body", True, _ANY, "a body that never ends."
    many_headers = "many_headers", True, _ANY, "a hundred thousand headers."

    # Ids of what was bought
    id_as_string = "id_as_string", True, _PAID, "the id as text."
    id_nested = "id_nested", True, _PAID, "the id inside an object."
    id_in_list = "id_in_list", True, _PAID, "the id inside a list."
    id_null = "id_null", True, _PAID, "null for the id."
    id_zero = "id_zero", True, _PAID, "0 for the id."
    id_negative = "id_negative", True, _PAID, "-1 for the id."
    id_beside_error = "id_beside_error", True, _PAID, "the id, and an error beside it."
    no_id_no_error = "no_id_no_error", True, _PAID, "an empty object."
    unknown_error_after_accept = (
        "unknown_error_after_accept",
        True,
        _PAID,
        "the error 'Unknown error, please try again later'.",
    )
    made_after_accept = (
        "made_after_accept",
        True,
        _ONE_ID,
        "the error 'Order placed at provider but local save failed'.",
    )
    unlisted_after_accept = "unlisted_after_accept", True, _ONE_ID, "an error in words that no list knows."
    same_id_twice = "same_id_twice", True, _ONE_ID, "the id of the order before, as if it were this one's."

    # Refusals
    rate_limited = "rate_limited", False, _ANY, "429 without Retry-After."
    rate_limited_retry_after = "rate_limited_retry_after", False, _ANY, "429 with Retry-After of `seconds`."
    rate_limited_absurd = "rate_limited_absurd", False, _ANY, "429 with Retry-After in the year 2099."
    rate_limited_text = "rate_limited_text", False, _ANY, "200 with the error 'Rate limit exceeded'."
    bad_key = "bad_key", False, _ANY, "the error 'Invalid API key'."
    account_suspended = "account_suspended", False, _ANY, "the error 'Your account has been suspended.'."
    no_funds = "no_funds", False, _ANY, "the error 'Not enough funds on balance'."
    maintenance = "maintenance", False, _ANY, "the error 'Maintenance'."
    refused = "refused", False, _ANY, "200 with an error about the order."
    unlisted = "unlisted", False, _ONE_ID, "200 with an error in words that no list knows."
    refused_400 = "refused_400", False, _ANY, "400 with an error about the order."

    # Batches and statuses
    missing_ids = "missing_ids", True, _BATCH, "`ids`, or every other one that was asked for, are left out."
    extra_ids = "extra_ids", True, _BATCH, "there are rows that were not requested."
    poison_id = "poison_id", False, _BATCH, "a request that names one of `ids` is refused as a whole."
    wrong_container = "wrong_container", True, _BATCH, "lists and objects have changed places."
    unknown_word = "unknown_word", True, _STATUS | _REFILL_STATUS, "every status is an unknown word."
    status_goes_back = "status_goes_back", True, _STATUS, "what has ended is in progress again."
    charge_changes = "charge_changes", True, _STATUS, "charges have tripled."
    charge_not_a_number = "charge_not_a_number", True, _STATUS, "charges are the text 'NaN'."
    negative_balance = "negative_balance", True, _BALANCE, "the balance is below zero."

    # The money of the account
    balance_rounded = "balance_rounded", True, _BALANCE, "the balance is rounded to hundredths."
    balance_lags = "balance_lags", True, _BALANCE, "charges show in the balance `seconds` of simulated time later."
    hidden_top_up = "hidden_top_up", True, _LOOKS, "25 has come in from somewhere."
    second_user = "second_user", True, _LOOKS, "another user has ordered from the account, or got that back."
    refund_of_same_amount = (
        "refund_of_same_amount",
        True,
        _LOOKS,
        "an earlier order that cost as much as the newest has been refunded.",
    )

    # Catalogues: what can be ordered stays as it was
    catalogue_empty = "catalogue_empty", True, _LIST, "the list is empty."
    catalogue_halved = "catalogue_halved", True, _LIST, "every other service is missing."
    catalogue_doubled = "catalogue_doubled", True, _LIST, "every service is there twice, under two ids."
    catalogue_renumbered = "catalogue_renumbered", True, _LIST, "every service has a new id."
    catalogue_huge = "catalogue_huge", True, _LIST, "the list has 100,000 rows."
    catalogue_price_jump = "catalogue_price_jump", True, _LIST, "every rate is ten times what it was."
    catalogue_paged = "catalogue_paged", True, _LIST, "five times the rows come in pages of 500, by `offset`."
