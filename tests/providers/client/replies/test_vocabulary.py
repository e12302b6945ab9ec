"""The field's words: states in every spelling, and what each known error text or key is about."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from providers.client.replies.error_words import name_error, read_wait
from providers.client.replies.refusals import Meaning
from providers.client.replies.vocabulary import (
    ORDER_STATES,
    PRODUCT_STATES,
    REFILL_STATES,
    add_words,
    fold_word,
    name_state,
)
from providers.dialects.protocol import Action

ORDER_SPELLINGS = {
    "pending": "Pending|pending|PENDING|Awaiting|AWAITING|Queued|QUEUED|In queue|in_queue",
    "processing": "Processing|processing|PROCESSING|process|In process|IN_PROCESS",
    "in_progress": "In progress|In Progress|Inprogress|inprogress|INPROGRESS|IN_PROGRESS|in_progress|IN-PROGRESS"
    "|Progress|Active|In progess|Inprogess",
    "completed": "Completed|completed|COMPLETED|Complete|Success|done|finished|delivered|Concluído|Order completed",
    "partial": "Partial|PARTIAL|Partially|Partially Completed|Partial Complete|Partially Refunded|Partial Refund",
    "canceled": "Canceled|Cancelled|CANCELED|Cancel|Order Cancelled|Canceled & Refunded|Cancelled and refunded",
    "refunded": "Refunded|Refund|Refunds",
    "failed": "Error|ERROR|Fail|FAIL|Failed",
    "unknown": "Paused|Expired|Refill|on-hold|0|1|2|3|4|5||Speed up requested|not completed|completed soon",
}
REFILL_SPELLINGS = {
    "pending": "Pending|Queued|In queue",
    "in_progress": "In progress|In Progress|Processing|In progess|In process",
    "completed": "Completed",
    "rejected": "Rejected|Canceled|Cancelled",
    "error": "Error|Fail|Failed|FAILED",
    "unknown": "Success|Partial||Refilled|2",
}
MEANINGS = {
    Meaning.bad_key: """
        Invalid API key
        Invalid API Key
        Incorrect API key
        invalid_api_key
        Invalid api key
        Invalid API key.
        Incorrect request or API key
        API is Disable for this user or User Not Found! Contact the Support
        Invalid API key format
        API key not found
        Your API token is invalid, your api token invalid
        Unauthorized
        Unauthenticated.
    """,
    Meaning.account_off: """
        Account suspended
        Your account has been suspended.
        Your account is not active
        neworder.error.account_banned
        User account is disabled
        IP address not allowed
    """,
    Meaning.no_funds: """
        Not enough funds on balance
        Not enough funds
        Insufficient balance
        Insufficient funds
        insufficient_balance
        Balance is not enough
        You do not have enough funds to Place order.
        neworder.error.not_enough_funds
        neworder.error.insufficient_balance
        Error: not enough funds (service 12)
        Số dư không đủ, vui lòng nạp thêm
    """,
    Meaning.maintenance: """
        Maintenance
        Hệ thống đang bảo trì!
        The panel is under maintenance, please try again later
        maintenance_mode
    """,
    Meaning.rate_limit: """
        Rate limit exceeded
        Rate limit exceeded. Slow down.
        Too many requests
        Too many requests. Limit 50/minute.
        RATE_LIMIT_EXCEEDED
        Too Many Attempts.
        error code: 1015
    """,
    Meaning.trouble: """
        Internal server error
        INTERNAL_ERROR
        Unknown error, please try again later
        Something went wrong
        An error occurred while placing the order
        Please try again later.
        SQLSTATE[40001]: Serialization failure
        Connection timed out
        Gateway Time-out
        Error
        fail
        Internal server error: rate limit exceeded
    """,
    Meaning.service: """
        Incorrect service ID
        Invalid Service Id
        Service ID does not exists
        Service not found
        invalid_service
        error.incorrect_service_id
        neworder.error.service_not_found
        neworder.error.service_inactive
        This service is under maintenance
        Refill is disabled for this service
        Dịch vụ này đang bảo trì
    """,
    Meaning.duplicate: """
        You have active order with this link. Please wait until order being completed.
        neworder.error.link_duplicate
        link_duplicate
        An identical order was just placed
        neworder.error.too_many_orders
    """,
    Meaning.link: """
        Bad link
        Invalid link
        neworder.error.link
        neworder.error.invalid_link
        neworder.error.link_not_found
        Link is private
    """,
    Meaning.quantity: """
        Quantity less than minimal 10
        Quantity more than maximum 1000
        Quantity must to be greater than or equal to minimum amount 100
        Quantity out of bounds
        Incorrect quantity
        Please follow the limit
        neworder.error.min_quantity
        neworder.error.max_quantity
    """,
    Meaning.order_id: """
        Incorrect order ID
        Order not found
        Order Not found
        Invalid Order Id
        order_not_found
        error.incorrect_order_id
        Incorrect order IDs
        abc is not a number
        Refill not found
        Incorrect refill ID
        Refill Request Not found
        Not found
    """,
    Meaning.action: """
        Incorrect request
        Incorrect action
        Invalid action
        This action is Invalid
        invalid_action
        Unsupported action.
        The Request Not Found
        Request does not match
    """,
    Meaning.parameter: """
        There are missing required parameters. Please check your API Manual
        Missing required parameter: runs
        comments required
    """,
    Meaning.other: """
        Order not eligible for refill.
        The order is not completed
        Order already completed
        Cancellation via API is not supported. Contact support.
        User not found
        xxxxxxxxxxxx
    """,
}


@pytest.mark.parametrize(("state", "spellings"), ORDER_SPELLINGS.items())
def test_order_states(state: str, spellings: str) -> None:
    assert {word: name_state(word, ORDER_STATES) for word in spellings.split("|")} == dict.fromkeys(
        spellings.split("|"), state
    )


@pytest.mark.parametrize(("state", "spellings"), REFILL_SPELLINGS.items())
def test_refill_states(state: str, spellings: str) -> None:
    assert {name_state(word, REFILL_STATES) for word in spellings.split("|")} == {state}


def test_a_product_order_is_never_processing() -> None:
    assert name_state("Processing", PRODUCT_STATES) == "in_progress"
    assert set(PRODUCT_STATES.values()) == set(ORDER_STATES.values()) - {"processing"}


@pytest.mark.parametrize(
    ("meaning", "text"),
    [(meaning, text.strip()) for meaning, texts in MEANINGS.items() for text in texts.strip().splitlines()],
)
def test_what_an_error_is_about(meaning: Meaning, text: str) -> None:
    assert name_error([text]) is meaning
    assert name_error([text.upper()]) is meaning


REFUSALS = [
    json.loads(line) for line in (Path(__file__).parents[1] / "data" / "refusals.jsonl").read_text().splitlines()
]


@pytest.mark.parametrize(
    ("action", "meaning", "text"),
    [(Action(row.get("action", "add")), Meaning(row["meaning"]), text) for row in REFUSALS for text in row["texts"]],
)
def test_the_table_of_refusals_line_by_line(action: Action, meaning: Meaning, text: str) -> None:
    assert name_error([text], action=action) is meaning
    assert name_error([f"  {text}!"], action=action) is meaning


def test_every_meaning_has_its_texts() -> None:
    listed = {Meaning(row["meaning"]) for row in REFUSALS}
    # What an account itself says has no text of its own here.
    assert {*MEANINGS, *listed} == set(Meaning) - {Meaning.listed}


def test_a_page_of_an_error_is_read_in_no_time() -> None:
    before = time.process_time()
    for words in ("already order ", "active order ", "order placed not ", "link is not ", "wait for 1 ", "a "):
        name_error([words * 1_000], action=Action.add)

    assert time.process_time() - before < 2.0


def test_only_a_paid_call_can_have_made_something() -> None:
    assert name_error(["Order created but not saved"], action=Action.add) is Meaning.made
    assert name_error(["Order created but not saved"], action=Action.services) is not Meaning.made


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Please wait 5 seconds before placing next order", 5),
        ("Try again in 2 minutes", 120),
        ("5 saniye bekleyin", 5),
        ("2 dakika bekleyin", 120),
        ("Подождите 30 сек", 30),
        ("Подождите 3 минуты", 180),
        ("请等待5秒", 5),
        ("Please wait", None),
    ],
)
def test_how_long_a_sentence_says_to_wait(text: str, seconds: float | None) -> None:
    assert read_wait(text) == seconds


def test_all_words_of_a_reply_count() -> None:
    assert name_error(["Please contact us", "", "INTERNAL_ERROR"]) is Meaning.trouble
    assert name_error(["The link was not taken", "insufficient_balance"]) is Meaning.no_funds


def test_the_http_status_decides_where_no_word_does() -> None:
    assert name_error(["Nope"], http_status=401) is Meaning.bad_key
    assert name_error(["Nope"], http_status=402) is Meaning.no_funds
    assert name_error(["Nope"], http_status=429) is Meaning.rate_limit
    assert name_error(["Nope"], http_status=400) is Meaning.other
    assert name_error(["Bad link"], http_status=401) is Meaning.link


def test_an_error_without_a_word_is_trouble() -> None:
    assert name_error([]) is Meaning.trouble
    assert name_error(["", " "]) is Meaning.trouble


@pytest.mark.parametrize(
    ("meaning", "expected"),
    [
        ("refused", Meaning.listed),
        ("unknown", Meaning.trouble),
        ("no_funds", Meaning.no_funds),
        ("rate_limit", Meaning.rate_limit),
        ("bad_key", Meaning.bad_key),
        ("account_off", Meaning.account_off),
        ("maintenance", Meaning.maintenance),
    ],
)
def test_an_accounts_own_words_come_first(meaning: str, expected: Meaning) -> None:
    words = {"internal SERVER-error": meaning}

    assert name_error(["Panel: Internal server error 7"], account_words=words) is expected
    assert name_error(["Bad link"], account_words=words) is Meaning.link


def test_an_accounts_own_state_words() -> None:
    own = {"Tamamlandı": "completed", "Selesai": "completed", "Выполнен": "completed", "İşleniyor": "processing"}
    orders, refills, products = (add_words(known, own) for known in (ORDER_STATES, REFILL_STATES, PRODUCT_STATES))

    for word in ("Tamamlandı", "TAMAMLANDI", "selesai", "ВЫПОЛНЕН"):
        assert [name_state(word, states) for states in (orders, refills, products)] == ["completed"] * 3
    assert name_state("işleniyor", orders) == "processing"
    assert name_state("İŞLENİYOR", refills) == name_state("işleniyor", products) == "in_progress"
    assert name_state("Tamamlandı", ORDER_STATES) == "unknown"
    assert name_state("Completed", orders) == "completed"


def test_an_accounts_own_word_means_what_it_can_mean_there() -> None:
    own = {"Iptal": "canceled", "Hata": "failed", "Red": "rejected"}

    assert name_state("Iptal", add_words(REFILL_STATES, own)) == "rejected"
    assert name_state("Hata", add_words(REFILL_STATES, own)) == "error"
    assert name_state("Red", add_words(ORDER_STATES, own)) == "unknown"
    assert name_state("Iptal", add_words(ORDER_STATES, {**own, "Pending": "completed"})) == "canceled"


def test_words_are_compared_without_regard_to_case_blanks_and_marks() -> None:
    assert fold_word("  IN_Progress. ") == "in progress"
    assert fold_word("Conclui\u0301do") == "concluído"
