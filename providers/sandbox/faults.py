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

_AFTER = "Accepted, then: "
_BEFORE = "Not accepted: "
_READ = "Handled as usual, but "


class Fault(StrEnum):
    """A misbehaviour; `fault.accepts` and its docstring say whether the call was accepted."""

    accepts: bool
    actions: frozenset[str]

    def __new__(cls, value: str, accepts: bool, actions: frozenset[str], doc: str) -> Self:  # noqa: FBT001
        """A member whose value is its name and whose docstring is its own."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.accepts = accepts
        member.actions = actions
        member.__doc__ = doc
        return member

    # The connection
    close_before_reading = (
        "close_before_reading", False, _ANY,
        _BEFORE + "the connection is closed with the request unread.",
    )  # fmt: skip
    close_before_accept = "close_before_accept", False, _ANY, _BEFORE + "the connection is closed without an answer."
    reset_before_accept = "reset_before_accept", False, _ANY, _BEFORE + "the connection is reset without an answer."
    hang_before_accept = (
        "hang_before_accept", False, _ANY,
        _BEFORE + "nothing is said for `seconds`, then the connection is closed.",
    )  # fmt: skip
    close_after_accept = "close_after_accept", True, _ANY, _AFTER + "the connection is closed without an answer."
    reset_after_accept = "reset_after_accept", True, _ANY, _AFTER + "the connection is reset without an answer."
    reset_in_body = "reset_in_body", True, _ANY, _AFTER + "the connection is reset in the middle of the answer."
    hang_after_accept = (
        "hang_after_accept", True, _ANY,
        _AFTER + "nothing is said for `seconds`, then the connection is closed.",
    )  # fmt: skip
    dripping_body = "dripping_body", True, _ANY, _AFTER + "the body comes a byte every `seconds`."
    dripping_head = "dripping_head", True, _ANY, _AFTER + "the headers come a byte every `seconds` and do not end."

    # Errors of the server
    json_500_before_accept = (
        "json_500_before_accept", False, _ANY,
        _BEFORE + "500, an internal error, with an error in JSON.",
    )  # fmt: skip
    json_500_after_accept = (
        "json_500_after_accept", True, _ANY,
        _AFTER + "500, an internal error, with an error in JSON.",
    )  # fmt: skip
    html_500_before_accept = (
        "html_500_before_accept", False, _ANY,
        _BEFORE + "500, an internal error, with a page of HTML.",
    )  # fmt: skip
    html_500_after_accept = "html_500_after_accept", True, _ANY, _AFTER + "500, an internal error, with a page of HTML."
    json_502_before_accept = (
        "json_502_before_accept", False, _ANY,
        _BEFORE + "502, a bad gateway, with an error in JSON.",
    )  # fmt: skip
    json_502_after_accept = "json_502_after_accept", True, _ANY, _AFTER + "502, a bad gateway, with an error in JSON."
    html_502_before_accept = "html_502_before_accept", False, _ANY, _BEFORE + "502, a bad gateway, with a page of HTML."
    html_502_after_accept = "html_502_after_accept", True, _ANY, _AFTER + "502, a bad gateway, with a page of HTML."
    json_503_before_accept = (
        "json_503_before_accept", False, _ANY,
        _BEFORE + "503, a service unavailable, with an error in JSON.",
    )  # fmt: skip
    json_503_after_accept = (
        "json_503_after_accept", True, _ANY,
        _AFTER + "503, a service unavailable, with an error in JSON.",
    )  # fmt: skip
    html_503_before_accept = (
        "html_503_before_accept", False, _ANY,
        _BEFORE + "503, a service unavailable, with a page of HTML.",
    )  # fmt: skip
    html_503_after_accept = (
        "html_503_after_accept", True, _ANY,
        _AFTER + "503, a service unavailable, with a page of HTML.",
    )  # fmt: skip
    json_504_before_accept = (
        "json_504_before_accept", False, _ANY,
        _BEFORE + "504, a gateway timeout, with an error in JSON.",
    )  # fmt: skip
    json_504_after_accept = (
        "json_504_after_accept", True, _ANY,
        _AFTER + "504, a gateway timeout, with an error in JSON.",
    )  # fmt: skip
    html_504_before_accept = (
        "html_504_before_accept", False, _ANY,
        _BEFORE + "504, a gateway timeout, with a page of HTML.",
    )  # fmt: skip
    html_504_after_accept = "html_504_after_accept", True, _ANY, _AFTER + "504, a gateway timeout, with a page of HTML."
    json_524_before_accept = (
        "json_524_before_accept", False, _ANY,
        _BEFORE + "524, Cloudflare's timeout, with an error in JSON.",
    )  # fmt: skip
    json_524_after_accept = (
        "json_524_after_accept", True, _ANY,
        _AFTER + "524, Cloudflare's timeout, with an error in JSON.",
    )  # fmt: skip
    html_524_before_accept = (
        "html_524_before_accept", False, _ANY,
        _BEFORE + "524, Cloudflare's timeout, with a page of HTML.",
    )  # fmt: skip
    html_524_after_accept = (
        "html_524_after_accept", True, _ANY,
        _AFTER + "524, Cloudflare's timeout, with a page of HTML.",
    )  # fmt: skip

    # Redirects: whoever follows them sends the key elsewhere
    redirect_301 = "redirect_301", False, _ANY, _BEFORE + "301 to `location`."
    redirect_302 = (
        "redirect_302", True, _ANY,
        _AFTER + "302 to `location`, where a GET would be answered with an order id.",
    )  # fmt: skip
    redirect_303 = "redirect_303", True, _ANY, _AFTER + "303 to `location`."
    redirect_307 = "redirect_307", False, _ANY, _BEFORE + "307 to `location`, which would be sent the key."
    redirect_308 = "redirect_308", True, _ANY, _AFTER + "308 to `location`, which would be sent the key."

    # Bodies that cannot be read
    empty_body = "empty_body", True, _ANY, _AFTER + "200 with nothing in it."
    html_200 = "html_200", True, _ANY, _AFTER + "200 with a page of HTML."
    cut_body = "cut_body", True, _ANY, _AFTER + "half of the body, with the length of that half."
    cut_body_wrong_length = (
        "cut_body_wrong_length", True, _ANY,
        _AFTER + "half of the body, with the length of all of it.",
    )  # fmt: skip
    php_notice = "php_notice", True, _ANY, _AFTER + "a notice of PHP in front of the JSON."
    byte_order_mark = "byte_order_mark", True, _ANY, _AFTER + "a byte order mark in front of the JSON."
    null_body = "null_body", True, _ANY, _AFTER + "the JSON value null."
    deep_nesting = "deep_nesting", True, _ANY, _AFTER + "two hundred thousand nested lists."
    huge_number = (
        "huge_number", True, _ANY,
        _AFTER + "a number of five thousand digits in place of every id and figure.",
    )  # fmt: skip
    not_a_number = "not_a_number", True, _ANY, _AFTER + "NaN in place of every id and figure."
    gzip_bomb = "gzip_bomb", True, _ANY, _AFTER + "a few hundred kilobytes that inflate to 100 MB."
    endless_body = "endless_body", True, _ANY, _AFTER + "a body that never ends."
    many_headers = "many_headers", True, _ANY, _AFTER + "a hundred thousand headers."

    # Ids of what was bought
    id_as_string = "id_as_string", True, _PAID, _AFTER + "the id as text."
    id_nested = "id_nested", True, _PAID, _AFTER + "the id inside an object."
    id_in_list = "id_in_list", True, _PAID, _AFTER + "the id inside a list."
    id_null = "id_null", True, _PAID, _AFTER + "null for the id."
    id_zero = "id_zero", True, _PAID, _AFTER + "0 for the id."
    id_negative = "id_negative", True, _PAID, _AFTER + "-1 for the id."
    id_beside_error = "id_beside_error", True, _PAID, _AFTER + "the id, and an error beside it."
    no_id_no_error = "no_id_no_error", True, _PAID, _AFTER + "an empty object."
    unknown_error_after_accept = (
        "unknown_error_after_accept", True, _PAID,
        _AFTER + "the error 'Unknown error, please try again later'.",
    )  # fmt: skip
    same_id_twice = "same_id_twice", True, _ONE_ID, _AFTER + "the id of the order before, as if it were this one's."

    # Refusals
    rate_limited = "rate_limited", False, _ANY, _BEFORE + "429 without Retry-After."
    rate_limited_retry_after = "rate_limited_retry_after", False, _ANY, _BEFORE + "429 with Retry-After of `seconds`."
    rate_limited_absurd = "rate_limited_absurd", False, _ANY, _BEFORE + "429 with Retry-After in the year 2099."
    rate_limited_text = "rate_limited_text", False, _ANY, _BEFORE + "200 with the error 'Rate limit exceeded'."
    bad_key = "bad_key", False, _ANY, _BEFORE + "the error 'Invalid API key'."
    account_suspended = "account_suspended", False, _ANY, _BEFORE + "the error 'Your account has been suspended.'."
    no_funds = "no_funds", False, _ANY, _BEFORE + "the error 'Not enough funds on balance'."
    maintenance = "maintenance", False, _ANY, _BEFORE + "the error 'Maintenance'."
    refused = "refused", False, _ANY, _BEFORE + "200 with an error about the order."
    refused_400 = "refused_400", False, _ANY, _BEFORE + "400 with an error about the order."

    # Batches and statuses
    missing_ids = "missing_ids", True, _BATCH, _READ + "every other id that was asked for is left out."
    extra_ids = "extra_ids", True, _BATCH, _READ + "there are rows that nobody asked for."
    poison_id = "poison_id", True, _BATCH, _READ + "a request that names one of `ids` is refused as a whole."
    wrong_container = (
        "wrong_container", True, _BATCH,
        _READ + "a list takes the place of an object, an object that of a list.",
    )  # fmt: skip
    unknown_word = "unknown_word", True, _STATUS | _REFILL_STATUS, _READ + "every status is a word nobody has heard of."
    status_goes_back = "status_goes_back", True, _STATUS, _READ + "what has ended is in progress again."
    charge_changes = "charge_changes", True, _STATUS, _READ + "charges have tripled."
    charge_not_a_number = "charge_not_a_number", True, _STATUS, _READ + "charges are the text 'NaN'."
    negative_balance = "negative_balance", True, _BALANCE, _READ + "the balance is below nought."

    # Catalogues: what can be ordered stays as it was
    catalogue_empty = "catalogue_empty", True, _LIST, _READ + "the list is empty."
    catalogue_halved = "catalogue_halved", True, _LIST, _READ + "every other service is missing."
    catalogue_doubled = (
        "catalogue_doubled", True, _LIST,
        _READ + "every service is there twice, the second time under a new id.",
    )  # fmt: skip
    catalogue_renumbered = "catalogue_renumbered", True, _LIST, _READ + "every service has a new id."
    catalogue_huge = "catalogue_huge", True, _LIST, _READ + "the list has 100,000 rows."
    catalogue_price_jump = "catalogue_price_jump", True, _LIST, _READ + "every rate is ten times what it was."
    catalogue_paged = (
        "catalogue_paged", True, _LIST,
        _READ + "the list has five times the rows and comes in pages of 500, by an undocumented `offset`.",
    )  # fmt: skip
